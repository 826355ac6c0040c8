"""Where the caller has his money paid to."""

from typing import Any

from sqlmodel import Session, col

from cashier.payees import PayeeBook, opened
from cashier.payout_info import Info, by_method, masked
from gateways.secret_box import SecretBox
from handlers.times import tenant_time, within
from models.boundaries import BoundSession
from models.payee import Payee
from models.payout_method import PayoutMethod
from models.tenant import Site
from models.user import Caller

Json = Any


def create_payee(
    payment_method: str,
    bank_transfer_info: Info | None = None,
    cryptocurrency_info: Info | None = None,
    international_wire_info: Info | None = None,
    remark: str = "",
    *,
    session: BoundSession,
    payees: PayeeBook,
) -> Json:
    """Saves one (wlink 65). Raises what PayeeBook.add does."""
    sent = by_method(bank_transfer_info, cryptocurrency_info, international_wire_info)
    return {"id": payees.add(session, PayoutMethod(payment_method), sent, remark).id}


def delete_payee(
    id_: int,
    *,
    session: BoundSession,
    payees: PayeeBook,
) -> Json:
    """Past withdrawals keep their copy (wlink 66). Raises Problem NOT_FOUND."""
    payees.remove(session, id_)
    return {}


def get_payee(id_: int, *, session: Session, caller: Caller, box: SecretBox, site: Site) -> Json:
    """One with its full numbers (wlink 67). Raises Problem NOT_FOUND."""
    payee = Payee.require(session, caller.user_id, id_)
    infos: dict[str, Json] = {method.info_name: None for method in PayoutMethod}
    infos[payee.payment_method.info_name] = opened(box, payee)
    return {
        **infos,
        "account_holder_name": payee.account_holder_name,
        "created_at": tenant_time(payee.created_at, site.zone),
        "id": payee.id,
        "payment_method": payee.payment_method,
        "remark": payee.remark,
        "updated_at": tenant_time(payee.updated_at, site.zone),
    }


def list_payees(
    payment_method: str = "",
    start_time: str = "",
    end_time: str = "",
    *,
    session: Session,
    caller: Caller,
    box: SecretBox,
    site: Site,
) -> Json:
    """Those that were created in a period, with masked numbers (wlink 68). Raises Problem
    DATE_RANGE_INVALID.
    """
    period = within(start_time, end_time, site.zone)
    found = Payee.kept(caller.user_id).where(*period.conditions(col(Payee.created_at)))
    if payment_method:
        found = found.where(Payee.payment_method == payment_method)
    groups: dict[str, list[Json]] = {method.value: [] for method in PayoutMethod}
    for payee in session.exec(found):
        groups[payee.payment_method].append(_row(box, payee, site.zone))
    return {**groups, "total": sum(map(len, groups.values()))}


def update_payee(
    id_: int,
    bank_transfer_info: Info | None = None,
    cryptocurrency_info: Info | None = None,
    international_wire_info: Info | None = None,
    is_default: bool | None = None,
    remark: str | None = None,
    *,
    session: BoundSession,
    payees: PayeeBook,
) -> Json:
    """Changes what is sent (wlink 69). Raises what PayeeBook.change does."""
    sent = by_method(bank_transfer_info, cryptocurrency_info, international_wire_info)
    payees.change(session, id_, sent, remark, is_default)
    return {}


def _row(box: SecretBox, payee: Payee, zone: str) -> Json:
    return {
        **masked(payee.payment_method, opened(box, payee)),
        "created_at": tenant_time(payee.created_at, zone),
        "id": payee.id,
        "is_default": payee.is_default,
        "remark": payee.remark,
    }
