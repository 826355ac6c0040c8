"""What the histories of deposits, withdrawals and transfers show alike."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from handlers.times import Period
from models.cash_order import CashOrder
from models.channel import Channel
from models.texts import Languages, text_in
from models.trading_account import TradingAccount
from models.trading_server import TradingServer

Json = Any
Order = TypeVar("Order", bound=CashOrder)


def history(
    session: Session, table: type[Order], user_id: int, period: Period, page: int, size: int
) -> tuple[Sequence[Order], int]:
    """One page of a user's, the latest submitted first, and how many there are."""
    own, then = col(table.user_id) == user_id, period.conditions(table.submission())
    return table.page(session, page, size, own, *then)


def accounts_shown(session: Session, numbers: Iterable[int]) -> dict[int, Json]:
    """By their ids: accounts, and the servers that they are on."""
    both = select(TradingAccount, TradingServer).join(
        TradingServer, col(TradingServer.id) == TradingAccount.server_id
    )
    rows = session.exec(both.where(col(TradingAccount.id).in_(set(numbers))))
    return {
        account.id: {
            "account": account.login,
            "id": account.id,
            "server_name": server.name,
            "server_type": server.server_type,
        }
        for account, server in rows
    }


def channels_shown(
    session: Session, numbers: Iterable[int], languages: Languages
) -> dict[int, Json]:
    """By their ids: the channels that orders came or went by, whether or not they are offered."""
    rows = session.exec(select(Channel).where(col(Channel.id).in_(set(numbers))))
    return {
        channel.id: {
            "icon": channel.icon_url,
            "remittance_name": text_in(channel.name, languages),
        }
        for channel in rows
    }


def order_shown(session: Session, order: CashOrder, number: int) -> Json:
    """What every order has; `remark` is the operator's."""
    return {
        "amount": order.money(session).text,
        "currency": order.currency,
        "id": number,
        "order_number": order.order_number,
        "remark": order.remark,
    }
