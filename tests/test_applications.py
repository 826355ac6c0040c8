"""What clients apply for, and what operators make of it."""

from collections.abc import Callable
from typing import Any

import pytest

from backoffice import applications
from backoffice.applications import ACCOUNT, LEVERAGE
from backoffice.applications import Kind as Applied
from backoffice.desk import Desk
from contract.errors import RefusedError
from models.account_application import AccountApplication
from models.audit_entry import AuditEntry
from models.audit_status import AuditStatus
from models.leverage_application import LeverageApplication
from models.tenant import Portal
from models.trading_account import AccountStatus
from models.trading_operation import OperationState
from simulator.faults import Fault
from tests.trading import LIVE, TRADE, Floor, floor, told

__all__ = ["floor"]

Json = Any

REASON = "We need a proof of your address."
by_kind = pytest.mark.parametrize("kind", [ACCOUNT, LEVERAGE], ids=["account", "leverage"])


def apply(floor: Floor, kind: Applied) -> int:
    """The client applies for another account, or for another leverage of one that he has."""
    if kind is ACCOUNT:
        return floor.apply()
    account = floor.open_live()
    told(floor.call("change_leverage", {"id": account, "leverage": 200, "remark": ""}))
    number: int = floor.rows(LeverageApplication)[-1].id
    return number


def application(floor: Floor, kind: Applied, number: int) -> Any:
    return next(each for each in floor.rows(kind.table) if each.id == number)


def act(floor: Floor, deed: str, kind: Applied, number: int) -> None:
    """What an operator does with an application, by the name of the function."""
    orders = floor.broker.server.services.orders
    acts: dict[str, Callable[[Desk], None]] = {
        "claim": lambda desk: applications.claim(desk, kind, number),
        "release": lambda desk: applications.release(desk, kind, number),
        "approve": lambda desk: applications.approve(desk, orders, kind, number),
        "reject": lambda desk: applications.reject(desk, orders, kind, number, REASON),
        "retry": lambda desk: applications.retry(desk, orders, kind, number),
    }
    floor.broker.desk(acts[deed])


def last_entry(floor: Floor) -> tuple[str, str, Json, Json]:
    entry = floor.rows(AuditEntry)[-1]
    return str(entry.deed), entry.subject, entry.before, entry.after


@by_kind
def test_an_application_is_claimed_released_and_decided(floor: Floor, kind: Applied) -> None:
    number = apply(floor, kind)
    subject = f"{kind.name} application {number}"
    for deed, was, becomes in (
        ("claim", "pending", "auditing"),
        ("release", "auditing", "pending"),
        ("claim", "pending", "auditing"),
        ("approve", "auditing", "approved"),
    ):
        act(floor, deed, kind, number)
        past = {"claim": "claimed", "release": "released", "approve": "approved"}[deed]
        assert last_entry(floor) == (
            *(f"application_{past}", subject),
            *({"status": was}, {"status": becomes}),
        )
        assert application(floor, kind, number).status == becomes


@by_kind
def test_who_decides_is_known(floor: Floor, kind: Applied) -> None:
    number = apply(floor, kind)
    ana = floor.broker.user("ana@a.example", Portal.BROKER).id
    parts = floor.broker.server.services

    def at_desk(deed: Callable[[Desk, Applied, int], None]) -> None:
        parts.database.write(
            floor.broker.boundary,
            lambda session: deed(
                Desk(session, parts.audit, parts.clock(), "console", ana), kind, number
            ),
        )

    at_desk(applications.claim)
    assert application(floor, kind, number).auditor_id == ana
    assert floor.rows(AuditEntry)[-1].actor_id == ana
    at_desk(applications.release)
    assert application(floor, kind, number).auditor_id is None


