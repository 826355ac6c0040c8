"""Where a payout goes, as clients write it: an info for each method (wlink 60, 65, 69)."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from sqlmodel import Session

from contract.problems import Problem, Violation
from gateways.secret_box import SecretBox
from models.codes import Country
from models.crypto_network import TETHER, CryptoNetwork, addresses
from models.payout_method import PayoutMethod

Info = Mapping[str, str]
Sent = Mapping[PayoutMethod, Info | None]
"""What was sent, by the method that it is for."""

_SHOWN = 4


def by_method(bank: Info | None, wallet: Info | None, wire: Info | None) -> Sent:
    """The three infos that a request can have."""
    return {
        PayoutMethod.BANK_TRANSFER: bank,
        PayoutMethod.CRYPTOCURRENCY: wallet,
        PayoutMethod.INTERNATIONAL_WIRE_TRANSFER: wire,
    }


def required_info(method: PayoutMethod, sent: Sent) -> Info:
    """That of the method. Raises Problem METHOD_INFO_REQUIRED if it is missing, or another is
    there.
    """
    info, others = sent.get(method), _others(method, sent)
    if info is None:
        others = [Violation(f"/body/{method.info_name}", "required"), *others]
    if info is None or others:
        raise Problem("METHOD_INFO_REQUIRED", errors=others)
    return info


def optional_info(method: PayoutMethod, sent: Sent) -> Info | None:
    """The same if it was sent. Raises Problem METHOD_INFO_REQUIRED if another was."""
    others = _others(method, sent)
    if others:
        raise Problem("METHOD_INFO_REQUIRED", errors=others)
    return sent.get(method)


def _others(method: PayoutMethod, sent: Sent) -> list[Violation]:
    there = [other for other, info in sent.items() if other is not method and info is not None]
    return [Violation(f"/body/{other.info_name}", "additionalProperties") for other in there]


def require_payable(session: Session, method: PayoutMethod, info: Info) -> None:
    """That there is such a country or, among the broker's, such a network, and that the network has
    such addresses. Raises Problem VALIDATION_ERROR.
    """
    is_wallet = method is PayoutMethod.CRYPTOCURRENCY
    fault = _wallet_fault(session, info) if is_wallet else _bank_fault(session, info)
    if fault:
        place, rule = fault
        errors = [Violation(f"/body/{method.info_name}/{place}", rule)]
        raise Problem("VALIDATION_ERROR", errors=errors)


def _bank_fault(session: Session, info: Info) -> tuple[str, str] | None:
    is_known = bool(Country.in_order(session, [info["bank_country"]]))
    return None if is_known else ("bank_country", "enum")


def _wallet_fault(session: Session, info: Info) -> tuple[str, str] | None:
    currency = info.get("currency", TETHER)  # of a payee nobody says it
    networks = {network.name: network for network in CryptoNetwork.enabled(session, currency)}
    network = networks.get(info["network"])
    if network is None:
        return "network", "enum"
    try:
        addresses(network.address_pattern).validate_python(info["wallet_address"])
    except ValidationError:  # which holds the address
        return "wallet_address", "pattern"
    return None


def fingerprint(box: SecretBox, method: PayoutMethod, info: Info) -> str:
    """The same for the same account, however it is written; 64 hexadecimal digits that tell nobody
    what it is.
    """
    return box.signature("payee", method, *_identity(method, info))


def _identity(method: PayoutMethod, info: Info) -> Sequence[str]:
    if method is PayoutMethod.CRYPTOCURRENCY:
        address = info["wallet_address"]
        # Of Ethereum's addresses capitals are a mere check sum; elsewhere they are digits.
        is_ethereum = address[:2].lower() == "0x"
        return info["network"], address.lower() if is_ethereum else address
    if method is PayoutMethod.BANK_TRANSFER:
        bank = _plain(info["bsc_code"])
    else:
        bank = _plain(info["swift_code"])
        bank = bank[:8] if bank[8:] == "XXX" else bank  # ISO 9362: the head office
    return info["bank_country"], bank, _plain(info["bank_no"])


def _plain(number: str) -> str:
    """Without what only makes it easier to read."""
    return "".join(filter(str.isalnum, number)).upper()


def masked(method: PayoutMethod, info: Info) -> dict[str, str]:
    """For a screen that somebody else may see: **** 0705, or TFBXeX****g64F."""
    if method is PayoutMethod.CRYPTOCURRENCY:
        shown = f"{info['wallet_address'][:6]}****{ending(method, info)}"
        return {**info, "wallet_address": shown}
    return {**info, "bank_no": f"**** {ending(method, info)}"}


def ending(method: PayoutMethod, info: Info) -> str:
    """The last four characters of a number; of a short one fewer, never more than half of it."""
    is_wallet = method is PayoutMethod.CRYPTOCURRENCY
    number = info["wallet_address"] if is_wallet else _plain(info["bank_no"])
    return number[-min(_SHOWN, len(number) // 2) :]
