import gc
import logging
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog
import yaml
from starlette.testclient import TestClient

from contract.bundling import Bundle
from contract.documents import merged
from contract.operations import Operation, lookup, operations
from mock.answers import Answers
from mock.personas import CLIENT, PARTNER, PERSONAS, Persona
from mock.world import World
from tests.server import DATABASES, Broker, Server
from tests.shared_servers import SharedServers
from wlink.logs import configure_logs
from wlink.mocking import mock_app

Json = Any


@cache
def whole_contract() -> Bundle:
    """The contract, read once; for Hypothesis, which takes no fixtures of a session."""
    return merged()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage would take seconds."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def contract() -> Bundle:
    return whole_contract()


@pytest.fixture(scope="session")
def documented() -> dict[str, Json]:
    path = Path(__file__).parent / "data" / "documented.yaml"
    facts: dict[str, Json] = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    return facts


@pytest.fixture(scope="session")
def all_operations(contract: Bundle) -> dict[str, Operation]:
    return operations(contract.document)


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """The mock as a frontend developer meets it, in the default world."""
    with TestClient(mock_app(World()), follow_redirects=False) as test_client:
        yield test_client


@pytest.fixture(scope="session")
def answers(contract: Bundle) -> Answers:
    return Answers(contract, World())


@pytest.fixture(scope="session")
def shared_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServers]:
    servers = SharedServers(lambda: tmp_path_factory.mktemp("server"))
    yield servers
    servers.stop()


@pytest.fixture(scope="module", params=DATABASES)
def server(request: pytest.FixtureRequest, shared_servers: SharedServers) -> Server:
    """The real server, once on each database."""
    return shared_servers.on(request.param)


@pytest.fixture
def broker(server: Server) -> Iterator[Broker]:
    """A tenant that nobody else has used."""
    found = server.broker()
    yield found
    found.leave()


@pytest.fixture
def logs() -> Iterator[StringIO]:
    """What is logged meanwhile."""
    root, output = logging.getLogger(), StringIO()
    handlers, level = root.handlers, root.level
    configure_logs(output)
    yield output
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def caller_of(operation: Operation) -> Persona:
    """Somebody who may call the operation."""
    if operation.document == "lwork":
        return PARTNER
    by_name = {persona.name: persona for persona in PERSONAS}
    return by_name["mock-ib"] if "ib" in operation.schemes else CLIENT


def usual_query(operation: Operation) -> dict[str, Json]:
    """The examples of the parameters that the operation cannot do without."""
    return {
        parameter["name"]: parameter["example"]
        for parameter in operation.parameters
        if "example" in parameter and parameter["in"] in ("query", "path")
    }


def body(answers: Answers, name: str, language: str = "en", **sent: Json) -> bytes:
    """The answer to an operation, called as usual, with some values changed."""
    operation = answers.operations[name]
    values = usual_query(operation) | sent
    return answers.body(name, language, caller_of(operation), "client", values)


def answer(answers: Answers, name: str, language: str = "en", **sent: Json) -> Json:
    """The same, read."""
    return orjson.loads(body(answers, name, language, **sent))


def request_example(operation: Operation, contract: Bundle) -> Json:
    """The example body of the operation."""
    media = operation.definition["requestBody"]["content"]["application/json"]
    return lookup(contract.document, media["examples"]["request"])["value"]
