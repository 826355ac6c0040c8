"""What an operator writes to publish something. Texts and addresses of pictures are by language."""

from typing import Self

from pydantic import Field, model_validator

from backoffice.fields import (
    Address,
    Form,
    Html,
    LanguageTag,
    Moment,
    Name,
    Paragraph,
    Portals,
    Title,
    Url,
)


class PublishedForm(Form):
    """Where it is to be seen, and from when until when; without a moment, always."""

    portals: Portals
    starts_at: Moment | None = None
    ends_at: Moment | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be later than starts_at")
        return self


class PlacementForm(PublishedForm):
    """An advertisement."""

    title: dict[LanguageTag, Title]
    image_url: dict[LanguageTag, Url]
    redirect_url: dict[LanguageTag, Url] = Field(default={})


class PopupForm(PublishedForm):
    """A popup. One that must not be closed comes again and again until it is withdrawn."""

    title: dict[LanguageTag, Title]
    content: dict[LanguageTag, Html]
    allow_close: bool = True


class DownloadToolForm(PublishedForm):
    """A program to download."""

    name: dict[LanguageTag, Name]
    description: dict[LanguageTag, Paragraph] = Field(default={})
    icon_url: Url = ""
    logo_url: Url = ""
    android_download_url: Url = ""
    ios_download_url: Url = ""
    macos_download_url: Url = ""
    windows_download_url: Url = ""
    sort_order: int = Field(default=0, ge=0, le=1_000_000)


class TradingToolTextForm(Form):
    """A tool column in one language; without popup texts there is nothing to confirm."""

    title: Name
    iframe_link: Address
    popup_title: Title = ""
    popup_content: Html = ""


class TradingToolForm(PublishedForm):
    """A tool column; `name` is what operators call it."""

    name: Name
    texts: dict[LanguageTag, TradingToolTextForm]
