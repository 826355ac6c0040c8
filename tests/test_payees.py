"""Where clients have their money paid to: what they may save, and how it is shown to them."""

from typing import Any

import pytest

from backoffice import networks
from models.client_profile import ApplyStatus, ClientProfile
from models.payee import MOST_PAYEES
from tests.payees import (
    BANK,
    INFO_NAMES,
    INFOS,
    METHODS,
    WALLET,
    WIRE,
    Account,
    account,
    account_of,
)
from tests.server import problem

__all__ = ["account"]

Json = Any

ETHEREUM = "0x52908400098527886E0F7030069857D2E4169EE7"


def refused(account: Account, method: str = BANK, **changed: Json) -> tuple[str, Json]:
    """Code and errors, and that nothing was saved."""
    before = len(account.rows())
    answer = account.create(method, **changed).json()
    assert len(account.rows()) == before
    return answer["code"], answer.get("errors")


@pytest.mark.parametrize("method", METHODS)
def test_a_payee_is_saved_and_shown_with_its_number_to_who_asks_for_it(
    account: Account, method: str
) -> None:
    number = account.saved(method, remark="Main account")
    empty = dict.fromkeys(INFO_NAMES.values())
    assert account.shown(number) == {
        **empty,
        INFO_NAMES[method]: INFOS[method],
        "account_holder_name": "Lin Mei",
        "created_at": (made := account.rows()[0].created_at.strftime("%F %T")),
        "id": number,
        "payment_method": method,
        "remark": "Main account",
        "updated_at": made,
    }


def test_a_list_shows_no_numbers(account: Account) -> None:
    numbers = {method: account.saved(method, remark=method) for method in METHODS}
    shown = account.listed()
    assert shown.pop("total") == 3
    masks = {BANK: "**** 0705", WIRE: "**** 2815", WALLET: "TQn9Y2****bLSE"}
    for method in METHODS:
        name = "wallet_address" if method == WALLET else "bank_no"
        (row,) = shown[method]
        assert row.pop("created_at")
        assert row == {
            **INFOS[method],
            name: masks[method],
            "id": numbers[method],
            "is_default": True,
            "remark": method,
        }


def test_the_default_comes_first_and_then_the_newest(account: Account) -> None:
    first, second, third = account.many(3)
    wallet = account.saved(WALLET)
    assert account.order() == [(first, True), (third, False), (second, False)]
    assert account.order(WALLET) == [(wallet, True)], "each method has its own"


def test_a_method_that_is_asked_for_empties_the_other_groups(account: Account) -> None:
    for method in METHODS:
        account.saved(method)
    shown = account.listed(payment_method=WIRE)
    assert [len(shown[method]) for method in (BANK, WALLET, WIRE)] == [0, 0, 1]
    assert shown["total"] == 1


def test_a_period_is_in_the_broker_s_time_and_includes_its_last_second(account: Account) -> None:
    first, second, third = account.many(3)
    times = [f"{payee.created_at:%F %T}" for payee in account.rows()]

    def found(**query: str) -> list[int]:
        return sorted(row["id"] for row in account.listed(**query)[BANK])

    assert found(start_time=times[1]) == [second, third]
    assert found(end_time=times[1]) == [first, second]
    assert found(start_time=times[1], end_time=times[1]) == [second]
    assert found(start_time="2099-01-01 00:00:00") == []


def test_a_period_that_ends_before_it_begins_is_refused(account: Account) -> None:
    times = {"start_time": "2026-01-15 00:00:01", "end_time": "2026-01-15 00:00:00"}
    answer = account.call("list_payees", **times)
    assert problem(answer) == (400, "DATE_RANGE_INVALID")
    assert answer.json()["errors"] == [{"pointer": "/query/start_time", "rule": "range"}]


@pytest.mark.parametrize("method", METHODS)
def test_exactly_the_info_of_the_method_is_wanted(account: Account, method: str) -> None:
    own, *others = sorted(INFO_NAMES, key=lambda each: each != method)

    def told(*sent: str) -> tuple[str, set[tuple[str, str]]]:
        infos = {INFO_NAMES[each]: INFOS[each] for each in sent}
        answer = account.call("create_payee", {"payment_method": method, **infos}).json()
        return answer["code"], {(each["pointer"], each["rule"]) for each in answer["errors"]}

    missing = (f"/body/{INFO_NAMES[own]}", "required")
    further = {(f"/body/{INFO_NAMES[each]}", "additionalProperties") for each in others}
    assert told() == ("METHOD_INFO_REQUIRED", {missing})
    assert told(*others) == ("METHOD_INFO_REQUIRED", {missing} | further)
    assert told(own, *others) == ("METHOD_INFO_REQUIRED", further)
    assert account.rows() == []


@pytest.mark.parametrize("method", [BANK, WIRE])
def test_a_country_that_there_is_not_has_no_banks(account: Account, method: str) -> None:
    pointer = f"/body/{INFO_NAMES[method]}/bank_country"
    errors = [{"pointer": pointer, "rule": "enum"}]
    assert refused(account, method, bank_country="QQ") == ("VALIDATION_ERROR", errors)


