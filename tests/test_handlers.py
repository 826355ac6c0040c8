"""Handlers and the contract: the same names on both sides."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from connexion.decorators.parameter import pythonic

from contract.bundling import Bundle
from contract.errors import ContractError
from contract.operations import Operation, lookup, operations
from handlers import planned
from handlers.planned import PLANNED
from tests.conftest import whole_contract
from tests.server import Server
from wlink import resolver as resolving
from wlink.calls import GIVEN
from wlink.resolver import resolver

Json = Any

ROOT = Path(__file__).parent.parent
OPERATIONS = operations(whole_contract().document)
BUILT = sorted(OPERATIONS.keys() - PLANNED)
# They wait for somebody or something outside, or hash a password, between two transactions.
CALL_OUTSIDE = {
    *("login", "change_password", "reset_password", "verify_tencent_captcha"),
    *("get_trading_account", "list_account_balances", "create_deposit_draft"),
}
# They count that a code was tried before they do what it is for: in one transaction the refusal of
# an order would undo that, too. Nobody is waited for in between.
COUNT_TRIES = {"create_transfer", "create_withdrawal"}
# They need a login, but tell every client of a broker the same.
THE_SAME_FOR_EVERYBODY = {
    *("list_crypto_networks", "get_exchange_rate"),
    *("list_exchange_rates", "list_account_types", "list_trading_platforms"),
}


def handler(operation: Operation) -> Any:
    return getattr(import_module(f"handlers.{operation.tag}"), operation.operation_id)


def arguments(name: str) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(handler(OPERATIONS[name])).parameters)


def test_planned_operations_are_operations() -> None:
    assert OPERATIONS.keys() > PLANNED


@pytest.mark.parametrize("name", BUILT)
def test_a_handler_takes_what_its_operation_brings(name: str) -> None:
    operation = OPERATIONS[name]
    body = lookup(whole_contract().document, operation.body or {})
    fields = {pythonic(field): field for field in body.get("properties", {})}
    needed = {pythonic(field) for field in body.get("required", [])}
    for parameter in operation.parameters:
        fields[pythonic(parameter["name"])] = parameter["name"]
        needed |= {pythonic(parameter["name"])} if parameter["required"] else set()
    taken = {each: one for each, one in arguments(name).items() if each in fields}
    assert arguments(name).keys() <= {*fields, *GIVEN, "session", "reading"}
    optional = {each for each, one in taken.items() if one.default is not one.empty}
    assert optional == taken.keys() - needed
    # Recorded only, replaced by what we see ourselves, or read for all operations in one place.
    unused = {"received_at", "user_ip", "x_language", "idempotency_key"} & fields.keys()
    assert fields.keys() - taken.keys() == unused


@pytest.mark.parametrize("name", BUILT)
def test_a_handler_that_answers_for_a_caller_takes_him_from_the_guard(name: str) -> None:
    optional = {} in OPERATIONS[name].definition["security"]
    asked = arguments(name)
    taken = asked.get("caller", asked.get("payees"))  # payees are those of the caller
    needed = bool(OPERATIONS[name].schemes) and name not in THE_SAME_FOR_EVERYBODY
    assert (taken is not None) == needed
    if taken is not None:
        assert ("None" in str(taken.annotation)) == optional


def test_only_those_that_wait_or_count_tries_open_transactions_of_their_own() -> None:
    opening = {name for name in BUILT if "transaction" in arguments(name)}
    assert opening == CALL_OUTSIDE | COUNT_TRIES


def calls(path: Path) -> Iterator[str]:
    yield from names(path)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr


def names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Name):
            yield node.id


@pytest.mark.parametrize("path", sorted((ROOT / "handlers").glob("*.py")), ids=lambda p: p.name)
def test_handlers_neither_commit_nor_write_sql_nor_catch_everything(path: Path) -> None:
    forbidden = {"commit", "rollback", "__table__", "float", "print"}
    assert not forbidden & set(calls(path))
    assert "text" not in set(names(path))  # SQLAlchemy's; an amount of money has one, too


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda patch: patch.setattr(resolving, "PLANNED", PLANNED | {"login"}), "is planned, but"),
        (
            lambda patch: patch.setattr(resolving, "PLANNED", PLANNED - {"get_client"}),
            "no handler",
        ),
        (
            lambda patch: patch.setattr("handlers.auth.logout", lambda session, colour: {}),
            "takes colour",
        ),
        (
            lambda patch: patch.setattr("handlers.auth.logout", lambda session, transaction: {}),
            "both session and transaction",
        ),
        (
            lambda patch: patch.setitem(GIVEN, "password", lambda call: ""),
            "password, of which there are two",
        ),
        (
            lambda patch: patch.setattr("handlers.auth.login", lambda password, captcha_token: {}),
            "captcha_token",
        ),
    ],
    ids=[
        "planned and built",
        "neither",
        "unknown argument",
        "two transactions",
        "two of one name",
        "no default",
    ],
)
def test_what_does_not_fit_stops_the_start(
    server: Server, contract: Bundle, monkeypatch: pytest.MonkeyPatch, change: Any, told: str
) -> None:
    change(monkeypatch)
    with pytest.raises(ContractError, match=told):
        resolver(contract, server.services)
    assert planned.PLANNED is PLANNED
