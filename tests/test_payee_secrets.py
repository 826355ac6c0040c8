"""A sweep for the numbers of payees: known ones go through every operation; then everything that is
kept or written is searched for them.
"""

from io import StringIO
from typing import Any

import pytest

from backoffice.networks import NetworkForm, add_network
from models.payout_method import PayoutMethod
from tests.payees import BANK, INFOS, WALLET, WIRE, account_of
from tests.server import Broker, Server
from tests.test_secrets import all_logs, kept, server

__all__ = ["all_logs", "server"]

Json = Any

# By method what a payee is saved with, what it is changed into, and what is refused.
NUMBERS: dict[str, list[Json]] = {
    BANK: [
        {"bank_no": "CNRY 5500-7788.9911", "bsc_code": "CNRY-4711", "branch_name": "Canary lane"},
        {"bank_no": "CNRY550077889922", "bsc_code": "CNRY4712", "branch_name": "Canary mews"},
        {"bank_no": "CNRY550077889933", "bsc_code": "CNRY4713", "bank_country": "QQ"},
    ],
    WIRE: [
        {"bank_no": "CNRY5500 7788", "swift_code": "CNRYDE99", "beneficiary_address": "Canary row"},
        {"bank_no": "CNRY550077998", "swift_code": "CNRYDE88", "beneficiary_address": "Canary end"},
        {"bank_no": "CNRY550077888", "swift_code": "CNRYDE77", "bank_country": "QQ"},
    ],
    WALLET: [
        {"wallet_address": "TCanaryCanaryCanary1111"},
        {"wallet_address": "TCanaryCanaryCanary2222"},
        {"wallet_address": "TCanaryCanaryCanary3333"},
    ],
}
BARE = str.maketrans("", "", " .-")
SECRETS = {
    form.encode()
    for infos in NUMBERS.values()
    for info in infos
    for secret in info.values()
    if len(secret) > 2
    for form in (secret, secret.translate(BARE), secret.translate(BARE).lower())
}


@pytest.mark.long
def test_no_number_of_a_payee_is_kept_or_written_in_clear(
    server: Server, all_logs: StringIO
) -> None:
    account = account_of(server.broker())
    form = NetworkForm(name="TRC20", address_pattern="T[A-Za-z]+[12]+")
    account.broker.desk(lambda desk: add_network(desk, form))
    waiting, answers = b"", []
    for method, (first, second, wrong) in NUMBERS.items():
        name, number = PayoutMethod(method).info_name, account.saved(method, **first)
        refused = [account.create(method, **first), account.create(method, **wrong)]
        refused.append(account.change(number, **{name: {**INFOS[method], **wrong}}))
        assert {answer.status_code for answer in refused} == {400, 409}
        changed = account.change(number, **{name: {**INFOS[method], **second}})
        assert changed.status_code == 200
        assert account.shown(number)[name] == {**INFOS[method], **second}, "to who asks for one"
        waiting += kept(server.services.database)
        answers += [str(answer.json()) for answer in (*refused, changed)]
        assert account.delete(number).status_code == 200
    letters = account.letters()
    assert len(letters) == 3 * len(NUMBERS)
    places = {
        "database": kept(server.services.database),
        "database while mails wait": waiting,
        "logs": all_logs.getvalue().encode(),
        "answers": "\n".join(answers).encode(),
        "mails": str(letters).encode(),
    }
    for place, content in places.items():
        assert len(content) > 500, f"{place} must have been written"
        assert not {secret for secret in SECRETS if secret in content}, place


def test_the_sweep_finds_what_is_not_sealed(server: Server) -> None:
    account = account_of(server.broker())
    number = NUMBERS[BANK][0]["bank_no"]
    account.saved(BANK, remark=number)
    assert number.encode() in kept(server.services.database)
    assert number.encode() in SECRETS


def test_of_a_list_s_numbers_no_more_shows_than_is_documented(broker: Broker) -> None:
    account = account_of(broker)
    info = NUMBERS[BANK][0]
    account.saved(BANK, **info)
    shown = str(account.listed())
    assert "**** 9911" in shown
    assert "89911" not in shown.replace(" ", "") and info["bank_no"] not in shown
