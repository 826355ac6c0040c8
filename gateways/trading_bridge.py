"""A trading server behind a bridge that speaks the protocol of docs/trading-bridge.md."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from gateways.trading import (
    BATCH,
    COMMENT_LENGTH,
    Deal,
    DealKind,
    Figures,
    Order,
    Page,
    PasswordKind,
    Symbol,
)
from gateways.trading_answers import is_login, record, records, require
from gateways.trading_line import Line

Json = Any
Item = TypeVar("Item", Deal, Order)

_MOST_PLACES = 8
_CURSOR_LENGTH = 100


@dataclass(frozen=True)
class TradingBridge:
    """See TradingPort."""

    line: Line

    def ping(self) -> None:
        """See TradingPort."""
        self.line.ask(lambda answer: require(isinstance(answer.get("server"), str)), "")

    def open_account(
        self,
        *,
        group: str,
        name: str,
        leverage: int,
        password: str,
        observe_password: str,
        currency: str,
        key: str,
    ) -> str:
        """See TradingPort."""
        wanted = {
            "group": group,
            "name": name,
            "leverage": leverage,
            "password": password,
            "observe_password": observe_password,
            "currency": currency,
            "key": _comment(key),
        }

        def login(answer: Json) -> str:
            require(answer.get("key") == key and is_login(answer.get("login")))
            return str(answer["login"])

        return self.line.tell(login, "/accounts", json=wanted)

    def find_login(self, key: str) -> str | None:
        """See TradingPort."""

        def first(answer: Json) -> str | None:
            logins = answer.get("logins")
            require(answer.get("key") == key and isinstance(logins, list))
            require(all(is_login(login) for login in logins))
            return logins[0] if logins else None

        return self.line.ask(first, "/accounts", params={"key": _comment(key)})

    def set_leverage(self, login: str, leverage: int) -> None:
        """See TradingPort."""
        self._set(login, "leverage", {"leverage": leverage})

    def set_password(self, login: str, kind: PasswordKind, password: str) -> None:
        """See TradingPort."""
        self._set(login, "password", {"kind": kind, "password": password})

    def set_enabled(self, login: str, is_enabled: bool) -> None:
        """See TradingPort."""
        self._set(login, "enabled", {"is_enabled": is_enabled})

    def _set(self, login: str, name: str, wanted: Json) -> None:
        def check(answer: Json) -> None:
            require(answer.get("login") == login)

        self.line.tell(check, f"{_account(login)}/{name}", method="PUT", json=wanted)

    def account(self, login: str) -> Figures:
        """See TradingPort."""

        def figures(answer: Json) -> Figures:
            require(answer.get("login") == login)
            return record(Figures, answer)

        return self.line.ask(figures, _account(login))

    def accounts(self, logins: list[str]) -> list[Figures]:
        """See TradingPort."""
        if len(logins) > BATCH:
            raise ValueError(f"more than {BATCH} accounts")
        for login in logins:
            _require_login(login)
        if not logins:
            return []

        def figures(answer: Json) -> list[Figures]:
            found = records(Figures, answer.get("accounts"))
            told = [each.login for each in found]
            require(len(told) == len(set(told)) and set(told) <= set(logins))
            return found

        return self.line.ask(figures, "/accounts/figures", method="POST", json={"logins": logins})

    def balance_operation(self, login: str, amount: Decimal, comment: str) -> int:
        """See TradingPort."""
        wanted = {"amount": _exact(amount), "comment": _comment(comment)}

        def ticket(answer: Json) -> int:
            require((answer.get("login"), answer.get("comment")) == (login, comment))
            done = record(_Done, answer)
            require(done.amount == amount)
            return done.ticket

        return self.line.tell(ticket, f"{_account(login)}/operations", json=wanted)

    def find_balance_operations(self, login: str, comment: str) -> list[Deal]:
        """See TradingPort."""

        def found(answer: Json) -> list[Deal]:
            require((answer.get("login"), answer.get("comment")) == (login, comment))
            deals = records(Deal, answer.get("deals"))
            wanted = (login, comment, DealKind.BALANCE)
            require(all((deal.login, deal.comment, deal.kind) == wanted for deal in deals))
            return deals

        asked = {"comment": _comment(comment)}
        return self.line.ask(found, f"{_account(login)}/operations", params=asked)

    def deals(self, cursor: str = "", login: str = "") -> Page[Deal]:
        """See TradingPort."""

        def page(answer: Json) -> Page[Deal]:
            return _page(answer, _of_login(records(Deal, answer.get("deals")), login))

        return self.line.ask(page, "/deals", params={"cursor": cursor, "login": login})

    def positions(self, login: str) -> list[Order]:
        """See TradingPort."""
        return self._orders("/positions", login)

    def pendings(self, login: str) -> list[Order]:
        """See TradingPort."""
        return self._orders("/pendings", login)

    def _orders(self, path: str, login: str) -> list[Order]:
        def orders(answer: Json) -> list[Order]:
            return _of_login(records(Order, answer.get("orders")), login)

        return self.line.ask(orders, path, params={"login": login})

    def closed(self, cursor: str = "", login: str = "") -> Page[Order]:
        """See TradingPort."""

        def page(answer: Json) -> Page[Order]:
            orders = _of_login(records(Order, answer.get("orders")), login)
            require(all(order.closed_at for order in orders))
            return _page(answer, orders)

        return self.line.ask(page, "/closed", params={"cursor": cursor, "login": login})

    def symbols(self) -> list[Symbol]:
        """See TradingPort."""
        return self.line.ask(lambda answer: records(Symbol, answer.get("symbols")), "/symbols")


@dataclass(frozen=True)
class _Done:
    ticket: int
    amount: Decimal


def _require_login(text: str) -> None:
    if not is_login(text):
        raise ValueError("a login is a text of digits")


def _account(login: str) -> str:
    _require_login(login)
    return f"/accounts/{login}"


def _comment(text: str) -> str:
    if not (1 <= len(text) <= COMMENT_LENGTH and text.isascii() and text.isprintable()):
        raise ValueError(f"a comment is 1 to {COMMENT_LENGTH} printable characters of ASCII")
    return text


def _exact(amount: Decimal) -> str:
    if not amount.is_finite() or not amount or amount != round(amount, _MOST_PLACES):
        raise ValueError(f"an amount is not 0, and has at most {_MOST_PLACES} places")
    return format(amount, "f")


def _of_login(found: list[Item], login: str) -> list[Item]:
    require(not login or all(each.login == login for each in found))
    return found


def _page(answer: Json, items: list[Item]) -> Page[Item]:
    cursor = answer.get("cursor")
    require(isinstance(cursor, str) and 0 < len(cursor) <= _CURSOR_LENGTH)
    return Page(items, cursor)
