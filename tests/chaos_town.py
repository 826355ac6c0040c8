"""A broker with trading servers, channels without fees, and clients whom he knows."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import select
from structlog.testing import capture_logs

from backoffice import content, settings
from backoffice.cashier_forms import ChannelForm
from backoffice.channels import CHANNEL
from backoffice.clients import approve_client
from backoffice.desk import Desk
from backoffice.trading_offers import ACCOUNT_TYPE, TRADING_SERVER, set_token
from gateways.storage import own_folder
from models.boundaries import BoundSession
from models.trading_account import TradingAccount
from models.trading_server import Platform, TradingServer
from models.trading_setting import TradingSetting
from models.user import User
from tests import channels
from tests.chaos_load import Person
from tests.deeds import Deeds
from tests.processes import Installation
from tests.trading import OBSERVE, TRADE
from tests.trading_installation import TOKEN
from trading.account_passwords import AccountPasswords
from trading.openings import Wanted, apply_for_live_account, open_demo_account
from wlink.worker import Worker

Json = Any
_MOST = "1000000"


@dataclass
class Town:
    """What stands before anybody moves money. `address` is that of the simulator."""

    inside: Installation
    address: str

    def __post_init__(self) -> None:
        self.deeds = Deeds(self.inside.services, self.inside.boundary)
        self.inside.write(self._open)
        for server in self.deeds.rows(TradingServer):
            kind = "demo" if server.is_demo else "live"
            self.deeds.control("PUT", server, "", {"platform": "MT4", "kind": kind})

    def people(self, number: int) -> list[Person]:
        """So many clients, whose accounts are open and empty."""
        users = [self._user(f"n{each}@example.com") for each in range(number)]
        tokens = [self.inside.token(user) for user in users]
        worker = Worker(self.inside.services)
        with capture_logs():  # it is no news
            while worker.step():
                pass
        return [self._person(*each) for each in zip(users, tokens, strict=True)]

    def _open(self, session: BoundSession) -> None:
        parts = self.inside.services
        desk = Desk(session, parts.audit, parts.clock(), "console chaos")
        settings.set_leverages(desk, [100])
        settings.change(desk, "offer", {"currencies": ["USD"]})
        settings.change(desk, "cashier", {"holds_withdrawals_hours": 0})
        setting = TradingSetting.of_tenant(session)
        setting.opens_at_once, setting.most_demo_deposits = True, int(_MOST)
        given: Json = {"platform": "MT4", "address": self.address}
        self._live, self._demo = (
            self._account_type(desk, {"name": name, "is_demo": is_demo, **given})
            for name, is_demo in (("Live01", False), ("Demo01", True))
        )
        bounds = {"min_amount": "1", "max_amount": _MOST}
        self.deposits = content.publish(desk, CHANNEL, ChannelForm(**channels.DEPOSIT | bounds))
        out = channels.WITHDRAWAL | bounds | {"method": "bank_transfer"}
        self.withdrawals = content.publish(desk, CHANNEL, ChannelForm(**out))

    def _account_type(self, desk: Desk, server: Json) -> int:
        number = content.publish(desk, TRADING_SERVER, TRADING_SERVER.form(**server))
        set_token(desk, self.inside.services.ports, number, TOKEN)
        given: Json = {"name": "Standard", "group_name": "standard", "leverages": [100]}
        form = ACCOUNT_TYPE.form(**given, **{"server_id": number})
        return content.publish(desk, ACCOUNT_TYPE, form)

    def _user(self, email: str) -> User:
        """Two live accounts and a demo account are on their way."""
        user, parts = self.inside.user(email), self.inside.services
        passwords = AccountPasswords(TRADE, OBSERVE)

        def begin(session: BoundSession) -> None:
            now = parts.clock()
            approve_client(Desk(session, parts.audit, now, "console chaos"), email)
            live, demo = (
                Wanted(kind, Platform("MT4"), "USD", 100, passwords)
                for kind in (self._live, self._demo)
            )
            for _ in range(2):
                apply_for_live_account(session, parts.orders, user.id, live, now)
            open_demo_account(session, parts.orders, user.id, demo, now)

        self.inside.write(begin)
        return user

    def _person(self, user: User, token: str) -> Person:
        mine = select(TradingAccount).where(TradingAccount.user_id == user.id)
        accounts = self.inside.read(lambda session: list(session.exec(mine)))
        first, second = (account.id for account in accounts if not account.is_demo)
        (demo,) = (account.id for account in accounts if account.is_demo)
        folder = own_folder(self.inside.site.tenant_id, user.id)
        place = self.inside.services.settings.data / "uploads" / folder
        place.mkdir(parents=True)
        (place / "receipt.png").write_bytes(b"a picture")
        receipt = f"https://files.example/{folder}receipt.png"
        return Person(user.id, token, (first, second), demo, user.full_name, receipt)
