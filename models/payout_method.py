"""How money is paid out."""

from enum import StrEnum


class PayoutMethod(StrEnum):
    """The kind of account that a client's money goes to."""

    BANK_TRANSFER = "bank_transfer"
    INTERNATIONAL_WIRE_TRANSFER = "international_wire_transfer"
    CRYPTOCURRENCY = "cryptocurrency"

    @property
    def info_name(self) -> str:
        """The field that says where the money goes."""
        return _INFO_NAMES[self]


_INFO_NAMES = {
    PayoutMethod.BANK_TRANSFER: "bank_transfer_info",
    PayoutMethod.INTERNATIONAL_WIRE_TRANSFER: "international_wire_info",
    PayoutMethod.CRYPTOCURRENCY: "cryptocurrency_info",
}
