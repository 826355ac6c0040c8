"""Where clients have their money paid to."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, text, update
from sqlmodel import Field, Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from contract.problems import Problem
from models.boundaries import OfUser
from models.columns import moment, row_id, word
from models.payout_method import PayoutMethod

# Of each method.
MOST_PAYEES = 20
_KEPT = text("deleted_at IS NULL")
_DEFAULT = text("is_default")


class Payee(OfUser, table=True):
    """A bank account or wallet of a client's. What its number is, is sealed in `details`; the same
    account always has the same `fingerprint`, which is made with a key that is not in the database.
    `details_changed_at` is when the money began to go there, `account_holder_name` the name under
    which the client was known then.
    """

    __table_args__ = (
        Index(
            "uq_payee_fingerprint",
            *("user_id", "fingerprint"),
            unique=True,
            sqlite_where=_KEPT,
            postgresql_where=_KEPT,
        ),
        Index(
            "uq_payee_default",
            *("user_id", "payment_method"),
            unique=True,
            sqlite_where=_DEFAULT,
            postgresql_where=_DEFAULT,
        ),
    )

    id: int = row_id()
    payment_method: PayoutMethod = word(PayoutMethod)
    details: bytes = Field(sa_type=LargeBinary)
    fingerprint: str = Field(max_length=64)
    is_default: bool = Field(default=False)
    account_holder_name: str = Field(max_length=200)
    remark: str = Field(max_length=500)
    created_at: datetime = moment()
    updated_at: datetime = moment()
    details_changed_at: datetime = moment()
    deleted_at: datetime | None = moment(optional=True)

    @classmethod
    def kept(cls, user_id: int) -> "SelectOfScalar[Payee]":
        """A client's own that he has not deleted: the defaults first, then the newest."""
        own = select(cls).where(cls.user_id == user_id, col(cls.deleted_at).is_(None))
        return own.order_by(col(cls.is_default).desc(), col(cls.id).desc())

    @classmethod
    def require(cls, session: Session, user_id: int, number: int) -> "Payee":
        """One of them. Raises Problem NOT_FOUND."""
        payee = session.exec(cls.kept(user_id).where(cls.id == number)).first()
        if payee is None:
            raise Problem("NOT_FOUND")
        return payee

    @classmethod
    def of_fingerprint(cls, session: Session, user_id: int, fingerprint: str) -> "Payee | None":
        """The one of an account, see cashier/payout_info.py."""
        return session.exec(cls.kept(user_id).where(cls.fingerprint == fingerprint)).first()

    @classmethod
    def count(cls, session: Session, user_id: int, method: PayoutMethod) -> int:
        """How many a client has of a method."""
        kept = select(func.count()).select_from(cls).where(cls.user_id == user_id)
        own = kept.where(cls.payment_method == method, col(cls.deleted_at).is_(None))
        return session.exec(own).one()

    def set_default(self, session: Session, *, is_default: bool) -> None:
        """Of its method; no other one is it then."""
        if is_default:
            own = (col(Payee.user_id) == self.user_id, col(Payee.is_default))
            others = update(Payee).where(*own, col(Payee.payment_method) == self.payment_method)
            session.execute(others.values(is_default=False))
        self.is_default = is_default

    def delete(self, session: Session, now: datetime) -> None:
        """The newest that is left becomes the default in its place."""
        was_default, self.is_default, self.deleted_at = self.is_default, False, now
        session.flush()
        left = Payee.kept(self.user_id).where(Payee.payment_method == self.payment_method)
        newest = session.exec(left).first() if was_default else None
        if newest:
            newest.is_default = True
