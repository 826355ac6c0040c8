"""Payees that are changed and deleted: what becomes of the default, and who is told."""

from typing import Any

import pytest

from backoffice import networks
from models.payee import Payee
from tests.payees import BANK, INFO_NAMES, INFOS, WALLET, Account, account
from tests.server import problem
from tests.trading import told

__all__ = ["account"]

Json = Any

BANK_INFO = INFO_NAMES[BANK]


def row(account: Account, number: int) -> Payee:
    (found,) = (payee for payee in account.rows() if payee.id == number)
    assert isinstance(found, Payee)
    return found


def test_what_is_sent_is_replaced_and_the_rest_stays(account: Account) -> None:
    number = account.saved(remark="Old")
    before = account.shown(number)
    assert told(account.change(number, remark="New")) == {}
    after = account.shown(number)
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before | {"remark": "New"}
    info = {**INFOS[BANK], "bank_no": "42-42-42-42"}
    told(account.change(number, **{BANK_INFO: info}))
    assert account.shown(number)[BANK_INFO] == info
    assert account.shown(number)["remark"] == "New"
    told(account.change(number, remark=""))
    assert account.shown(number)["remark"] == ""


def test_when_the_money_began_to_go_elsewhere_is_kept(account: Account) -> None:
    number = account.saved()
    saved_at = row(account, number).details_changed_at
    told(account.change(number, remark="New", is_default=False, **{BANK_INFO: INFOS[BANK]}))
    assert row(account, number).details_changed_at == saved_at
    info = {**INFOS[BANK], "bank_name": "HSBC Holdings"}
    told(account.change(number, **{BANK_INFO: info}))
    assert row(account, number).details_changed_at == account.broker.server.clock()


def test_a_name_that_the_client_gets_later_does_not_change_his_payees(account: Account) -> None:
    number = account.saved()
    account.broker.change(account.user, full_name="Mei Wang")
    told(account.change(number, remark="New"))
    assert account.shown(number)["account_holder_name"] == "Lin Mei"
    assert account.shown(account.saved(WALLET))["account_holder_name"] == "Mei Wang"


def test_another_payee_s_account_is_no_change(account: Account) -> None:
    first, second = account.many(2)
    info = {**INFOS[BANK], "bank_no": "1000-00"}
    answer = account.change(second, remark="New", **{BANK_INFO: info})
    assert problem(answer) == (409, "PAYEE_DUPLICATE")
    assert account.shown(second)["remark"] == "", "nothing of it was done"
    assert told(account.change(first, **{BANK_INFO: info})) == {}, "its own it may be"


def test_an_account_that_a_payee_no_longer_is_may_be_saved_again(account: Account) -> None:
    number = account.saved()
    told(account.change(number, **{BANK_INFO: {**INFOS[BANK], "bank_no": "42424242"}}))
    assert problem(account.create(bank_no="42-42-42-42")) == (409, "PAYEE_DUPLICATE")
    assert account.saved()


def test_the_method_stays_and_so_must_its_info(account: Account) -> None:
    number = account.saved()
    wallet = {INFO_NAMES[WALLET]: INFOS[WALLET]}
    for sent in (wallet, wallet | {BANK_INFO: INFOS[BANK]}):
        answer = account.change(number, **sent)
        assert problem(answer) == (400, "METHOD_INFO_REQUIRED")
        pointer = "/body/cryptocurrency_info"
        assert answer.json()["errors"] == [{"pointer": pointer, "rule": "additionalProperties"}]
    assert problem(account.change(number, payment_method=WALLET))[1] == "VALIDATION_ERROR"


def test_what_takes_the_place_of_an_account_must_be_one(account: Account) -> None:
    number, wallet = account.saved(), account.saved(WALLET)
    answer = account.change(number, **{BANK_INFO: {**INFOS[BANK], "bank_country": "QQ"}})
    assert problem(answer) == (400, "VALIDATION_ERROR")
    wrong = {INFO_NAMES[WALLET]: {"network": "TRC20", "wallet_address": "T" * 20}}
    assert problem(account.change(wallet, **wrong)) == (400, "VALIDATION_ERROR")


