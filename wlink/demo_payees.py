"""Where the demo client has his money paid to: saved as he would."""

from sqlmodel import select

from cashier.payees import PayeeBook
from cashier.payout_info import Info
from models.boundaries import Boundary, BoundSession
from models.payee import Payee
from models.payout_method import PayoutMethod
from models.tenant import Portal
from models.user import User
from wlink.services import Services

_INFOS: dict[PayoutMethod, Info] = {
    PayoutMethod.INTERNATIONAL_WIRE_TRANSFER: {
        "bank_country": "SG",
        "bank_name": "DBS Bank",
        "bank_no": "0039202815",
        "beneficiary_address": "88 Century Avenue, Shanghai",
        "swift_code": "DBSSSGSG",
    },
    PayoutMethod.CRYPTOCURRENCY: {
        "network": "TRC20",
        "wallet_address": "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE",
    },
}


def save_payees(services: Services, boundary: Boundary, email: str) -> None:
    """A bank account and a wallet. Does nothing where there are payees already."""
    if services.database.read(boundary, lambda session: session.exec(select(Payee.id)).first()):
        return
    services.database.write(boundary, lambda session: _save(services, session, email))


def _save(services: Services, session: BoundSession, email: str) -> None:
    user = User.by_email(session, Portal.CLIENT, email)
    if user is None:
        raise ValueError("the demo has no such client")
    book = PayeeBook(
        *(user.id, services.box, services.outbox, services.audit),
        address="console demo",
        now=services.clock(),
    )
    for method, info in _INFOS.items():
        book.add(session, method, {method: info}, remark="")
