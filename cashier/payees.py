"""The payees of a client (wlink 65, 66, 69)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from cashier.payout_info import (
    Info,
    Sent,
    ending,
    fingerprint,
    optional_info,
    require_payable,
    required_info,
)
from contract.problems import Problem
from gateways.audit_log import AuditLog
from gateways.letters import post_letter
from gateways.outbox import Outbox
from gateways.secret_box import SecretBox
from models.audit_entry import Deed
from models.boundaries import BoundSession
from models.client_profile import ClientProfile
from models.payee import MOST_PAYEES, Payee
from models.payout_method import PayoutMethod
from models.user import User

Json = Any

_LETTERS = {
    Deed.PAYEE_ADDED: "payee_added",
    Deed.PAYEE_CHANGED: "payee_changed",
    Deed.PAYEE_REMOVED: "payee_removed",
}


@dataclass(frozen=True)
class PayeeBook:
    """A client's payees; his profile is locked before one is changed. Whatever he does is written
    down, and he is told by mail, in case it was not he.
    """

    user_id: int
    box: SecretBox
    outbox: Outbox
    audit: AuditLog
    address: str
    now: datetime

    def add(self, session: BoundSession, method: PayoutMethod, sent: Sent, remark: str) -> Payee:
        """The first of a method is its default. Raises Problem METHOD_INFO_REQUIRED, KYC_REQUIRED,
        VALIDATION_ERROR, PAYEE_DUPLICATE or PAYEE_LIMIT_REACHED.
        """
        info = required_info(method, sent)
        ClientProfile.of_user_id(session, self.user_id).require_approved()
        seen = self._new_fingerprint(session, method, info)
        own = Payee.count(session, self.user_id, method)
        if own >= MOST_PAYEES:
            raise Problem("PAYEE_LIMIT_REACHED")
        payee = self._row(session, method, info, seen, remark, is_default=own == 0)
        after = {"payment_method": method.value, "is_default": payee.is_default}
        self._tell(session, Deed.PAYEE_ADDED, payee, info, after=after)
        return payee

    def change(
        self,
        session: BoundSession,
        number: int,
        sent: Sent,
        remark: str | None,
        is_default: bool | None,
    ) -> None:
        """Replaces what is given; what stays as it is, is no change. Raises Problem NOT_FOUND,
        METHOD_INFO_REQUIRED, VALIDATION_ERROR or PAYEE_DUPLICATE.
        """
        payee = self._locked(session, number)
        info, changed = optional_info(payee.payment_method, sent), []
        if info is not None and self._replace(session, payee, info):
            changed.append("details")
        if remark is not None and remark != payee.remark:
            payee.remark = remark
            changed.append("remark")
        if is_default is not None and is_default != payee.is_default:
            payee.set_default(session, is_default=is_default)
            changed.append("is_default")
        if changed:
            payee.updated_at = self.now
            info = opened(self.box, payee)
            self._tell(session, Deed.PAYEE_CHANGED, payee, info, after={"changed": changed})

    def remove(self, session: BoundSession, number: int) -> None:
        """Raises Problem NOT_FOUND."""
        payee = self._locked(session, number)
        before = {"payment_method": payee.payment_method.value, "is_default": payee.is_default}
        payee.delete(session, self.now)
        self._tell(session, Deed.PAYEE_REMOVED, payee, opened(self.box, payee), before)

    def _locked(self, session: BoundSession, number: int) -> Payee:
        ClientProfile.of_user_id(session, self.user_id)
        return Payee.require(session, self.user_id, number)

    def _new_fingerprint(
        self, session: BoundSession, method: PayoutMethod, info: Info, but: int = 0
    ) -> str:
        """Of an account that no other payee of his has."""
        require_payable(session, method, info)
        seen = fingerprint(self.box, method, info)
        same = Payee.of_fingerprint(session, self.user_id, seen)
        if same and same.id != but:
            raise Problem("PAYEE_DUPLICATE")
        return seen

    def _row(
        self,
        session: BoundSession,
        method: PayoutMethod,
        info: Info,
        seen: str,
        remark: str,
        *,
        is_default: bool,
    ) -> Payee:
        user = User.present(session, self.user_id)
        payee = Payee(
            user_id=user.id,
            payment_method=method,
            details=_sealed(self.box, user.tenant_id, user.id, info),
            fingerprint=seen,
            is_default=is_default,
            account_holder_name=user.full_name,
            remark=remark,
            created_at=self.now,
            updated_at=self.now,
            details_changed_at=self.now,
        )
        session.add(payee)
        session.flush()
        return payee

    def _replace(self, session: BoundSession, payee: Payee, info: Info) -> bool:
        """Whether anything of it is new."""
        if info == opened(self.box, payee):
            return False
        seen = self._new_fingerprint(session, payee.payment_method, info, but=payee.id)
        payee.details = _sealed(self.box, payee.tenant_id, payee.user_id, info)
        payee.fingerprint, payee.details_changed_at = seen, self.now
        payee.account_holder_name = User.present(session, self.user_id).full_name
        return True

    def _tell(
        self,
        session: BoundSession,
        deed: Deed,
        payee: Payee,
        info: Info,
        before: Json = None,
        after: Json = None,
    ) -> None:
        self.audit.record(
            *(session, deed, f"payee {payee.id}", before, after),
            actor_id=self.user_id,
            address=self.address,
            at=self.now,
        )
        user = User.present(session, self.user_id)
        post_letter(
            *(self.outbox, session, _LETTERS[deed], user.email, user.language, self.now),
            ending=ending(payee.payment_method, info),
            time=f"{self.now:%F %T}",
        )


def opened(box: SecretBox, payee: Payee) -> dict[str, str]:
    """The info of a payee with full numbers. Raises cryptography's InvalidTag if it was sealed for
    somebody else.
    """
    content = box.opened(_purpose(payee.tenant_id, payee.user_id), payee.details)
    info: dict[str, str] = orjson.loads(content)
    return info


def _sealed(box: SecretBox, tenant_id: int, user_id: int, info: Info) -> bytes:
    return box.sealed(_purpose(tenant_id, user_id), orjson.dumps(info))


def _purpose(tenant_id: int, user_id: int) -> str:
    return f"payee of user {user_id} of tenant {tenant_id}"