@by_kind
@pytest.mark.parametrize(
    ("before", "deeds"),
    [
        ((), ("release", "approve", "reject", "retry")),
        (("claim",), ("claim", "retry")),
        (("claim", "release"), ("release", "approve", "reject", "retry")),
        (("claim", "approve"), ("claim", "release", "approve", "reject", "retry")),
        (("claim", "reject"), ("claim", "release", "approve", "reject", "retry")),
    ],
    ids=["pending", "claimed", "released", "approved", "rejected"],
)
def test_what_does_not_follow_is_refused(
    floor: Floor, kind: Applied, before: tuple[str, ...], deeds: tuple[str, ...]
) -> None:
    number = apply(floor, kind)
    for deed in before:
        act(floor, deed, kind, number)
    status = application(floor, kind, number).status
    entries, operations = len(floor.rows(AuditEntry)), len(floor.operations())
    for deed in deeds:
        with pytest.raises(RefusedError, match=f"it is {status}|has not refused it"):
            act(floor, deed, kind, number)
    assert application(floor, kind, number).status == status
    assert (len(floor.rows(AuditEntry)), len(floor.operations())) == (entries, operations)


@by_kind
@pytest.mark.parametrize("deed", ["claim", "release", "approve", "reject", "retry"])
def test_what_there_is_not_cannot_be_decided(floor: Floor, kind: Applied, deed: str) -> None:
    stranger = Floor(floor.broker.server.broker())
    theirs = apply(stranger, kind)
    for number in (999_999, theirs):
        with pytest.raises(RefusedError, match=f"there is no {kind.name} application {number}"):
            act(floor, deed, kind, number)


def test_an_approved_account_is_opened_and_its_passwords_are_gone(floor: Floor) -> None:
    number = floor.apply()
    assert application(floor, ACCOUNT, number).passwords
    act(floor, "claim", ACCOUNT, number)
    act(floor, "approve", ACCOUNT, number)
    (operation,) = floor.operations()
    assert (application(floor, ACCOUNT, number).passwords, bool(operation.passwords)) == (
        *(None, True),
    )
    floor.broker.server.deliver()
    assert passwords(floor) == [None, None]
    (account,) = floor.accounts()
    assert (account.status, bool(account.login)) == (AccountStatus.OPEN, True)
    assert floor.is_password(account, LIVE, "trade", TRADE)
    assert application(floor, ACCOUNT, number).provision_state == "opened"
    ((subject, text),) = floor.letters()
    assert "your trading account is open" in subject
    assert account.login in text and TRADE not in text


def passwords(floor: Floor) -> list[bytes | None]:
    """All that are kept: with applications, then with operations."""
    rows = [*floor.rows(AccountApplication), *floor.operations()]
    return [row.passwords for row in rows]


def test_a_rejected_account_is_archived_its_passwords_are_gone_and_the_client_reads_why(
    floor: Floor,
) -> None:
    floor.reject(ACCOUNT, floor.apply(), REASON)
    assert floor.accounts()[0].status is AccountStatus.ARCHIVED
    assert passwords(floor) == [None]
    ((subject, text),) = floor.letters()
    assert subject.endswith("your application for a trading account")
    assert REASON in text
    assert floor.rows(AccountApplication)[0].remark == REASON
    after = {"status": "disapproved", "reason": REASON}
    assert last_entry(floor)[2:] == ({"status": "auditing"}, after)


@by_kind
@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501])
def test_a_reason_is_there_and_fits(floor: Floor, kind: Applied, reason: str) -> None:
    number = apply(floor, kind)
    act(floor, "claim", kind, number)
    orders = floor.broker.server.services.orders
    with pytest.raises(RefusedError, match="a reason has 1 to 500 characters"):
        floor.broker.desk(lambda desk: applications.reject(desk, orders, kind, number, reason))
    assert application(floor, kind, number).status is AuditStatus.AUDITING


@pytest.mark.parametrize("reason", ["{account} {0} %s {broker.__class__}", "x" * 500])
def test_a_reason_is_told_as_it_was_written(floor: Floor, reason: str) -> None:
    floor.reject(ACCOUNT, floor.apply(), reason)
    assert reason in floor.letters()[-1][1]


@by_kind
def test_what_the_server_has_refused_is_tried_again(floor: Floor, kind: Applied) -> None:
    number = apply(floor, kind)
    floor.suffers(LIVE, Fault.REFUSE, Fault.REFUSE, actions=["open_account", "set_leverage"])
    floor.approve(kind, number)
    for _ in range(2):
        found = application(floor, kind, number)
        assert floor.operations()[-1].state == OperationState.REJECTED
        assert "failed" in (found.provision_state if kind is ACCOUNT else found.apply_state)
        act(floor, "retry", kind, number)
        assert last_entry(floor)[:2] == (
            *("application_retried", f"{kind.name} application {number}"),
        )
        with pytest.raises(RefusedError, match="has not refused it"):
            act(floor, "retry", kind, number)
        floor.broker.server.deliver()
    assert floor.operations()[-1].state is OperationState.CONFIRMED
    assert set(passwords(floor)) == {None}
    account = floor.accounts()[-1]
    assert account.status is AccountStatus.OPEN
    assert account.leverage == (100 if kind is ACCOUNT else 200)
    keys = {each.key for each in floor.operations()}
    assert len(keys) == len(floor.operations()) == 1


