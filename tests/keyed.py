"""Operations whose requests may be repeated by an Idempotency-Key: one row for each that is built.
Whatever holds for all of them is tested for every row.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response

from backoffice.clients import approve_client
from models.account_application import AccountApplication
from models.answered_request import AnsweredRequest
from models.deposit_order import DepositOrder, DepositStatus
from models.trading_operation import Kind
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder
from tests.cashier import Till
from tests.server import Broker
from tests.trading import Floor
from wlink.idempotency import KEY

Json = Any

REPLAYED = "Idempotent-Replayed"
CROWD = 20


@dataclass(frozen=True)
class Keyed:
    """`body` makes a request that is granted, `other` makes another one of it, and `effects` counts
    what has come of all that the broker's clients have asked for.
    """

    name: str
    body: Callable[[Floor], Json]
    other: Json
    effects: Callable[[Floor], int]


def demo_account(floor: Floor) -> Json:
    return floor.wanted(is_demo=True, trading_account_type_id=floor.demo_type)


def demo_deposit(floor: Floor) -> Json:
    return {"trading_account_id": floor.open_demo(), "amount": "5"}


def top_ups(floor: Floor) -> int:
    return sum(each.kind is Kind.TOP_UP for each in floor.operations())


DEPOSIT = Keyed("deposit_to_demo_account", demo_deposit, {"amount": "6"}, top_ups)
APPLY = Keyed(
    *("create_account_application", Floor.wanted, {"leverage": 200}),
    lambda floor: len(floor.rows(AccountApplication)),
)
CREATE = Keyed(
    *("create_trading_account", demo_account, {"leverage": 200}),
    lambda floor: len(floor.accounts()),
)


def transfer(floor: Floor) -> Json:
    till = Till(floor)
    till.fund("300.00")
    return till.wants_to_transfer()


def withdrawal(floor: Floor) -> Json:
    till = Till(floor)
    till.fund("300.00")
    return till.wants_to_withdraw()


def offline_deposit(floor: Floor) -> Json:
    return Till(floor).wants_to_pay_in()


def online_deposit(floor: Floor) -> Json:
    till = Till(floor)
    return till.wants_to_pay_in(remittance_id=till.card)


def receipt(floor: Floor) -> Json:
    till = Till(floor)
    return {"order_number": till.draft(), "receipt_url": till.receipt()}


def unwanted(floor: Floor) -> Json:
    return {"order_number": Till(floor).draft()}


def deposits_that_are(*statuses: DepositStatus) -> Callable[[Floor], int]:
    """Counts them."""
    return lambda floor: sum(each.status in statuses for each in floor.rows(DepositOrder))


TRANSFER = Keyed(
    *("create_transfer", transfer, {"amount": "90.00"}),
    lambda floor: len(floor.rows(TransferOrder)),
)
WITHDRAWAL = Keyed(
    *("create_withdrawal", withdrawal, {"remark": "another one"}),
    lambda floor: len(floor.rows(WithdrawalOrder)),
)
OFFLINE = Keyed(
    *("create_deposit_draft", offline_deposit, {"deposit_amount": "600.00"}),
    deposits_that_are(DepositStatus.DRAFTED),
)
ONLINE = Keyed(
    *("create_deposit_draft", online_deposit, {"deposit_amount": "600.00"}),
    deposits_that_are(DepositStatus.DRAFTED),
)
SUBMIT = Keyed(
    *("submit_deposit", receipt, {"receipt_url": "https://files.example/another.png"}),
    deposits_that_are(DepositStatus.PENDING),
)
CANCEL = Keyed(
    *("cancel_deposit", unwanted, {"order_number": "D260115ABCDEFGHIJ"}),
    deposits_that_are(DepositStatus.CANCELLED),
)
KEYED = {
    "a demo deposit": DEPOSIT,
    "an application": APPLY,
    "a demo account": CREATE,
    "a transfer": TRANSFER,
    "a withdrawal": WITHDRAWAL,
    "an offline deposit": OFFLINE,
    "an online deposit": ONLINE,
    "a receipt": SUBMIT,
    "a deposit given up": CANCEL,
}

each_keyed = pytest.mark.parametrize("keyed", KEYED.values(), ids=KEYED.keys())


@pytest.fixture
def floor(broker: Broker) -> Floor:
    """A broker whose client is logged in."""
    return newcomer(Floor(broker))


def ask(floor: Floor, keyed: Keyed, body: Json, key: str = "first") -> Response:
    """The broker's client asks, by a key."""
    return floor.broker.call(keyed.name, body, token=floor.token, headers={KEY: key})


def newcomer(floor: Floor) -> Floor:
    """The same with a client of the broker's who was not there before."""
    found = copy(floor)
    found.user = floor.broker.user(f"{uuid4().hex}@example.com")
    floor.broker.desk(lambda desk: approve_client(desk, found.user.email))
    found.token = floor.broker.token(found.user)
    return found


def kept(floor: Floor) -> list[AnsweredRequest]:
    """The answers that are kept for the broker's clients."""
    return floor.rows(AnsweredRequest)


def is_new(answer: Response) -> bool:
    """Whether a request was granted, for the first time."""
    assert answer.status_code == 200, answer.text
    return REPLAYED not in answer.headers


def is_replayed(answer: Response, first: Response) -> bool:
    """Whether it is the same to the last byte, and says why."""
    assert answer.status_code == 200, answer.text
    return answer.headers.get(REPLAYED) == "true" and answer.content == first.content


def crowd(
    floor: Floor, keyed: Keyed, body: Json, size: int = CROWD
) -> tuple[list[Response], list[Response]]:
    """The answers to many who ask for the same by the same key: those that grant it, the others."""
    start = Barrier(size)

    def run(_: int) -> Response:
        start.wait()
        return ask(floor, keyed, body)

    with ThreadPoolExecutor(size) as threads:
        answers = list(threads.map(run, range(size)))
    granted = [each for each in answers if each.status_code == 200]
    return granted, [each for each in answers if each not in granted]
