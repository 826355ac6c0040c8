"""Deposits until they are paid: drafted, submitted with a receipt, cancelled, over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import select

from cashier.accounts import require_taking
from cashier.channel_limits import require_in_range, require_sum
from cashier.payment_ports import PaymentPorts
from contract.problems import Problem
from gateways.letters import DAY, post_letter
from gateways.outbox import Outbox
from gateways.payments import Payment, PaymentError, PaymentWanted
from models.boundaries import BoundSession
from models.cash_order import new_order_number
from models.cashier_setting import CashierSetting
from models.channel import Channel, Direction
from models.client_profile import ClientProfile
from models.company_setting import CompanySetting
from models.deposit_order import DepositOrder, DepositStatus
from models.exchange_rate import ExchangeRate
from models.money import Denomination, Money
from models.offer_setting import OfferSetting
from models.tenant import Tenant
from models.texts import Languages, text_in
from models.trading_account import TradingAccount

# What the worker is told: that a draft's time is over, and that a payment is not wanted any more.
OVER, UNWANTED = "deposit_over", "payment_unwanted"
_RETRIED = timedelta(days=7)
# Gateways keep a payment open for less than a day.
_LONGEST_ONLINE = timedelta(hours=23)


@dataclass(frozen=True)
class DepositWanted:
    """What a client asks for; `amount` is what the account gets, as he has written it."""

    user_id: int
    trading_account_id: int
    channel_id: int
    amount: str
    remark: str
    languages: Languages


@dataclass(frozen=True)
class Draft:
    """What it comes to. `pays` is in the currency that is paid in, at `rate` for one unit of the
    account's.
    """

    wanted: DepositWanted
    order_number: str
    channel: Channel
    amount: Money
    fee: Money
    pays: Money
    rate: Decimal
    expires_at: datetime


def reckoned(session: BoundSession, wanted: DepositWanted, now: datetime) -> Draft:
    """Writes nothing. Raises Problem KYC_REQUIRED, NOT_FOUND, NOT_A_LIVE_ACCOUNT,
    ACCOUNT_FUNDING_NOT_ALLOWED, CHANNEL_UNAVAILABLE, AMOUNT_INVALID, AMOUNT_OUT_OF_RANGE or
    RATE_NOT_FOUND.
    """
    profile = ClientProfile.of_user_id(session, wanted.user_id)
    profile.require_approved()
    account = TradingAccount.require(session, wanted.user_id, wanted.trading_account_id)
    require_taking(account)
    channel = Channel.available_to(session, Direction.DEPOSIT, wanted.channel_id, profile.country)
    unit = Denomination.of(session, account.currency)
    amount = Money.read(wanted.amount, unit, "/body/deposit_amount")
    require_in_range(channel, amount)
    fee, pay_unit = channel.fee_of(amount), _pay_unit(session, channel, unit)
    rate = ExchangeRate.to_pay_in(session, unit.code, pay_unit.code)
    pays = (amount + fee).converted_up(rate, pay_unit)
    require_sum(channel, unit, pays)
    number, expires_at = new_order_number("D", now), now + _life(session, channel)
    return Draft(wanted, number, channel, amount, fee, pays, rate, expires_at)


def _life(session: BoundSession, channel: Channel) -> timedelta:
    wanted = timedelta(hours=CashierSetting.of_tenant(session).draft_hours)
    return min(wanted, _LONGEST_ONLINE) if channel.method.is_online else wanted


def _pay_unit(session: BoundSession, channel: Channel, unit: Denomination) -> Denomination:
    """The account's own currency if the channel takes it, else the first that it takes and that the
    broker deals in. Raises Problem CHANNEL_UNAVAILABLE.
    """
    offered = OfferSetting.of_tenant(session).currencies
    taken = [code for code in channel.currencies if code in offered]
    if unit.code in taken:
        return unit
    if not taken:
        raise Problem("CHANNEL_UNAVAILABLE")
    return Denomination.of(session, taken[0])


def payment_of(ports: PaymentPorts, draft: Draft, return_url: str) -> Payment | None:
    """Has the gateway of an online channel make a payment. Raises Problem PAYMENT_GATEWAY_ERROR."""
    if not draft.channel.method.is_online:
        return None
    wanted = PaymentWanted(
        order_number=draft.order_number,
        amount=draft.pays,
        title=draft.order_number,
        expires_at=draft.expires_at,
        return_url=return_url,
    )
    try:
        return ports.of(draft.channel).create(wanted)
    except PaymentError as error:
        raise Problem("PAYMENT_GATEWAY_ERROR") from error


def write(
    session: BoundSession, outbox: Outbox, draft: Draft, payment: Payment | None, now: datetime
) -> DepositOrder:
    """The order, frozen as it was reckoned. Raises Problem NOT_FOUND if the account has been closed
    meanwhile.
    """
    wanted = draft.wanted
    account = TradingAccount.require_open(session, wanted.user_id, wanted.trading_account_id)
    order = DepositOrder(
        user_id=wanted.user_id,
        order_number=draft.order_number,
        trading_account_id=account.id,
        channel_id=draft.channel.id,
        amount=draft.amount.minor,
        currency=account.currency,
        fee=draft.fee.minor,
        pay_currency=draft.pays.unit.code,
        pay_amount=draft.pays.minor,
        rate=draft.rate,
        account_info=text_in(draft.channel.account_info, wanted.languages),
        client_remark=wanted.remark,
        expires_at=draft.expires_at,
        created_at=now,
        moved_at=now,
        submitted_at=now,
    )
    if payment:
        order.gateway_reference, order.expires_at = payment.reference, payment.expires_at
        order.pay_type, order.pay_url = payment.pay_type, payment.pay_url
        order.pay_data = payment.pay_data
    session.add(order)
    outbox.add(session, OVER, {"order": order.order_number}, order.expires_at, _RETRIED)
    return order


def submit(
    session: BoundSession, outbox: Outbox, order: DepositOrder, receipt_url: str, now: datetime
) -> None:
    """The client has paid by the instructions, and shows a receipt; the broker is told by mail
    (wlink 55). The same receipt again changes nothing. Raises Problem ORDER_STATE_CONFLICT.
    """
    if order.is_online:
        raise order.conflict(now)
    if order.receipt_url == receipt_url:
        return
    order.require_drafted(now)
    order.receipt_url, order.submitted_at = receipt_url, now
    order.move("status", DepositStatus.PENDING, now)
    _tell_broker(session, outbox, order, now)


def _tell_broker(session: BoundSession, outbox: Outbox, order: DepositOrder, now: datetime) -> None:
    """Where the broker has an address, that there is something to decide."""
    address = CompanySetting.of_tenant(session).email
    if address:
        amount = order.sum_told(session)
        own = select(Tenant.default_language).where(Tenant.id == order.tenant_id)
        language = session.exec(own).one()
        facts = {"order": order.order_number, "amount": amount}
        post_letter(outbox, session, "deposit_submitted", address, language, now, DAY, **facts)


def cancel(session: BoundSession, outbox: Outbox, order: DepositOrder, now: datetime) -> None:
    """The client does not want to pay any more; the worker tells the gateway (wlink 50). Once more
    changes nothing. Raises Problem ORDER_STATE_CONFLICT.
    """
    if order.status is DepositStatus.CANCELLED:
        return
    order.require_drafted(now)
    order.move("status", DepositStatus.CANCELLED, now)
    if order.is_online:
        outbox.add(session, UNWANTED, {"order": order.order_number}, now, _RETRIED)


def end(order: DepositOrder, now: datetime) -> None:
    """Nobody has paid in time, which is over."""
    if order.status is DepositStatus.DRAFTED:
        order.move("status", DepositStatus.EXPIRED, now)
