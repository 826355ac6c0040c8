"""The contract as it is published: ready-made bytes and the page that shows them."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import orjson
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from contract import documents
from contract.bundling import Bundle

_ASSETS = "/docs/assets"
_PAGE = Path(__file__).resolve().parent / "docs.html"


def published(contract: Bundle) -> dict[str, Response]:
    """Path to the document that is served there."""
    bundles = {"/openapi.json": contract}
    bundles |= {f"/openapi/{name}.json": documents.bundle(name) for name in documents.NAMES}
    return {
        path: Response(
            orjson.dumps(bundle.document),
            media_type="application/json",
            headers={"Access-Control-Allow-Origin": "*"},  # for tools on pages of their own
        )
        for path, bundle in bundles.items()
    }


def docs_page(logins: Mapping[str, str]) -> HTMLResponse:
    """Swagger UI from packaged files. `logins` (security scheme to token) are filled in, so that
    "Try it out" works at once.
    """
    filled = _PAGE.read_text(encoding="utf-8").replace("{LOGINS}", orjson.dumps(logins).decode())
    return HTMLResponse(filled)


class Documented:
    """An application with its documents in front of it."""

    def __init__(self, app: ASGIApp, contract: Bundle, logins: Mapping[str, str]) -> None:
        self.app = app
        self.pages: dict[str, Response] = published(contract)
        self.pages |= {"/docs": docs_page(logins), "/": RedirectResponse("/docs")}
        self.assets = StaticFiles(directory=_swagger_ui())
        self.files = {f"/{file.name}" for file in _swagger_ui().iterdir()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers for the documents itself, else hands on."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path = scope["path"]
            if path in self.pages:
                await self.pages[path](scope, receive, send)
                return
            if path.removeprefix(_ASSETS) in self.files:
                inside = {**scope, "path": path, "root_path": _ASSETS}
                await self.assets(inside, receive, send)
                return
        await self.app(scope, receive, send)


def _swagger_ui() -> Path:
    """The folder of the packaged Swagger UI, whose name carries its version."""
    vendor = Path(str(files("swagger_ui_bundle"))) / "vendor"
    return next(vendor.glob("swagger-ui-*"))
