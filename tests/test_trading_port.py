"""Trading servers as we use them, embedded and behind HTTP."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from gateways.trading import (
    BATCH,
    Deal,
    DealKind,
    OrderType,
    Page,
    PasswordKind,
    Retcode,
    TradingPort,
    TradingRejectedError,
    TradingUnavailableError,
)
from tests.trading_servers import PASSWORDS, TOKEN, Reached, TradingServer, reached, trading

__all__ = ["reached", "trading"]


def rejected(call: Callable[[], object]) -> int:
    """The number of the reason."""
    with pytest.raises(TradingRejectedError) as told:
        call()
    return told.value.retcode


def all_deals(port: TradingPort, login: str = "") -> list[Page[Deal]]:
    """Page after page, until there is nothing more."""
    pages = [port.deals(login=login)]
    while pages[-1].items and len(pages) < 10:
        pages.append(port.deals(pages[-1].cursor, login))
    return pages


def test_a_server_answers(trading: TradingServer) -> None:
    trading.port.ping()


def test_an_opened_account_is_found_by_its_key_and_by_no_other(trading: TradingServer) -> None:
    login = trading.account(key="A:17", leverage=200, group="real\\std-EUR", currency="EUR")
    assert login.isdigit() and 6 <= len(login) <= 8
    assert trading.port.find_login("A:17") == login
    assert trading.port.find_login("A:1") is None
    figures = trading.figures(login)
    assert (figures.login, figures.group, figures.currency) == (login, "real\\std-EUR", "EUR")
    assert (figures.leverage, figures.is_enabled, figures.balance) == (200, True, Decimal(0))


def test_whoever_opens_twice_has_two_accounts_and_finds_the_first(trading: TradingServer) -> None:
    first, second = trading.account(), trading.account()
    assert first != second
    assert trading.port.find_login("A:1") == first


def test_servers_know_nothing_of_each_other(trading: TradingServer, reached: Reached) -> None:
    login = trading.account("5")
    other = TradingServer(reached, trading.servers)
    other.set_up("MT4")
    assert other.port.find_login("A:1") is None
    assert rejected(lambda: other.port.account(login)) == Retcode.NOT_FOUND
    assert other.port.deals().items == []


def test_a_leverage_is_changed(trading: TradingServer) -> None:
    login = trading.account()
    trading.port.set_leverage(login, 500)
    assert trading.figures(login).leverage == 500
    assert rejected(lambda: trading.port.set_leverage(login, 0)) == Retcode.WRONG_PARAMETERS


def test_each_of_two_passwords_is_set(trading: TradingServer) -> None:
    login = trading.account()
    assert trading.is_password(login, "trade", PASSWORDS["password"])
    assert trading.is_password(login, "observe", PASSWORDS["observe_password"])
    trading.port.set_password(login, PasswordKind.OBSERVE, "another-1")
    assert trading.is_password(login, "trade", PASSWORDS["password"])
    assert trading.is_password(login, "observe", "another-1")
    assert not trading.is_password(login, "observe", PASSWORDS["observe_password"])


def test_who_is_disabled_keeps_his_money_and_cannot_trade(trading: TradingServer) -> None:
    login = trading.account("1000")
    trading.port.set_enabled(login, False)
    assert not trading.figures(login).is_enabled
    with pytest.raises(AssertionError, match="10017"):
        trading.buy(login)
    trading.port.balance_operation(login, Decimal("-1000"), "W:1")
    trading.port.set_enabled(login, True)
    assert trading.figures(login).is_enabled


def test_money_moves_and_is_found_by_its_comment(trading: TradingServer) -> None:
    login, other = trading.account(), trading.account(key="A:2")
    came = trading.port.balance_operation(login, Decimal("12345678901.23"), "D:20260115-17")
    went = trading.port.balance_operation(login, Decimal("-0.03"), "W:20260115-17:out")
    assert went > came
    assert trading.balance(login) == Decimal("12345678901.20")
    (found,) = trading.port.find_balance_operations(login, "D:20260115-17")
    assert (found.ticket, found.login, found.kind) == (came, login, DealKind.BALANCE)
    assert (found.amount, found.comment) == (Decimal("12345678901.23"), "D:20260115-17")
    assert found.at.utcoffset() is not None
    assert trading.port.find_balance_operations(login, "D:20260115-1") == []
    assert trading.port.find_balance_operations(other, "D:20260115-17") == []


def test_whoever_sends_twice_has_it_moved_twice(trading: TradingServer) -> None:
    login = trading.account()
    tickets = [trading.port.balance_operation(login, Decimal(7), "D:1") for _ in range(2)]
    found = trading.port.find_balance_operations(login, "D:1")
    assert [deal.ticket for deal in found] == tickets
    assert trading.balance(login) == 14


@pytest.mark.parametrize(
    ("currency", "amount"), [("USD", "0.01"), ("JPY", "1"), ("USDT", "0.000001")]
)
def test_an_amount_has_the_places_of_its_currency(
    trading: TradingServer, currency: str, amount: str
) -> None:
    login = trading.account(currency=currency)
    trading.port.balance_operation(login, Decimal(amount), "D:1")
    assert str(trading.balance(login)) == amount
    finer = Decimal(amount) / 10
    refused = rejected(lambda: trading.port.balance_operation(login, finer, "D:2"))
    assert refused == Retcode.WRONG_PARAMETERS
    assert str(trading.balance(login)) == amount


def test_nobody_is_paid_more_than_he_has(trading: TradingServer) -> None:
    login = trading.account("100")
    too_much = Decimal("-100.01")
    refused = rejected(lambda: trading.port.balance_operation(login, too_much, "W:1"))
    assert refused == Retcode.NO_MONEY
    assert trading.port.find_balance_operations(login, "W:1") == []
    assert trading.balance(login) == 100
    trading.port.balance_operation(login, Decimal(-100), "W:2")
    assert trading.balance(login) == 0


def test_what_a_position_ties_up_is_not_paid_out(trading: TradingServer) -> None:
    login = trading.account("1000")
    trading.buy(login)
    free = trading.figures(login).free_margin
    assert 0 < free < 1000
    refused = rejected(lambda: trading.port.balance_operation(login, Decimal(-1000), "W:1"))
    assert refused == Retcode.NO_MONEY


@pytest.mark.parametrize("text", ["", "x" * 32, "D:\n1", "D:é"])
def test_a_comment_that_would_not_be_kept_is_never_sent(text: str) -> None:
    with Reached(Path("/nowhere"), "http://127.0.0.1:1").servers() as servers:
        port = servers.port("http://127.0.0.1:1", TOKEN, "x")
        for call in (
            lambda: port.balance_operation("1000001", Decimal(1), text),
            lambda: port.find_balance_operations("1000001", text),
            lambda: port.find_login(text),
            lambda: port.open_account(
                group="g", name="n", leverage=1, **PASSWORDS, currency="USD", key=text
            ),
        ):
            with pytest.raises(ValueError, match="a comment is"):
                call()


@pytest.mark.parametrize("text", ["0", "NaN", "Infinity", "0.000000001"])
def test_an_amount_that_is_none_is_never_sent(text: str) -> None:
    with Reached(Path("/nowhere"), "http://127.0.0.1:1").servers() as servers:
        port = servers.port("http://127.0.0.1:1", TOKEN, "x")
        with pytest.raises(ValueError, match="an amount is"):
            port.balance_operation("1000001", Decimal(text), "D:1")


def test_a_comment_of_31_characters_is_kept_whole(trading: TradingServer) -> None:
    login, comment = trading.account(), "W:ABCDEFGHIJ0123456789:refund !"
    assert len(comment) == 31
    trading.port.balance_operation(login, Decimal(1), comment)
    assert len(trading.port.find_balance_operations(login, comment)) == 1


def test_figures_follow_positions(trading: TradingServer) -> None:
    login = trading.account("1000")
    ticket = trading.buy(login, commission="-0.70", stop_loss="1.00000")
    (position,) = trading.port.positions(login)
    assert (position.ticket, position.type, position.volume) == (
        ticket,
        OrderType.BUY,
        Decimal("0.10"),
    )
    assert (position.commission, position.stop_loss) == (Decimal("-0.70"), Decimal(1))
    assert position.closed_at is None
    figures = trading.figures(login)
    assert figures.balance == 1000
    assert figures.margin > 0
    assert figures.free_margin == figures.equity - figures.margin
    trading.close(ticket)
    (closed,) = trading.port.closed(login=login).items
    assert (closed.ticket, closed.open_price) == (ticket, position.open_price)
    assert closed.closed_at is not None and closed.closed_at >= closed.opened_at
    after = trading.figures(login)
    assert after.balance == 1000 + closed.profit + closed.swap + closed.commission
    assert [after.equity, after.margin] == [after.balance, 0]


def test_credit_counts_for_equity_alone(trading: TradingServer) -> None:
    login = trading.account("100")
    trading.control("PUT", f"/accounts/{login}/credit", {"credit": "50.00"})
    figures = trading.figures(login)
    assert [figures.balance, figures.credit, figures.equity] == [100, 50, 150]


def test_an_order_waits_for_its_price(trading: TradingServer) -> None:
    login = trading.account()
    wanted = {"symbol": "USDJPY", "type": "SELL_STOP_LIMIT", "volume": "1", "price": "99.500"}
    trading.control("POST", f"/accounts/{login}/pendings", wanted)
    (order,) = trading.port.pendings(login)
    assert (order.type, order.open_price) == (OrderType.SELL_STOP_LIMIT, Decimal("99.5"))
    assert trading.port.positions(login) == []
    trading.set_up("MT4")
    with pytest.raises(AssertionError):
        trading.control("POST", f"/accounts/{login}/pendings", wanted)


def test_many_accounts_are_asked_for_at_once(trading: TradingServer) -> None:
    first, second = trading.account("1"), trading.account("2", key="A:2")
    absent = [str(10_000 + number) for number in range(BATCH - 2)]
    found = trading.port.accounts([second, *absent, first])
    assert {each.login: each.balance for each in found} == {first: 1, second: 2}
    assert trading.port.accounts([]) == []
    with pytest.raises(ValueError, match="digits"):
        trading.port.accounts([first, "x"])
    with pytest.raises(ValueError, match="more than"):
        trading.port.accounts([first] * (BATCH + 1))


def test_deals_are_read_page_by_page_and_go_on_where_one_has_stopped(
    trading: TradingServer,
) -> None:
    login, other = trading.account("3"), trading.account("4", key="A:2")
    trading.seed_deals(login, range(1, 1201))
    pages = all_deals(trading.port)
    assert [len(page.items) for page in pages] == [500, 500, 202, 0]
    tickets = [deal.ticket for page in pages for deal in page.items]
    assert tickets == sorted(set(tickets))
    later = trading.port.balance_operation(other, Decimal(9), "D:9")
    assert [deal.ticket for deal in trading.port.deals(pages[-1].cursor).items] == [later]
    own = [deal for page in all_deals(trading.port, other) for deal in page.items]
    assert {deal.login for deal in own} == {other}
    assert [deal.amount for deal in own] == [4, 9]


def test_closed_orders_come_in_the_order_in_which_they_were_closed(
    trading: TradingServer,
) -> None:
    login = trading.account("5000")
    first, second = trading.buy(login), trading.buy(login, symbol="USDJPY")
    trading.close(second)
    page = trading.port.closed()
    assert [order.ticket for order in page.items] == [second]
    trading.close(first)
    page = trading.port.closed(page.cursor)
    assert [order.ticket for order in page.items] == [first]
    assert trading.port.closed(page.cursor).items == []
    assert trading.port.closed(login="999").items == []


def test_symbols_are_told_with_their_prices(trading: TradingServer) -> None:
    symbols = {symbol.name: symbol for symbol in trading.port.symbols()}
    gold = symbols["XAUUSD"]
    assert (gold.digits, gold.base_currency) == (2, "XAU")
    assert gold.contract_size == 100
    assert all(0 < symbol.bid < symbol.ask for symbol in symbols.values())


def test_who_is_not_there_is_not_found(trading: TradingServer) -> None:
    port = trading.port
    for call in (
        lambda: port.account("999"),
        lambda: port.set_leverage("999", 100),
        lambda: port.set_password("999", PasswordKind.TRADE, "x"),
        lambda: port.set_enabled("999", True),
        lambda: port.balance_operation("999", Decimal(1), "D:1"),
        lambda: port.find_balance_operations("999", "D:1"),
    ):
        assert rejected(call) == Retcode.NOT_FOUND
    for login in ("", "../1", "12x", "\uff11"):
        with pytest.raises(ValueError, match="digits"):
            port.account(login)


far = pytest.mark.parametrize("reached", ["process"], indirect=True)


@far
def test_who_has_another_token_changes_nothing(trading: TradingServer) -> None:
    login = trading.account("1")
    for token in ("wrong", "", TOKEN + "x"):
        port = trading.servers.port(trading.reached.address, token, trading.name)
        with pytest.raises(TradingUnavailableError, match="unauthorized"):
            port.ping()
        with pytest.raises(TradingUnavailableError, match="unauthorized"):
            port.balance_operation(login, Decimal(1), "D:1")
    assert trading.balance(login) == 1


@far
def test_no_proxy_of_the_machine_s_hears_of_it(
    trading: TradingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with trading.reached.servers() as servers:
        servers.port(trading.reached.address, TOKEN, trading.name).ping()


@far
def test_a_server_that_is_not_set_up_is_unavailable(trading: TradingServer) -> None:
    port = trading.servers.port(trading.reached.address, TOKEN, "Nobody")
    for call in (
        port.ping,
        partial(port.find_login, "A:1"),
        partial(port.balance_operation, "1000001", Decimal(1), "D:1"),
    ):
        with pytest.raises(TradingUnavailableError, match="unknown_server"):
            call()


@pytest.mark.parametrize("name", ["", "a/b", "a b", "..", "é", "x" * 65])
def test_a_name_that_no_server_has_is_refused(trading: TradingServer, name: str) -> None:
    with pytest.raises(ValueError, match="no such name"):
        trading.servers.port(trading.reached.address, TOKEN, name)


@pytest.mark.parametrize(
    "address", ["x", "http://", "http://[::1", "gopher://x", "http://user:secret@x", "http://x?y"]
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    with Reached(tmp_path).servers() as servers, pytest.raises(ValueError, match="no such") as told:
        servers.port(address, TOKEN, "x")
    assert "secret" not in str(told.value)
