"""All facts, by a field's name and by the schema that it refers to."""

from typing import Any

from mock.fields.facts import ABSENT, HEX, Facts, each, when
from mock.fields.figures import FIGURES
from mock.fields.finances import FINANCES
from mock.fields.identities import IDENTITIES
from mock.fields.money import MONEY
from mock.fields.people import PEOPLE
from mock.fields.rebates import REBATES
from mock.fields.registration import REGISTRATION
from mock.fields.times import TIMES
from mock.fields.trading import TRADING
from mock.fields.uploads import UPLOADS
from mock.files import document, picture, upload
from mock.records import Record

Json = Any


def _user_id(record: Record) -> str:
    """A UUID that ends in the user's number, so that `key_in` finds the user again."""
    if "userId" in record.scene.sent:
        return str(record.scene.sent["userId"])
    text = record.draw.text("user_id", 20, HEX)
    return f"{text[:8]}-{text[8:12]}-4{text[12:15]}-a{text[15:18]}-{record.identity:012}"


def _task_id(record: Record) -> str:
    text = record.draw.text("task_id", 32, HEX)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


FIELDS: Facts = (
    PEOPLE
    | TIMES
    | MONEY
    | TRADING
    | REBATES
    | REGISTRATION
    | FIGURES
    | UPLOADS
    | FINANCES
    | IDENTITIES
)

# By what a field is: the schema that it refers to.
KINDS: Facts = {
    **each("Ticket OptionalTicket", lambda r: r.trade.ticket),
    **each("Symbol OptionalSymbol", lambda r: r.trade.instrument.symbol),
    "Login": lambda r: r.account.login,
    "AgreementStatus": lambda r: r.registration.agreement_status,
    "IdentityStatus": lambda r: r.registration.identity_status,
    "KycStatus": lambda r: r.registration.kyc_status,
    "TemplateApplyStatus": lambda r: r.registration.outcome,
    "PendingKind": lambda r: f"{r.trade.side}_{r.draw.choice('kind', ('LIMIT', 'STOP'))}",
    "LworkUserId": _user_id,
    "LworkTaskId": _task_id,
    "LworkCode": when(
        lambda r: r.scene.sent.get("sendSms") is False,
        lambda r: r.draw.text("code", 6, "0123456789"),
        ABSENT,
    ),
}


def fact(record: Record, name: str, component: str) -> Json:
    """What the record knows for the field, or LookupError if it knows nothing."""
    own = f"{record.component}.{name}"
    if own in FIELDS:
        return FIELDS[own](record)
    if component == "FileUrl":
        return document(record, str(record.entry["key"])) if name == "url" else upload(record, name)
    if component in KINDS:
        return KINDS[component](record)
    if name in FIELDS:
        return FIELDS[name](record)
    if name.endswith("_url"):
        return picture(record, name)
    raise LookupError(own)
