"""Credentials for uploading files."""

from datetime import datetime
from typing import Any

from gateways.storage import StoragePort, own_folder
from models.tenant import Site
from models.user import Caller

Json = Any


def issue_upload_credentials(
    *, caller: Caller, site: Site, now: datetime, storage: StoragePort
) -> Json:
    """Credentials for the caller's own folder and nothing else (wlink 16)."""
    grant = storage.issue_upload(own_folder(site.tenant_id, caller.user_id), now)
    return {
        "access_key_id": grant.access_key_id,
        "access_key_secret": grant.access_key_secret,
        "security_token": grant.security_token,
        "bucket_name": grant.bucket_name,
        "bucket_region": grant.bucket_region,
        "bucket_dir": grant.folder,
        "expiration": f"{grant.expires_at:%Y-%m-%dT%H:%M:%SZ}",
    }
