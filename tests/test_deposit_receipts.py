"""Receipts of offline deposits, and the broker who is told of them: wlink 55."""

from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from backoffice import deposits
from gateways.storage import own_folder
from tests.cashier import Till, till
from tests.incoming import card_draft, row, status
from tests.keyed import newcomer
from tests.outgoing import refused, standing
from tests.server import problem
from tests.trading import floor, told

__all__ = ["floor", "till"]

Json = Any

FOREIGN = (400, "FILE_URL_FOREIGN")
CONFLICT = (409, "ORDER_STATE_CONFLICT")


def broker_letters(till: Till) -> list[str]:
    """Subjects of the mails to the broker himself."""
    return [subject for to, subject, _ in till.broker.mails() if to == "desk@broker.example"]


def test_a_receipt_is_kept_and_the_broker_told_once_however_often_it_is_shown(till: Till) -> None:
    till.broker.configure("company", email="desk@broker.example")
    order, receipt = till.draft(), till.receipt()
    till.broker.server.clock.forward(hours=1)
    for address in (
        receipt,
        receipt,
        receipt.replace("files", "other").replace("receipt", "%72eceipt"),
    ):
        assert told(till.submit(order, address)) == {"order_number": order, "status": "pending"}
    kept = till.order(order)
    assert kept.receipt_url == f"{own_folder(till.broker.tenant_id, kept.user_id)}receipt.png"
    assert row(till, order)["submit_time"] == f"{till.broker.server.clock():%F %T}"
    assert broker_letters(till) == [f"A deposit waits: {order}"]
    assert standing(till) == {}


def test_a_broker_without_an_address_is_told_nothing(till: Till) -> None:
    till.paid_in()
    assert till.broker.mails() == []


def test_another_receipt_comes_too_late(till: Till) -> None:
    order = till.paid_in()
    answer = till.submit(order, till.receipt("other.png"))
    assert problem(answer) == CONFLICT
    assert answer.json()["details"] == {"status": "pending"}
    assert till.order(order).receipt_url.endswith("/receipt.png")


def test_the_same_receipt_tells_how_the_order_stands(till: Till) -> None:
    order = till.paid_in()
    till.claim(order)
    assert told(till.submit(order))["status"] == "auditing"
    assert status(till, order) == "auditing"


def test_a_receipt_lies_in_the_folder_of_whoever_shows_it(till: Till) -> None:
    order, own = till.draft(), till.receipt()
    folder = own.rpartition("/")[0]
    other = till.receipt(user=newcomer(till.floor).user)
    tenant = f"/tenant/{till.broker.tenant_id}/"
    name = other.rpartition("/")[0].rpartition("/")[2]
    for address in (
        other,
        own.replace(tenant, "/tenant/999999/"),
        f"{folder}/missing.png",
        f"{folder}/",
        folder,
        f"{folder}/../{name}/receipt.png",
        f"{folder}/%2e%2e/{name}/receipt.png",
        f"{folder}/{quote(f'../{name}/receipt.png', safe='')}",
        f"{folder}//receipt.png",
        f"{folder}/receipt.png/",
        f"{folder}/receipt.png%00.jpg",
        f"https://files.example/x{own.removeprefix('https://files.example')}",
        f"https://files.example/?{own}",
        f"https://files.example/#{own}",
    ):
        assert problem(till.submit(order, address)) == FOREIGN, address
    assert (status(till, order), till.order(order).receipt_url) == ("drafted", "")


@pytest.mark.parametrize(
    "address", ["", "receipt.png", "ftp://files.example/x", "file:///etc/passwd"]
)
def test_a_receipt_is_an_address_of_the_web(till: Till, address: str) -> None:
    body = {"order_number": till.draft(), "receipt_url": address}
    answer = till.floor.call("submit_deposit", body)
    assert problem(answer) == (400, "VALIDATION_ERROR")


def test_only_the_owner_submits_a_deposit(till: Till) -> None:
    order, other = till.draft(), newcomer(till.floor)
    body = {"order_number": order, "receipt_url": till.receipt(user=other.user)}
    assert problem(other.call("submit_deposit", body)) == (404, "NOT_FOUND")
    unknown = till.submit("D261122AAAAAAAAAA")
    assert problem(unknown) == (404, "NOT_FOUND")


def test_what_is_paid_online_has_no_receipt(till: Till) -> None:
    order = card_draft(till)
    answer = till.submit(order)
    assert problem(answer) == CONFLICT
    assert answer.json()["details"] == {"status": "drafted"}
    assert till.order(order).receipt_url == ""


def test_an_operator_sees_the_receipt(till: Till) -> None:
    order, without = till.paid_in(), till.draft()
    key = till.desk(lambda desk: deposits.receipt(desk, order))
    assert till.broker.server.services.storage.content(key) == b"a picture"
    for number in (without, "D261122AAAAAAAAAA"):
        told_off = refused(partial(till.desk, partial(deposits.receipt, order_number=number)))
        assert told_off == f"there is no receipt of a deposit {number}"
    other = till.broker.server.broker()
    assert "no receipt" in refused(lambda: other.desk(lambda desk: deposits.receipt(desk, order)))
