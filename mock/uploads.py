"""Where the mock keeps uploaded files: in memory, the last ones."""

from collections import OrderedDict

from gateways.upload_target import File

KEPT_BYTES = 32 * 1024 * 1024
_OWN_FOLDERS = "tenant/1/user/"


class UploadedFiles:
    """Takes files of every user of the mock's broker; any token will do."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, File] = OrderedDict()

    def may_write(self, folder: str, security_token: str) -> bool:
        """See Store."""
        return folder.startswith(_OWN_FOLDERS)

    def put(self, key: str, file: File) -> None:
        """See Store. Older files make room."""
        self._files[key] = file
        self._files.move_to_end(key)
        while sum(len(kept.content) for kept in self._files.values()) > KEPT_BYTES:
            self._files.popitem(last=False)

    def get(self, key: str) -> File | None:
        """See Store."""
        return self._files.get(key)
