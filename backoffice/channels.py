"""Payment channels, published as content is."""

import re

from sqlmodel import select

from backoffice.cashier_forms import ChannelForm
from backoffice.content import Kind
from backoffice.desk import Desk
from backoffice.settings import require_known
from cashier.payment_ports import PaymentPorts
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.channel import Channel, Direction
from models.codes import Country
from models.deposit_order import DepositOrder
from models.exchange_rate import ACCOUNT_CURRENCY
from models.locking import fresh
from models.money import Denomination
from models.offer_setting import OfferSetting
from models.withdrawal_order import WithdrawalOrder

# What a header of HTTP takes.
_SECRET = re.compile("[!-~]+")


def set_secrets(
    desk: Desk, payments: PaymentPorts, number: int, key: str, webhook_secret: str
) -> None:
    """The key that a channel's gateway knows us by, and the secret by which we know its notices.
    Both are sealed, and never shown. Raises RefusedError.
    """
    if not _SECRET.fullmatch(key) or not _SECRET.fullmatch(webhook_secret):
        raise RefusedError("a key and a secret have printable characters of ASCII, and no spaces")
    channel = desk.session.exec(fresh(select(Channel).where(Channel.id == number))).first()
    if channel is None:
        raise RefusedError(f"there is no channel {number}")
    if not channel.gateway_address:
        raise RefusedError("the channel has no gateway")
    channel.gateway_key = payments.sealed(channel.id, key)
    channel.webhook_secret = payments.sealed(channel.id, webhook_secret)
    channel.updated_at = desk.now
    desk.note(Deed.SETTING_CHANGED, f"secrets of channel {number}")


def _require_sound(desk: Desk, form: ChannelForm, number: int | None) -> None:
    offered = OfferSetting.of_tenant(desk.session).currencies
    foreign = [code for code in form.currencies if code not in offered]
    if foreign:
        raise RefusedError(f"the broker does not deal in {foreign[0]}")
    require_known(desk, Country, form.countries)
    if form.direction is Direction.WITHDRAWAL:
        _require_that_something_is_left(desk, form)
    if number is not None:
        _require_same_method(desk, form, number)


def _require_same_method(desk: Desk, form: ChannelForm, number: int) -> None:
    """What orders came or went by stays what it was."""
    orders = (
        select(DepositOrder.id).where(DepositOrder.channel_id == number),
        select(WithdrawalOrder.id).where(WithdrawalOrder.channel_id == number),
    )
    has_orders = any(desk.session.exec(each.limit(1)).first() for each in orders)
    if has_orders and Channel.present(desk.session, number).method is not form.method:
        raise RefusedError("there are orders on it: its method stays as it is")


def _require_that_something_is_left(desk: Desk, form: ChannelForm) -> None:
    """The fee is taken off what is withdrawn; the smallest amount leaves the least."""
    channel = Channel(**form.model_dump())
    smallest, _ = channel.limits(Denomination.of(desk.session, ACCOUNT_CURRENCY))
    if channel.fee_of(smallest) >= smallest:
        raise RefusedError("the fee leaves nothing of min_amount")


CHANNEL = Kind("channel", Channel, ChannelForm, _require_sound)
