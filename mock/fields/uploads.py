"""Credentials and addresses of files."""

from mock.fields.facts import LETTERS, Fact, Facts, constant, each, secret
from mock.files import download, picture, program, upload


def _uploaded(name: str) -> Fact:
    return lambda record: upload(record, name)


UPLOADS: Facts = {
    "access_key_id": lambda r: "STS." + r.draw.text("access_key", 22, LETTERS),
    "access_key_secret": secret("secret", 44),
    "security_token": secret("security_token", 64),
    "bucket_dir": lambda r: f"tenant/1/user/{r.user_id}/",
    "download_url": download,
    "avatar": lambda r: picture(r, "avatar"),
    "QRCodeURL": lambda r: picture(r, "qr-code"),
    "android_download_url": lambda r: program(r, "android", ".apk"),
    "ios_download_url": lambda r: program(r, "ios", ".ipa"),
    "macos_download_url": lambda r: program(r, "macos", ".dmg"),
    "windows_download_url": lambda r: program(r, "windows", ".exe"),
    **{name: _uploaded(name) for name in "addressFile1 bankCardFile1 idUrl1 idUrl2".split()},
    **each("addressFile2 bankCardFile2", constant(None)),
}