def test_a_network_must_be_one_of_the_broker_s_that_is_enabled(account: Account) -> None:
    errors = [{"pointer": "/body/cryptocurrency_info/network", "rule": "enum"}]
    assert refused(account, WALLET, network="Solana") == ("VALIDATION_ERROR", errors)
    account.broker.desk(lambda desk: networks.disable_network(desk, "TRC20"))
    assert refused(account, WALLET) == ("VALIDATION_ERROR", errors)


def test_an_address_must_be_one_of_its_network_s(account: Account) -> None:
    errors = [{"pointer": "/body/cryptocurrency_info/wallet_address", "rule": "pattern"}]
    right = INFOS[WALLET]["wallet_address"]
    for wrong in (f"{right}x", right[:-1], f"0{right[1:]}", ETHEREUM):
        assert refused(account, WALLET, wallet_address=wrong) == ("VALIDATION_ERROR", errors)


@pytest.mark.parametrize("status", sorted(set(ApplyStatus) - {ApplyStatus.APPROVED}))
def test_whom_the_broker_does_not_know_yet_can_save_nothing(
    account: Account, status: ApplyStatus
) -> None:
    def change(session: Any) -> None:
        ClientProfile.of_user_id(session, account.user.id).apply_status = status

    account.broker.server.services.database.write(account.broker.boundary, change)
    assert refused(account) == ("KYC_REQUIRED", None)


@pytest.mark.parametrize(
    ("method", "changed"),
    [
        (BANK, {}),
        (BANK, {"bank_no": "6284 1971 0328.7640-705", "bank_name": "HSBC Holdings"}),
        (BANK, {"bsc_code": "004001", "branch_name": "Another"}),
        (WALLET, {}),
        (WIRE, {"bank_no": "0039202815", "beneficiary_address": "Elsewhere"}),
        (WIRE, {"swift_code": "dbsssgsgXXX"}),
    ],
)
def test_the_same_account_is_not_saved_twice_however_it_is_written(
    account: Account, method: str, changed: Json
) -> None:
    number = account.saved(method)
    assert refused(account, method, **changed) == ("PAYEE_DUPLICATE", None)
    account.delete(number)
    assert account.saved(method, **changed), "it may be saved again once it is deleted"


def test_of_ethereum_s_addresses_capitals_make_no_difference_elsewhere_they_do(
    account: Account,
) -> None:
    account.saved(WALLET, network="ERC20", wallet_address=ETHEREUM)
    for same in (ETHEREUM.lower(), ETHEREUM.upper()):
        code, _ = refused(account, WALLET, network="ERC20", wallet_address=same)
        assert code == "PAYEE_DUPLICATE"
    address = INFOS[WALLET]["wallet_address"]
    account.saved(WALLET, wallet_address=address)
    account.saved(WALLET, wallet_address=address[:-1] + address[-1].lower())


@pytest.mark.parametrize(
    ("method", "changed"),
    [
        (BANK, {"bank_country": "SG"}),
        (BANK, {"bsc_code": "004-002"}),
        (BANK, {"bank_no": "6284197103287640706"}),
        (WIRE, {"swift_code": "DBSSSGSG001"}),
    ],
)
def test_the_same_number_elsewhere_is_another_account(
    account: Account, method: str, changed: Json
) -> None:
    account.saved(method)
    assert account.saved(method, **changed)


def test_a_client_has_at_most_twenty_of_a_method(account: Account) -> None:
    numbers = account.many(MOST_PAYEES)
    assert refused(account) == ("PAYEE_LIMIT_REACHED", None)
    assert account.saved(WALLET), "of another method he may have some"
    account.delete(numbers[3])
    assert account.saved()
    assert refused(account, bank_no="999999") == ("PAYEE_LIMIT_REACHED", None)


def test_nobody_sees_changes_or_deletes_a_payee_of_somebody_else_s(account: Account) -> None:
    number = account.saved()
    stranger = account_of(account.broker, "stranger@example.com")
    foreign = account_of(account.broker.server.broker())
    gone = account.saved(WALLET)
    account.delete(gone)
    cases = [(stranger, number), (foreign, number), (account, gone), (account, 2**50)]
    for who, which in cases:
        answers = (
            who.call("get_payee", id=which),
            who.change(which, remark="Mine now"),
            who.change(which, **{INFO_NAMES[BANK]: INFOS[BANK]}),
            who.delete(which),
        )
        assert {problem(answer) for answer in answers} == {(404, "NOT_FOUND")}
        assert who is account or who.listed()["total"] == 0
    assert account.order() == [(number, True)]


def test_what_one_client_has_another_may_have_too(account: Account) -> None:
    account.saved()
    stranger = account_of(account.broker, "stranger@example.com")
    assert stranger.saved()
    assert stranger.order()[0][1] is True
