"""Where clients put their files: the port, and a folder as default."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from contract.problems import Problem
from gateways.secret_box import SecretBox

LIFE = timedelta(minutes=15)
_PURPOSE = "upload"


@dataclass(frozen=True)
class UploadGrant:
    """What an upload client needs (wlink 16). `folder` ends in a slash; nowhere else may be
    written.
    """

    access_key_id: str
    access_key_secret: str
    security_token: str
    bucket_name: str
    bucket_region: str
    folder: str
    expires_at: datetime


class StoragePort(Protocol):
    """An object store that hands out keys good for a short time and one folder."""

    def issue_upload(self, folder: str, now: datetime) -> UploadGrant:
        """Raises Problem STORAGE_UNAVAILABLE."""


def own_folder(tenant_id: int, user_id: int) -> str:
    """The only place where a user's files may lie."""
    return f"tenant/{tenant_id}/user/{user_id}/"


@dataclass(frozen=True)
class FolderStorage:
    """Keeps files beneath `root`; the security token is signed by ourselves."""

    root: Path
    box: SecretBox

    def issue_upload(self, folder: str, now: datetime) -> UploadGrant:
        """See StoragePort."""
        try:
            (self.root / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Problem("STORAGE_UNAVAILABLE") from error
        expires_at = (now + LIFE).astimezone(UTC).replace(microsecond=0)
        moment = int(expires_at.timestamp())
        return UploadGrant(
            access_key_id="embedded",
            access_key_secret=self.box.signature(_PURPOSE, "secret", folder, moment),
            security_token=f"{moment}.{self.box.signature(_PURPOSE, 'token', folder, moment)}",
            bucket_name="wlink-uploads",
            bucket_region="embedded",
            folder=folder,
            expires_at=expires_at,
        )
