"""The command line, run the way a user runs it."""

import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import takewhile
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from wlink.serving import opened

ROOT = Path(__file__).parent.parent
ROOMS = (
    *("contract", "models", "ledger", "simulator", "gateways", "trading", "cashier"),
    *("dispatch", "handlers", "backoffice", "mock"),
    *("migrations", "openapi", "wlink"),
)


def wlink(*arguments: str, rooms: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from wlink.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        cwd=rooms,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(rooms), "COLUMNS": "200"},
    )


def is_one_line(run: subprocess.CompletedProcess[str]) -> bool:
    return run.stdout == "" and run.stderr.startswith("wlink: ") and run.stderr.count("\n") == 1


def test_the_version_is_that_of_the_package() -> None:
    run = wlink("--version")
    assert (run.returncode, run.stdout) == (0, "wlink 0.1.0\n")


def test_a_document_is_bundled_to_a_file_and_to_the_screen(tmp_path: Path) -> None:
    file = tmp_path / "lwork.json"
    assert wlink("spec", "bundle", "--document", "lwork", "--output", str(file)).returncode == 0
    assert len(json.loads(file.read_text())["paths"]) == 15
    assert len(json.loads(wlink("spec", "bundle").stdout)["paths"]) == 127


def test_a_sound_contract_is_called_sound() -> None:
    run = wlink("spec", "check")
    assert run.returncode == 0 and "127 paths" in run.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("mock", "--source", "cloud"), "--source"),
        (("mock", "--port", "none"), "--port"),
        (("mock", "--validate", "loosely"), "--validate"),
        (("mock", "--port", "70000"), "--port"),
        (("mock", "--seed", "x"), "--seed"),
        (("mock", "--now", "yesterday"), "--now"),
        (("mock", "--now", "1969-12-31"), "between 1990 and 2099"),
        (("mock", "--now", "9999-12-31T23:59:59Z"), "between 1990 and 2099"),
        (("mock", "--host", ""), "cannot listen"),
        (("mock", "--host", "203.0.113.77"), "cannot listen"),
        (("spec", "bundle", "--output", "/nowhere/at/all.json"), "/nowhere/at/all.json"),
        (("mock", "--locale", "xx_YY"), "'xx_YY' is no locale"),
        (("mock", "--colour"), "--colour"),
        (("mick",), "mick"),
        (("spec", "bundle", "--document", "other"), "--document"),
    ],
)
def test_a_wrong_word_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], complaint: str
) -> None:
    run = wlink(*arguments)
    assert run.returncode == 2
    assert is_one_line(run), run.stderr
    assert complaint in run.stderr


def test_a_port_in_use_is_one_line_and_exit_code_2() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        run = wlink("mock", "--port", str(other.getsockname()[1]))
    assert run.returncode == 2
    assert is_one_line(run) and "in use" in run.stderr


def test_the_mock_starts_as_it_is_told_and_says_so() -> None:
    port = _free_port()
    options = f"--port {port} --seed 5 --now 2026-06-01T16:00:00+08:00 --locale de_DE".split()
    with (
        subprocess.Popen(
            [sys.executable, "-c", "from wlink.cli import main; main()", "mock", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        ) as process,
        ExitStack() as stack,
    ):
        # A test that fails here must not leave the server running, and wait for it.
        stack.callback(process.kill)
        assert process.stdout and process.stderr
        banner = "".join(takewhile(lambda line: line.strip(), process.stdout))
        assert f"http://127.0.0.1:{port}/docs" in banner
        assert "Seed 5, clock 2026-06-01T08:00:00Z, people from de_DE" in banner
        request = Request(
            f"http://127.0.0.1:{port}/v1/client/message/list?page=1&size=1",
            headers={"Authorization": "Bearer mock-client"},
        )
        with urlopen(request, timeout=30) as answer:
            (row,) = json.load(answer)["list"]
        assert "2026-06-01 10:00:00" <= row["created_at"] <= "2026-06-01 16:00:00"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) in (0, 130)
        assert process.stderr.read() == ""


