"""A client whom the broker knows, and the accounts that he wants to be paid to."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select

from backoffice import networks
from backoffice.clients import approve_client
from models.audit_entry import AuditEntry
from models.boundaries import BoundSession
from models.payee import Payee
from models.user import User
from tests.server import Broker
from tests.trading import told

Json = Any

BANK, WALLET, WIRE = "bank_transfer", "cryptocurrency", "international_wire_transfer"
METHODS = (BANK, WALLET, WIRE)
INFO_NAMES = {
    BANK: "bank_transfer_info",
    WALLET: "cryptocurrency_info",
    WIRE: "international_wire_info",
}
PATTERNS = {"TRC20": "T[1-9A-HJ-NP-Za-km-z]{33}", "ERC20": "0[xX][0-9A-Fa-f]{40}"}
INFOS: dict[str, Json] = {
    BANK: {
        "bank_country": "HK",
        "bank_name": "HSBC",
        "bank_no": "6284197103287640705",
        "branch_name": "Central branch",
        "bsc_code": "004-001",
    },
    WALLET: {"network": "TRC20", "wallet_address": "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"},
    WIRE: {
        "bank_country": "SG",
        "bank_name": "DBS Bank",
        "bank_no": "003-920281-5",
        "beneficiary_address": "88 Century Avenue, Shanghai",
        "swift_code": "DBSSSGSG",
    },
}


@dataclass
class Account:
    """A client with his session."""

    broker: Broker
    user: User

    @cached_property
    def token(self) -> str:
        return self.broker.token(self.user)

    def call(self, name: str, body: Json = None, **query: Json) -> Response:
        """A call of his."""
        return self.broker.call(name, body, token=self.token, query=query or None)

    def create(self, method: str = BANK, *, remark: str = "", **changed: Json) -> Response:
        """He wants to save one."""
        info = {**INFOS[method], **changed}
        body = {"payment_method": method, INFO_NAMES[method]: info, "remark": remark}
        return self.call("create_payee", body)

    def saved(self, method: str = BANK, *, remark: str = "", **changed: Json) -> int:
        """Its id, once it is saved; each one is a second younger."""
        number: int = told(self.create(method, remark=remark, **changed))["id"]
        self.broker.server.clock.forward(seconds=1)
        return number

    def many(self, times: int, method: str = BANK) -> list[int]:
        """Accounts at one bank."""
        return [self.saved(method, bank_no=f"10000{each}") for each in range(times)]

    def change(self, number: int, **changed: Json) -> Response:
        return self.call("update_payee", {"id": number, **changed})

    def delete(self, number: int) -> Response:
        return self.call("delete_payee", {"id": number})

    def shown(self, number: int) -> Json:
        """One of his, with its number."""
        return told(self.call("get_payee", id=number))

    def listed(self, **query: Json) -> Json:
        return told(self.call("list_payees", **query))

    def order(self, method: str = BANK) -> list[tuple[int, bool]]:
        """The ids of a method as they are listed, and which is the default."""
        return [(row["id"], row["is_default"]) for row in self.listed()[method]]

    def rows(self, table: Any = Payee) -> list[Any]:
        """All of a table's rows of his broker's, the oldest first."""

        def read(session: BoundSession) -> list[Any]:
            return list(session.exec(select(table).order_by(table.id)))

        return self.broker.server.services.database.read(self.broker.boundary, read)

    def deeds(self) -> list[tuple[str, str, Json, Json]]:
        """What was written down of his payees: deed, subject, before, after."""
        entries: list[AuditEntry] = self.rows(AuditEntry)
        return [
            (entry.deed, entry.subject, entry.before, entry.after)
            for entry in entries
            if entry.actor_id == self.user.id
        ]

    def letters(self) -> list[tuple[str, str]]:
        """Subject and text of his mails, the oldest first."""
        mails = self.broker.mails()
        return [(subject, text) for to, subject, text in mails if to == self.user.email]


def account_of(broker: Broker, email: str = "mei.lin@example.com") -> Account:
    """A new client's, whom the broker knows."""
    user = broker.user(email)
    broker.desk(lambda desk: approve_client(desk, user.email))
    return Account(broker, user)


@pytest.fixture
def account(broker: Broker) -> Account:
    for name, pattern in PATTERNS.items():
        form = networks.NetworkForm(name=name, address_pattern=pattern)
        broker.desk(partial(networks.add_network, form=form))
    return account_of(broker)
