"""A page uploads a file with the credentials of operation 16, and sees it again."""

import asyncio
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from gateways.upload_target import FILE_BYTES
from mock.uploads import KEPT_BYTES

ETAG = '"5456FC54C74A297CE994998C2873B370"'
TOKEN = {"Authorization": "Bearer mock-client"}


@pytest.fixture
def credentials(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/public/osstoken/get", headers=TOKEN).json()
    return found


def put(client: TestClient, path: str, content: bytes, **headers: str) -> Any:
    kind = {"Content-Type": "image/png", "Origin": "http://localhost:5173"}
    return client.put(path, content=content, headers=kind | headers)


@pytest.mark.parametrize("bucket", ["", "/wlink-uploads"])
def test_an_uploaded_file_comes_back(
    client: TestClient, credentials: dict[str, Any], bucket: str
) -> None:
    assert credentials["bucket_name"] == "wlink-uploads"
    path = f"{bucket}/{credentials['bucket_dir']}passport 1.png"
    token = {"x-oss-security-token": credentials["security_token"]}
    answer = put(client, path, b"picture", **token)
    assert (answer.status_code, answer.headers["etag"]) == (200, ETAG)
    assert "ETag" in answer.headers["access-control-expose-headers"]
    shown = client.get(path)
    assert (shown.content, shown.headers["content-type"]) == (b"picture", "image/png")
    assert shown.headers["content-security-policy"] == "sandbox"
    assert client.head(path).headers["etag"] == answer.headers["etag"]


def test_a_browser_asks_before_it_uploads(client: TestClient) -> None:
    asked = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-oss-security-token, x-oss-date, authorization",
    }
    answer = client.options("/tenant/1/user/3/a.png", headers=asked)
    assert answer.status_code == 200
    assert "PUT" in answer.headers["access-control-allow-methods"]


def test_what_may_not_be_uploaded(client: TestClient, credentials: dict[str, Any]) -> None:
    token = {"x-oss-security-token": credentials["security_token"]}
    folder = credentials["bucket_dir"]
    assert put(client, f"/{folder}a.png", b"a").status_code == 403
    assert put(client, f"/{folder}a.png", b"a" * (FILE_BYTES + 1), **token).status_code == 400
    for path in (
        f"/{folder}",
        f"/{folder}deep/a.png",
        "/tenant/1/user/3/%2E%2E",
        "/a.png",
    ):
        assert put(client, path, b"a", **token).status_code == 404
    assert put(client, "/tenant/2/user/3/a.png", b"a", **token).status_code == 403
    assert client.get(f"/{folder}never.png").status_code == 404
    assert client.delete(f"/{folder}a.png").status_code == 405


def test_only_the_last_files_are_kept(client: TestClient, credentials: dict[str, Any]) -> None:
    token = {"x-oss-security-token": credentials["security_token"]}
    paths = [f"/{credentials['bucket_dir']}{number}.png" for number in range(5)]
    for path in paths:
        assert put(client, path, b"a" * FILE_BYTES, **token).status_code == 200
    statuses = [client.get(path).status_code for path in paths]
    fitting = KEPT_BYTES // FILE_BYTES
    assert statuses == [404] * (5 - fitting) + [200] * fitting


def test_an_upload_that_breaks_off_is_no_file(
    client: TestClient, credentials: dict[str, Any]
) -> None:
    path = f"/{credentials['bucket_dir']}broken.png"
    messages = iter([{"type": "http.request", "body": b"half", "more_body": True}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        pass

    scope = {"type": "http", "method": "PUT", "path": path, "raw_path": path.encode()}
    headers = [(b"x-oss-security-token", b"a")]
    app: Any = client.app
    asyncio.run(app({**scope, "query_string": b"", "headers": headers}, receive, send))
    assert client.get(path).status_code == 404
