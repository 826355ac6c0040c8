"""Where clients put their files: the port, and a folder as default."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol
from urllib.parse import unquote, urlsplit

from contract.problems import Problem
from gateways.secret_box import SecretBox
from gateways.upload_target import KEY, File, NoRoomError

LIFE = timedelta(minutes=15)
_PURPOSE = "upload"
# For each user.
_FILES = 50
_BYTES = 200 * 1024 * 1024


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

    def key_of(self, url: str, folder: str) -> str:
        """The key of a file that lies in this folder, by its address. Raises Problem
        FILE_URL_FOREIGN if there is none.
        """


def own_folder(tenant_id: int, user_id: int) -> str:
    """The only place where a user's files may lie."""
    return f"tenant/{tenant_id}/user/{user_id}/"


@dataclass(frozen=True)
class FolderStorage:
    """Keeps files beneath `root`; the security token is signed by ourselves, and so it takes the
    uploads, too (see upload_target.py).
    """

    root: Path
    box: SecretBox
    clock: Callable[[], datetime]

    def issue_upload(self, folder: str, now: datetime) -> UploadGrant:
        """See StoragePort."""
        try:
            (self.root / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Problem("STORAGE_UNAVAILABLE") from error
        expires_at = (now + LIFE).astimezone(UTC).replace(microsecond=0)
        moment = str(int(expires_at.timestamp()))
        return UploadGrant(
            access_key_id="embedded",
            access_key_secret=self.box.signature(_PURPOSE, "secret", folder, moment),
            security_token=f"{moment}.{self._signature(folder, moment)}",
            bucket_name="wlink-uploads",
            bucket_region="embedded",
            folder=folder,
            expires_at=expires_at,
        )

    def may_write(self, folder: str, security_token: str) -> bool:
        """Whether we have signed the token for this folder, a short time ago."""
        moment, _, signature = security_token.partition(".")
        signed = compare_digest(signature.encode(), self._signature(folder, moment).encode())
        return signed and self.clock().timestamp() < int(moment)

    def put(self, key: str, file: File) -> None:
        """Keeps a file: the whole of it, or nothing. Raises NoRoomError or OSError."""
        place = self.root / key
        kept = [path.stat().st_size for path in place.parent.iterdir()]
        if len(kept) >= _FILES or sum(kept) + len(file.content) > _BYTES:
            raise NoRoomError
        with NamedTemporaryFile(dir=self.root, delete=False) as written:
            try:
                written.write(file.content)
                written.flush()
                Path(written.name).replace(place)
            finally:
                Path(written.name).unlink(missing_ok=True)

    def key_of(self, url: str, folder: str) -> str:
        """See StoragePort. Whose host the address names does not matter: it is never fetched."""
        found = KEY.fullmatch(unquote(urlsplit(url).path))
        if found is None or found["folder"] != folder:
            raise Problem("FILE_URL_FOREIGN")
        key = folder + found["name"]
        if not (self.root / key).is_file():
            raise Problem("FILE_URL_FOREIGN")
        return key

    def content(self, key: str) -> bytes:
        """A file for an operator. Raises OSError."""
        return (self.root / key).read_bytes()

    def get(self, key: str) -> File | None:
        """Nobody may have a file by its address alone: it may be a passport."""
        return None

    def _signature(self, folder: str, moment: str) -> str:
        return self.box.signature(_PURPOSE, "token", folder, moment)
