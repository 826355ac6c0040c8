"""Which parts of an object are there, and which other thing a part speaks of."""

from collections.abc import Mapping
from typing import Any

from mock.records import Record
from mock.texts import data

Json = Any

_METHOD_INFO = {
    "bank_transfer_info": "bank_transfer",
    "international_wire_info": "international_wire_transfer",
    "cryptocurrency_info": "cryptocurrency",
}
_DOCUMENT_FILES = {
    "driver_license": "driver_license_front driver_license_back",
    "identity": "identity_front identity_back",
    "passport": "passport",
    "permanent_card": "permanent_card_front permanent_card_back",
    "residence_permit": "residence_permit_front residence_permit_back",
    "medical_insurance_card": "medical_insurance_card",
}


def fixed(record: Record, component: str, name: str) -> Mapping[str, Json]:
    """The values that an object has in every answer: of the broker, or of a language's texts."""
    if name.endswith("_i18n"):
        topic = "broker" if name.startswith("broker") else "login_copy"
        texts: Mapping[str, Json] = record.draw.choice(topic, data("texts")[topic])
        return texts
    entries: list[Mapping[str, Json]] = data("reference").get(component, [{}])
    if record.scene.persona.kind_in(record.scene.portal) == "ib":
        entries = data("reference").get(f"Ib{component}", entries)
    return entries[0]


def shown(record: Record, name: str, required: bool) -> bool | None:
    """Whether the object has this part; None says that it is null."""
    if record.entry and not required:
        return name in record.entry or name == "status"
    match record.component:
        case "Payee" if name in _METHOD_INFO:
            return True if record.payee.method == _METHOD_INFO[name] else None
        case "RegistrationTemplate" if name == "e_verify":
            return True if not record.registration.approved else None
        case "IbClientRow" if name == "account":
            return record.registration.approved
        case "KycData":
            return name in record.registration.modules
        case "KycIdentity":
            return "identity" in record.registration.modules
        case "KycAuthentication" if name != "identification_type":
            return name in _DOCUMENT_FILES[record.chosen("identification_type")].split()
    return True


def referred(record: Record, component: str, name: str) -> Record:
    """The record that an object speaks of: the account that a deposit goes to, say."""
    if component.startswith("TradingAccountRef") and name:
        transfer_target = record.kind == "transfers" and name.startswith("target")
        identity = record.other_account_identity if transfer_target else record.account_identity
        return record.other("trading_accounts", str(identity))
    return record
