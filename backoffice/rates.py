"""Setting what currencies are worth."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from sqlmodel import col, select

from backoffice.desk import Desk
from backoffice.fields import Form, in_digits, written_out
from backoffice.settings import require_known
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.codes import Currency
from models.exchange_rate import DECIMALS, MANUAL, WHOLE_DIGITS, ExchangeRate
from models.locking import fresh
from models.upsert import inserted

Json = Any


Rate = Annotated[
    Decimal, BeforeValidator(in_digits(WHOLE_DIGITS, DECIMALS)), Field(gt=0), written_out
]
# Two digits: what reached 100 would leave the client nothing.
Percent = Annotated[Decimal, BeforeValidator(in_digits(2, DECIMALS)), written_out]


class RateForm(Form):
    """What one `base` is worth in `quote`. A mark-up that is left out stays as it is: a new rate
    must not take away what the broker earns.
    """

    base: str
    quote: str
    rate: Rate
    markup_in: Percent | None = None
    markup_out: Percent | None = None


def set_rate(desk: Desk, form: RateForm) -> None:
    """It counts from now on, also if it had been disabled. Raises RefusedError."""
    _require_pair(desk, form)
    given = form.model_dump(exclude_none=True, exclude={"base", "quote"})
    given |= {"source": MANUAL, "is_enabled": True, "at": desk.now}
    pair = {"base": form.base, "quote": form.quote}
    is_new = inserted(desk.session, ExchangeRate, pair, **given)
    row = _locked(desk, form.base, form.quote)
    before = None if is_new else _written(row)
    for name, value in given.items():
        setattr(row, name, value)
    if row.for_client() is None:
        raise RefusedError("with this mark-up nothing is left of the rate")
    desk.note(Deed.RATE_SET, _subject(row), before, _written(row))


def disable_rate(desk: Desk, base: str, quote: str) -> None:
    """It does not count any more; the opposite rate or a cross may. Raises RefusedError."""
    row = _locked(desk, base, quote)
    before = {"is_enabled": row.is_enabled}
    row.is_enabled = False
    desk.note(Deed.RATE_DISABLED, _subject(row), before, {"is_enabled": False})


def rates(desk: Desk) -> list[ExchangeRate]:
    """All of them, enabled or not, in the order of their codes."""
    in_order = (col(ExchangeRate.base), col(ExchangeRate.quote))
    return list(desk.session.exec(select(ExchangeRate).order_by(*in_order)))


def _require_pair(desk: Desk, form: RateForm) -> None:
    require_known(desk, Currency, [form.base, form.quote])
    if form.base == form.quote:
        raise RefusedError("a currency is always worth 1 of itself")


def _locked(desk: Desk, base: str, quote: str) -> ExchangeRate:
    of_pair = (ExchangeRate.base == base, ExchangeRate.quote == quote)
    row = desk.session.exec(fresh(select(ExchangeRate).where(*of_pair))).first()
    if row is None:
        raise RefusedError(f"there is no rate {base} {quote}")
    return row


def _written(row: ExchangeRate) -> Json:
    return {**RateForm.of(row).as_json(), "source": row.source, "is_enabled": row.is_enabled}


def _subject(row: ExchangeRate) -> str:
    return f"rate {row.base} {row.quote}"