def test_a_wallet_of_a_network_that_is_gone_can_still_get_another_remark(account: Account) -> None:
    number = account.saved(WALLET)
    account.broker.desk(lambda desk: networks.disable_network(desk, "TRC20"))
    same = {INFO_NAMES[WALLET]: INFOS[WALLET]}
    assert told(account.change(number, remark="Old wallet", **same)) == {}


def test_a_new_default_takes_the_mark_off_the_other(account: Account) -> None:
    first, second = account.many(2)
    wallet = account.saved(WALLET)
    told(account.change(second, is_default=True))
    assert account.order() == [(second, True), (first, False)]
    told(account.change(first, is_default=True))
    assert account.order() == [(first, True), (second, False)]
    assert account.order(WALLET) == [(wallet, True)]


def test_the_mark_can_be_taken_back_and_stays_where_nothing_is_said(account: Account) -> None:
    first, second = account.many(2)
    told(account.change(first, remark="Still the default"))
    assert account.order() == [(first, True), (second, False)]
    told(account.change(first, is_default=False))
    assert account.order() == [(second, False), (first, False)]
    third = account.saved()
    assert account.order()[0] == (third, False), "only the first of a method is it by itself"


def test_the_newest_takes_the_place_of_a_default_that_is_deleted(account: Account) -> None:
    first, second, third = account.many(3)
    wallet = account.saved(WALLET)
    told(account.delete(second))
    assert account.order() == [(first, True), (third, False)]
    told(account.delete(first))
    assert account.order() == [(third, True)]
    assert problem(account.delete(first)) == (404, "NOT_FOUND")
    told(account.delete(third))
    assert account.order() == []
    assert account.order(WALLET) == [(wallet, True)]
    assert account.order(BANK) == []
    fourth = account.saved()
    assert account.order() == [(fourth, True)]


def test_whoever_has_no_default_gets_none_by_deleting(account: Account) -> None:
    first, second = account.many(2)
    told(account.change(first, is_default=False))
    told(account.delete(second))
    assert account.order() == [(first, False)]


def test_a_deleted_payee_is_kept_for_the_broker(account: Account) -> None:
    number = account.saved()
    told(account.delete(number))
    assert account.listed()["total"] == 0
    assert row(account, number).deleted_at == account.broker.server.clock()


def test_every_change_is_written_down_without_numbers(account: Account) -> None:
    number = account.saved(remark="6284197103287640705")
    info = {**INFOS[BANK], "bank_no": "42424242"}
    told(account.change(number, remark="42424242", is_default=False, **{BANK_INFO: info}))
    told(account.change(number, remark="42424242", is_default=False, **{BANK_INFO: info}))
    told(account.delete(number))
    subject, method = f"payee {number}", {"payment_method": BANK}
    changed = {"changed": ["details", "remark", "is_default"]}
    assert account.deeds() == [
        ("payee_added", subject, None, method | {"is_default": True}),
        ("payee_changed", subject, None, changed),
        ("payee_removed", subject, method | {"is_default": False}, None),
    ]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_client_is_told_of_every_change_in_case_it_was_not_he(
    account: Account, language: str
) -> None:
    account.broker.change(account.user, language=language)
    number = account.saved()
    told(account.change(number, **{BANK_INFO: {**INFOS[BANK], "bank_no": "42424217"}}))
    told(account.change(number))
    told(account.delete(number))
    letters = account.letters()
    words = {"en": ["added", "changed", "removed"], "zh-CN": ["添加", "更改", "删除"]}[language]
    assert len(letters) == len(words)
    for (subject, text), word, ending in zip(letters, words, ["0705", "4217", "4217"], strict=True):
        assert word in subject and ending in text
        assert "40705" not in text and "424" not in text
        assert "(UTC)" in text.replace("UTC.", "(UTC)").replace("（UTC）", "(UTC)")
