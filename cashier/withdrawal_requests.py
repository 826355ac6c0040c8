"""Clients who want their money paid out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from cashier.accounts import require_giving
from cashier.channel_limits import out_of_range, require_in_range
from cashier.debits import debit
from cashier.open_orders import require_none_open
from cashier.payout_info import Info, Sent, fingerprint, require_payable, required_info
from cashier.turns import Turn
from cashier.withdrawal_quotes import Quote, Shown, quoted
from contract.problems import Problem, Violation
from gateways.secret_box import SecretBox
from models.boundaries import BoundSession
from models.cash_order import new_order_number
from models.cashier_setting import CashierSetting
from models.channel import Channel, Direction
from models.client_profile import ClientProfile
from models.money import Denomination, Money
from models.payee import Payee
from models.payout_method import PayoutMethod
from models.trading_account import TradingAccount
from models.user import User
from models.withdrawal_order import WithdrawalOrder
from trading.funds import movable

_PURPOSE = "payee of a withdrawal"


@dataclass(frozen=True)
class WithdrawalWanted:
    """What a client asks for, as he has written it; `amount` is what leaves his account."""

    user_id: int
    trading_account_id: int
    channel_id: int
    amount: str
    method: PayoutMethod
    sent: Sent
    shown: Shown
    remark: str


def withdraw(turn: Turn, wanted: WithdrawalWanted) -> WithdrawalOrder:
    """An order for the operators; the worker takes the amount off the account (wlink 60), if that
    does not wait for them. Raises Problem KYC_REQUIRED, NOT_FOUND, NOT_A_LIVE_ACCOUNT,
    ACCOUNT_FUNDING_NOT_ALLOWED, CHANNEL_UNAVAILABLE, METHOD_INFO_REQUIRED, VALIDATION_ERROR,
    AMOUNT_INVALID, AMOUNT_OUT_OF_RANGE, CURRENCY_MISMATCH, QUOTE_CHANGED, PENDING_ORDER_EXISTS or
    INSUFFICIENT_FUNDS.
    """
    session, setting = turn.session, CashierSetting.of_tenant(turn.session)
    profile = ClientProfile.of_user_id(session, wanted.user_id)
    profile.require_approved()
    account = TradingAccount.require_open(session, wanted.user_id, wanted.trading_account_id)
    require_giving(account)
    channel = _channel(session, wanted, profile)
    info = required_info(wanted.method, wanted.sent)
    _require_own(session, setting, wanted, info)
    unit = Denomination.of(session, account.currency)
    amount = Money.read(wanted.amount, unit, "/body/withdrawal_amount")
    require_in_range(channel, amount)
    _require_within_day(turn, setting, wanted.user_id, channel, amount)
    quote = quoted(session, channel, amount, wanted.shown.currency)
    quote.require_shown(wanted.shown)
    require_none_open(session, account.id)
    if amount > movable(session, account):
        raise Problem("INSUFFICIENT_FUNDS")
    order = _order(turn, wanted, account, info, amount, quote)
    order.held_until = _held_until(turn, setting, wanted, info)
    if setting.debits_on_approval:
        order.leave_until_approved()
    session.add(order)
    session.flush()
    if not order.is_untouched:
        debit(turn, order, account)
    return order


def _sealed(box: SecretBox, order_number: str, info: Info) -> bytes:
    """The copy of a payee that an order keeps."""
    return box.sealed(f"{_PURPOSE} {order_number}", orjson.dumps(info))


def opened(box: SecretBox, order: WithdrawalOrder) -> Mapping[str, str]:
    """Where an order is to be paid out."""
    content = box.opened(f"{_PURPOSE} {order.order_number}", order.payee)
    info: Mapping[str, str] = orjson.loads(content)
    return info


def _channel(session: BoundSession, wanted: WithdrawalWanted, profile: ClientProfile) -> Channel:
    found = Channel.available_to(session, Direction.WITHDRAWAL, wanted.channel_id, profile.country)
    if found.method.value != wanted.method.value:
        raise Problem("CHANNEL_UNAVAILABLE")
    return found


def _require_own(
    session: BoundSession, setting: CashierSetting, wanted: WithdrawalWanted, info: Info
) -> None:
    """A bank account is the client's own, unless the broker pays third parties, too; a wallet has
    no name, and the currency that is sent to it is that of the order.
    """
    is_wallet = wanted.method is PayoutMethod.CRYPTOCURRENCY
    if is_wallet and info["currency"] != wanted.shown.currency:
        raise Problem("CURRENCY_MISMATCH")
    require_payable(session, wanted.method, info)
    if is_wallet or setting.allows_third_parties:
        return
    own = User.present(session, wanted.user_id).full_name
    if _name(info["account_holder_name"]) != _name(own):
        pointer = f"/body/{wanted.method.info_name}/account_holder_name"
        raise Problem("VALIDATION_ERROR", errors=[Violation(pointer, "const")])


def _require_within_day(
    turn: Turn, setting: CashierSetting, user_id: int, channel: Channel, amount: Money
) -> None:
    """Of a client whose profile is locked: so two requests do not both take what is left. Raises
    Problem AMOUNT_OUT_OF_RANGE, which tells what is left.
    """
    most = setting.withdraws_daily_up_to
    if most is None:
        return
    since = turn.now - timedelta(days=1)
    taken = WithdrawalOrder.sum_since(turn.session, user_id, amount.unit.code, since)
    left = Money.whole(most, amount.unit) - Money(taken, amount.unit)
    if amount > left:
        raise out_of_range(channel, amount.unit, left)


def _name(text: str) -> str:
    return " ".join(text.split()).casefold()


def _order(
    turn: Turn,
    wanted: WithdrawalWanted,
    account: TradingAccount,
    info: Info,
    amount: Money,
    quote: Quote,
) -> WithdrawalOrder:
    number = new_order_number("W", turn.now)
    return WithdrawalOrder(
        user_id=wanted.user_id,
        order_number=number,
        payee=_sealed(turn.orders.box, number, info),
        trading_account_id=account.id,
        channel_id=wanted.channel_id,
        method=wanted.method,
        amount=amount.minor,
        fee=quote.fee.minor,
        currency=account.currency,
        rate=quote.rate,
        remittance_currency=quote.remittance.unit.code,
        remittance_amount=quote.remittance.minor,
        client_remark=wanted.remark,
        created_at=turn.now,
        moved_at=turn.now,
    )


def _held_until(
    turn: Turn, setting: CashierSetting, wanted: WithdrawalWanted, info: Info
) -> datetime | None:
    """Where the broker wants withdrawals to wait: whoever has got into a client's account would set
    a password, and pay to a new payee. One that was not saved is new.
    """
    hours = setting.holds_withdrawals_hours
    if not hours:
        return None
    seen = fingerprint(turn.orders.box, wanted.method, info)
    known = Payee.of_fingerprint(turn.session, wanted.user_id, seen)
    details_changed_at = known.details_changed_at if known else turn.now
    password_changed_at = User.present(turn.session, wanted.user_id).password_changed_at
    return max(details_changed_at, password_changed_at) + timedelta(hours=hours)
