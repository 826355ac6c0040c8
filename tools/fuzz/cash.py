"""What the real server's cashier would take at a moment: orders, accounts with money, quotes."""

from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from cashier import drafts
from cashier.drafts import DepositWanted
from cashier.withdrawal_quotes import quoted
from gateways.storage import own_folder
from models.boundaries import BoundSession
from models.channel import Channel, ChannelMethod
from models.money import Denomination, Money
from models.trading_account import TradingAccount
from models.trading_server import TradingServer
from models.user import User
from tools.fuzz.broker import Broker, example

Json = Any

_FUNDS, _AMOUNT = "10000.00", "500.00"


def funded(broker: Broker, user: User) -> int:
    """The id of a live account of his with money on it."""
    number = broker.trading_account(user, is_demo=False)

    def read(session: BoundSession) -> tuple[TradingAccount, TradingServer]:
        account = TradingAccount.present(session, number)
        return account, TradingServer.present(session, account.server_id)

    account, server = broker.write(read)
    port = broker.parts.ports.of(server)
    port.balance_operation(account.login, Decimal(_FUNDS), "F:funds")

    def note(session: BoundSession) -> None:
        locked = TradingAccount.locked(session, number)
        unit = Denomination.of(session, locked.currency)
        locked.balance = locked.free_margin = locked.equity = Money.reported(_FUNDS, unit).minor

    broker.write(note)
    return number


def channel(broker: Broker, method: ChannelMethod) -> Channel:
    """One of the broker's."""
    found = select(Channel).where(Channel.method == method, col(Channel.is_enabled))
    return broker.write(lambda session: session.exec(found.limit(1)).one())


def deposit(broker: Broker, user: User) -> Json:
    """What a request for a deposit says."""
    return {
        "deposit_amount": _AMOUNT,
        "remittance_id": channel(broker, ChannelMethod.OFFLINE).id,
        "trading_account_id": broker.trading_account(user, is_demo=False),
    }


def draft(broker: Broker, user: User) -> str:
    """The number of a deposit of his that nobody has paid yet."""
    sent, now = deposit(broker, user), broker.parts.clock()
    wanted = DepositWanted(
        user.id, sent["trading_account_id"], sent["remittance_id"], _AMOUNT, "", ("en",)
    )

    def write(session: BoundSession) -> str:
        drafted = drafts.reckoned(session, wanted, now)
        order = drafts.write(session, broker.parts.outbox, drafted, None, now)
        return order.order_number

    return broker.write(write)


def receipt(broker: Broker, user: User) -> str:
    """The address of a file of his."""
    folder = own_folder(broker.tenant_id, user.id)
    place = broker.parts.settings.data / "uploads" / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "receipt.png").write_bytes(b"a picture")
    return f"https://files.example/{folder}receipt.png"


def withdrawal(broker: Broker, user: User) -> Json:
    """What a request for a withdrawal says, by the quote of the moment."""
    found = channel(broker, ChannelMethod.BANK_TRANSFER)
    currency = found.currencies[0]

    def read(session: BoundSession) -> Json:
        amount = Money.reported(_AMOUNT, Denomination.of(session, "USD"))
        quote = quoted(session, found, amount, currency)
        return {
            "fee": quote.fee.text,
            "exchange_rate": f"{quote.rate:f}",
            "remittance_amount": quote.remittance.text,
        }

    info = {**example("create_withdrawal")["bank_transfer_info"], "bank_country": "CN"}
    return {
        **broker.write(read),
        "bank_transfer_info": {**info, "account_holder_name": user.full_name},
        "cryptocurrency_info": None,
        "international_wire_info": None,
        "currency": currency,
        "method": ChannelMethod.BANK_TRANSFER.value,
        "remittance_id": found.id,
        "trading_account_id": funded(broker, user),
        "withdrawal_amount": _AMOUNT,
    }


def transfer(broker: Broker, user: User) -> Json:
    """What a request for a transfer says."""
    return {
        "amount": _AMOUNT,
        "source_trading_account_id": funded(broker, user),
        "target_trading_account_id": broker.trading_account(user, is_demo=False),
    }
