"""All facts, by a field's name and by the schema that it refers to."""

from typing import Any

from mock.fields.facts import ABSENT, Facts, uuid, when
from mock.fields.figures import FIGURES
from mock.fields.finances import FINANCES
from mock.fields.identities import IDENTITIES
from mock.fields.money import MONEY
from mock.fields.people import PEOPLE
from mock.fields.registration import REGISTRATION
from mock.fields.times import TIMES
from mock.fields.trading import TRADING
from mock.fields.uploads import UPLOADS
from mock.files import document, picture, upload
from mock.orders import INSTRUMENTS
from mock.records import Record

Json = Any

FIELDS: Facts = (
    PEOPLE | TIMES | MONEY | TRADING | REGISTRATION | FIGURES | UPLOADS | FINANCES | IDENTITIES
)

KINDS: Facts = {
    **dict.fromkeys(("Ticket", "OptionalTicket"), lambda r: r.order.ticket),
    "OptionalSymbol": lambda r: r.order.instrument.symbol,
    "Symbol": lambda r: (
        sorted(i.symbol for i in INSTRUMENTS)
        if r.component == "SymbolList"
        else r.order.instrument.symbol
    ),
    "AgreementStatus": lambda r: r.registration.agreement_status,
    "IdentityStatus": lambda r: r.registration.identity_status,
    "KycStatus": lambda r: r.registration.kyc_status,
    "TemplateStatus": lambda r: r.registration.outcome,
    "PendingKind": lambda r: f"{r.order.side}_{r.draw.choice('kind', ('LIMIT', 'STOP'))}",
    "AppId": lambda r: 190_000_000 + r.draw.integer("app_id", 1, 999_999),
    "Login": lambda r: r.account.login,
    "LworkUserId": lambda r: uuid(r, "user"),
    "LworkTaskId": lambda r: uuid(r, "task"),
    "LworkCode": when(
        lambda r: r.scene.sent.get("sendSms") is False,
        lambda r: r.draw.text("code", 6, "0123456789"),
        ABSENT,
    ),
}


def fact(record: Record, name: str, component: str) -> Json:
    """What the record knows for the field, or LookupError if it knows nothing."""
    if component == "FileUrl":
        return document(record, str(record.entry["key"])) if name == "url" else upload(record, name)
    if component in KINDS:
        return KINDS[component](record)
    if name.endswith(("_url", "_URL", "URL")) and name not in FIELDS:
        return picture(record, name)
    return FIELDS[name](record)