def test_small_answers_are_sent_at_once() -> None:
    with opened("127.0.0.1", _free_port()) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # else asyncio leaves Nagle's algorithm on


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    """The product in a folder of its own, to be broken there."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room)
    return tmp_path


def edited(file: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def edit(openapi: Path) -> None:
        path = openapi / file
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, encoding="utf-8")

    return edit


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    return edited(file, lambda text: text.replace(old, new, 1))


BREAKS = {
    "no operationId": (
        replaced("wlink/paths/auth.yaml", "    operationId: login\n", ""),
        "wlink/paths/auth.yaml:",
        "POST /v1/auth/account/login has no operationId",
    ),
    "an operationId twice": (
        replaced("wlink/paths/auth.yaml", "operationId: logout", "operationId: login"),
        "wlink/paths/auth.yaml:",
        "another operation is called login, too",
    ),
    "no security": (
        replaced("wlink/paths/deposits.yaml", "    security: [{client: []}]\n", ""),
        "wlink/paths/deposits.yaml:",
        "has no security",
    ),
    "an unknown keyword of a schema": (
        replaced("wlink/schemas/deposits.yaml", "maxLength", "maxLenght"),
        "wlink/schemas/deposits.yaml:",
        "unknown keyword maxLenght",
    ),
    "an unknown keyword of an operation": (
        replaced("lwork/paths/users.yaml", "    summary:", "    sumary:"),
        "lwork/paths/users.yaml:",
        "unknown keyword sumary",
    ),
    "an example that breaks its schema": (
        replaced("wlink/examples/deposits.yaml", "status: cancelled", "status: lost"),
        "wlink/examples/deposits.yaml:",
        "the example breaks the schema at status: enum",
    ),
    "a reference into nothing": (
        replaced("wlink/paths/deposits.yaml", "#/DemoDeposit'", "#/DemoDeposits'"),
        "wlink/paths/deposits.yaml:",
        "leads nowhere",
    ),
    "a missing file": (
        replaced("wlink/openapi.yaml", "paths/uploads.yaml", "paths/upload.yaml"),
        "wlink/paths/upload.yaml",
        "there is no such file",
    ),
    "a key twice": (
        replaced("wlink/schemas/auth.yaml", "  type: object\n", "  type: object\n  type: object\n"),
        "wlink/schemas/auth.yaml:",
        "the key type is given twice",
    ),
    "no YAML": (
        replaced("wlink/schemas/auth.yaml", "properties:", "properties: {"),
        "wlink/schemas/auth.yaml:",
        "did not find expected",
    ),
    "a control character": (
        replaced("wlink/schemas/auth.yaml", "description:", "description: \x07"),
        "wlink/schemas/auth.yaml",
        "no YAML",
    ),
    "a key of several words": (
        replaced("wlink/schemas/auth.yaml", "  type: object", "  ? [a, b]\n  : object"),
        "wlink/schemas/auth.yaml:",
        "a key is one word",
    ),
    "an empty document": (
        edited("lwork/openapi.yaml", lambda text: ""),
        "lwork/openapi.yaml",
        "there is no document in it",
    ),
    "a status for everything": (
        replaced("wlink/paths/uploads.yaml", "'429':", "default:"),
        "wlink/paths/uploads.yaml:",
        "default is no status",
    ),
    "an answer without examples": (
        replaced(
            "wlink/paths/uploads.yaml",
            "            examples: {success: {$ref: '../examples/uploads.yaml#/"
            "issue_upload_credentials'}}\n",
            "",
        ),
        "wlink/paths/uploads.yaml:",
        "it needs a schema and examples",
    ),
    "an operation without a tag": (
        replaced("wlink/paths/uploads.yaml", "tags: [uploads]", "tags: []"),
        "wlink/paths/uploads.yaml:",
        "has no tags",
    ),
    "a security scheme that is not there": (
        replaced("wlink/paths/uploads.yaml", "[{user: []}]", "[{users: []}]"),
        "wlink/paths/uploads.yaml:",
        "there is no security scheme users",
    ),
    "a default that breaks its schema": (
        replaced("wlink/common.yaml", "    default: 20", "    default: 201"),
        "wlink/common.yaml:",
        "breaks the schema",
    ),
    "a pattern that is none": (
        replaced("wlink/common.yaml", "'^[A-Z]{2}$'", "'^[A-Z{2}$'"),
        "wlink/common.yaml:",
        "CountryCode is no schema",
    ),
    "a type that is none": (
        replaced("wlink/schemas/deposits.yaml", "type: string", "type: strin"),
        "wlink/schemas/deposits.yaml:",
        "is no schema",
    ),
    "a problem that is in no catalogue": (
        replaced("wlink/paths/auth.yaml", "BAD_CREDENTIALS", "BAD_LUCK"),
        "wlink/paths/auth.yaml:",
        "BAD_LUCK is not in the catalogue",
    ),
    "a status that no problem has": (
        replaced(
            "wlink/paths/uploads.yaml",
            "responses:\n",
            "responses:\n      '404': {$ref: '../common.yaml#/responses/NotFound'}\n",
        ),
        "wlink/paths/uploads.yaml:",
        "status 404 does not follow from x-problems",
    ),
    "a status without quotes": (
        replaced("wlink/paths/uploads.yaml", "'200':", "200:"),
        "wlink/paths/uploads.yaml:",
        "the key 200 needs quotes",
    ),
    "a login that is never looked at": (
        replaced("wlink/paths/verification.yaml", "[{user: []}, {}]", "[{}, {user: []}]"),
        "wlink/paths/verification.yaml:",
        "nothing is looked at behind {}",
    ),
    "two security schemes in one header": (
        replaced("wlink/paths/uploads.yaml", "[{user: []}]", "[{client: []}, {ib: []}]"),
        "wlink/paths/uploads.yaml:",
        "two security schemes read one header",
    ),
    "an unknown format": (
        replaced("wlink/common.yaml", "format: decimal", "format: decimals"),
        "wlink/common.yaml:",
        "unknown format decimals",
    ),
    "nothing but nullable": (
        replaced("wlink/common.yaml", "    type: string\n", "    nullable: true\n"),
        "wlink/common.yaml:",
        "nullable stands beside a type",
    ),
    "a default of a parameter that breaks its schema": (
        replaced(
            "wlink/common.yaml", "maxLength: 64, default: zh-CN", "maxLength: 4, default: zh-CN"
        ),
        "wlink/common.yaml:",
        "breaks the schema",
    ),
    "a parameter in a cookie": (
        replaced("wlink/paths/trading_accounts.yaml", "in: query", "in: cookie"),
        "wlink/paths/trading_accounts.yaml:",
        "there are no parameters in cookie",
    ),
    "a parameter of type number": (
        replaced("wlink/paths/trading_accounts.yaml", "type: boolean", "type: number"),
        "wlink/paths/trading_accounts.yaml:",
        "no parameter can be of this type",
    ),
    "a style of parameters that nobody reads": (
        replaced("wlink/paths/trading_accounts.yaml", "explode: true", "explode: false"),
        "wlink/paths/trading_accounts.yaml:",
        "only the style form, exploded, is known",
    ),
    "a body that may be left out": (
        replaced("wlink/paths/auth.yaml", "      required: true\n", ""),
        "wlink/paths/auth.yaml:",
        "a body that may be left out is not known",
    ),
    "a body that is no JSON": (
        replaced("wlink/paths/auth.yaml", "        application/json:", "        text/plain:"),
        "wlink/paths/auth.yaml:",
        "only bodies of application/json are known",
    ),
    "a code without a translation": (
        replaced("problems.zh-CN.yaml", "\nNOT_FOUND:", "\nNOT_FOUNT:"),
        "problems.zh-CN.yaml",
        "NOT_FOUND has no title or no detail",
    ),
    "a path parameter that is not declared": (
        replaced("lwork/openapi.yaml", "{phoneNo}", "{phone}"),
        "lwork/paths/users.yaml:",
        "the path parameters are not those of",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_contract_is_one_line_with_file_and_place(rooms: Path, name: str) -> None:
    break_it, place, fault = BREAKS[name]
    break_it(rooms / "openapi")
    run = wlink("spec", "check", rooms=rooms)
    assert run.returncode == 1
    assert is_one_line(run), run.stderr
    assert f"openapi/{place}" in run.stderr
    assert fault in run.stderr


@pytest.mark.parametrize("name", ["no operationId", "an unknown topic"])
def test_a_broken_contract_stops_the_mock(rooms: Path, name: str) -> None:
    topic = replaced("wlink/schemas/messages.yaml", "message.title", "massage.title")
    break_it = topic if name == "an unknown topic" else BREAKS[name][0]
    break_it(rooms / "openapi")
    run = wlink("mock", "--port", str(_free_port()), rooms=rooms)
    assert run.returncode == 1
    assert is_one_line(run), run.stderr
