"""Programs to download."""

from sqlmodel import Field

from models.columns import row_id
from models.published import Published
from models.texts import Texts, texts


class DownloadTool(Published, table=True):
    """A program, and where it is to be had for each system; empty where it is not."""

    __tablename__ = "download_tool"

    id: int = row_id()
    name: Texts = texts()
    description: Texts = texts()
    icon_url: str = Field(max_length=2008)
    logo_url: str = Field(max_length=2008)
    android_download_url: str = Field(max_length=2008)
    ios_download_url: str = Field(max_length=2008)
    macos_download_url: str = Field(max_length=2008)
    windows_download_url: str = Field(max_length=2008)
    sort_order: int
