"""Credentials and addresses of files."""

from mock.fields.facts import LETTERS, Facts, secret
from mock.files import download, picture

UPLOADS: Facts = {
    "access_key_id": lambda r: "STS." + r.draw.text("access_key", 22, LETTERS),
    **dict.fromkeys(("access_key_secret",), secret("secret", 44)),
    "security_token": secret("security_token", 64),
    "bucket_dir": lambda r: f"tenant/1/user/{r.user_id}/",
    "bucket_name": lambda r: "wlink-uploads",
    "bucket_region": lambda r: "oss-ap-southeast-1",
    "download_url": download,
    "avatar": lambda r: picture(r, "avatar"),
}