def test_an_account_that_the_server_will_not_open_comes_to_nothing(floor: Floor) -> None:
    number = floor.apply()
    floor.suffers(LIVE, Fault.REFUSE, actions=["open_account"])
    floor.approve(ACCOUNT, number)
    assert any(passwords(floor))
    give_up(floor, number)
    assert last_entry(floor) == (
        *("application_given_up", f"account application {number}"),
        *(None, {"reason": REASON}),
    )
    assert floor.accounts()[0].status is AccountStatus.ARCHIVED
    assert set(passwords(floor)) == {None}
    assert REASON in floor.letters()[-1][1]
    for deed in (give_up, lambda floor, number: act(floor, "retry", ACCOUNT, number)):
        with pytest.raises(RefusedError, match="it was given up"):
            deed(floor, number)
    assert floor.apply() > number


@pytest.mark.parametrize("decision", ["claim", "approve"])
def test_what_the_server_has_not_refused_is_not_given_up(floor: Floor, decision: str) -> None:
    number = floor.apply()
    act(floor, "claim", ACCOUNT, number)
    if decision == "approve":
        act(floor, "approve", ACCOUNT, number)
    with pytest.raises(RefusedError, match="has not refused it"):
        give_up(floor, number)


def give_up(floor: Floor, number: int) -> None:
    orders = floor.broker.server.services.orders
    floor.broker.desk(lambda desk: applications.give_up(desk, orders, number, REASON))


def test_an_old_wish_is_not_tried_again_after_a_newer_one(floor: Floor) -> None:
    number = apply(floor, LEVERAGE)
    floor.suffers(LIVE, Fault.REFUSE, actions=["set_leverage"])
    floor.approve(LEVERAGE, number)
    account = floor.newest()
    told(floor.call("change_leverage", {"id": account, "leverage": 500, "remark": ""}))
    with pytest.raises(RefusedError, match="another leverage since"):
        act(floor, "retry", LEVERAGE, number)


def test_an_account_whose_opening_was_not_answered_is_opened_once(floor: Floor) -> None:
    number = floor.apply()
    floor.suffers(LIVE, Fault.LOSE, actions=["open_account"])
    floor.approve(ACCOUNT, number)
    assert floor.accounts()[0].status is AccountStatus.OPENING
    floor.later()
    (account,) = floor.accounts()
    assert account.status is AccountStatus.OPEN
    assert floor.port(account).find_login(floor.operations()[0].key) == account.login


def test_the_client_is_told_in_his_own_language(floor: Floor) -> None:
    floor.broker.change(floor.user, language="zh-CN")
    floor.reject(ACCOUNT, floor.apply(), "缺少地址证明。")
    floor.approve(ACCOUNT, floor.apply())
    (rejected, text), (opened, _) = floor.letters()
    assert rejected == f"Broker {floor.broker.number}：您的开户申请"
    assert "未获通过" in text and "缺少地址证明。" in text
    assert opened.endswith("您的交易账户已开立")


def test_those_who_wait_are_listed_the_oldest_first(floor: Floor) -> None:
    def waiting(kind: Applied) -> list[int]:
        rows = floor.broker.desk(lambda desk: applications.waiting(desk, kind))
        assert all(user.email == floor.user.email for _, user in rows)
        return [each.id for each, _ in rows]

    leverage = apply(floor, LEVERAGE)
    account = floor.apply()
    assert (waiting(ACCOUNT), waiting(LEVERAGE)) == ([account], [leverage])
    floor.claim(LEVERAGE, leverage)
    assert waiting(LEVERAGE) == [leverage]
    floor.reject(ACCOUNT, account)
    assert waiting(ACCOUNT) == []
