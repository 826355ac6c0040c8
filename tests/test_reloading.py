import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract import documents, problems
from contract.errors import ContractError
from mock.world import World
from wlink.mocking import mock_app
from wlink.reloading import Reloading


class Makes:
    """Makes applications that answer with their number; the second contract is broken."""

    def __init__(self) -> None:
        self.count = 0
        self.made = asyncio.Event()

    def __call__(self) -> ASGIApp:
        self.count += 1
        number = self.count
        self.made.set()
        if number == 2:
            raise ContractError("wlink/openapi.yaml:1", "there is no document in it")

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await receive()
            else:
                await send({"number": number})

        return app


async def answer(app: Reloading) -> Any:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await app({"type": "http"}, receive, send)
    return sent[0]["number"]


def test_a_changed_contract_is_served_and_a_broken_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(documents, "folder", lambda: tmp_path)

    async def story() -> list[Any]:
        stop = asyncio.Event()

        async def receive() -> Message:
            await stop.wait()
            return {"type": "lifespan.startup"}

        async def send(message: Message) -> None:
            pytest.fail("the applications of this test say nothing")

        makes = Makes()
        app = Reloading(makes)
        server = asyncio.create_task(app({"type": "lifespan"}, receive, send))
        numbers = [await answer(app)]
        for text in ("broken", "whole"):
            makes.made.clear()
            while not makes.made.is_set():  # the watcher may not look yet at the first change
                (tmp_path / "openapi.yaml").write_text(text + " " * makes.count, encoding="utf-8")
                done, _ = await asyncio.wait({asyncio.create_task(makes.made.wait())}, timeout=0.5)
                assert done is not None
            numbers.append(await answer(app))
        stop.set()
        await server
        return numbers

    numbers = asyncio.run(asyncio.wait_for(story(), 20))
    assert numbers[:2] == [1, 1] and numbers[2] >= 3
    told = capsys.readouterr()
    assert "there is no document in it; the contract before it is still served" in told.err
    assert "read anew" in told.out


def test_everything_of_the_contract_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "openapi"
    shutil.copytree(documents.folder(), copied)
    for module in (documents, problems):
        monkeypatch.setattr(module, "folder", lambda: copied)

    def replace(file: str, old: str, new: str) -> None:
        path = copied / file
        path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")

    try:
        app = Reloading(lambda: mock_app(World()))
        replace("wlink/openapi.yaml", "title: wlink", "title: wlink, changed")
        replace("problems.zh-CN.yaml", "title: 未找到", "title: 没有找到")
        with TestClient(app) as client:
            assert client.get("/openapi.json").json()["info"]["title"] == "wlink"
            assert client.get("/nowhere").json()["title"] == "未找到"
            assert client.portal
            client.portal.call(app.renew)
            assert client.get("/openapi.json").json()["info"]["title"] == "wlink, changed"
            assert client.get("/nowhere").json()["title"] == "没有找到"
            replace("wlink/common.yaml", "examples:\n", "examples: {\n")
            replace("problems.zh-CN.yaml", "VALIDATION_ERROR", "#")
            client.portal.call(app.renew)
            assert client.get("/nowhere").json()["title"] == "没有找到"
            (copied / "problems.zh-CN.yaml").write_text("", encoding="utf-8")
            client.portal.call(app.renew)
            assert client.get("/nowhere").json()["title"] == "没有找到"
    finally:
        monkeypatch.undo()
        documents.forget()
        problems.read_catalogue()
