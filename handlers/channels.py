"""The ways on which the caller can pay in and out."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from handlers.pages import paged
from models.channel import Channel, Direction
from models.client_profile import ClientProfile
from models.exchange_rate import ACCOUNT_CURRENCY
from models.money import Denomination
from models.offer_setting import OfferSetting
from models.texts import Languages, text_in
from models.user import Caller

Json = Any


def for_deposits(
    page: int, size: int, *, session: Session, caller: Caller, languages: Languages
) -> Json:
    """Those to pay in on, and the countries that each is for (wlink 51)."""
    channels, told = _offered(session, caller, Direction.DEPOSIT), _telling(session, languages)
    return paged(
        *(channels, page, size),
        lambda channel: {**told(channel), "allowed_countries": channel.countries},
    )


def for_withdrawals(
    page: int, size: int, *, session: Session, caller: Caller, languages: Languages
) -> Json:
    """Those to be paid out on (wlink 59)."""
    channels = _offered(session, caller, Direction.WITHDRAWAL)
    return paged(channels, page, size, _telling(session, languages))


def _offered(session: Session, caller: Caller, direction: Direction) -> list[Channel]:
    country = ClientProfile.country_of(session, caller.user_id)
    return Channel.offered(session, direction, country)


def _telling(session: Session, languages: Languages) -> Callable[[Channel], Json]:
    """How a channel is told, with those of its currencies that the broker deals in."""
    unit = Denomination.of(session, ACCOUNT_CURRENCY)
    offered = OfferSetting.of_tenant(session).currencies

    def told(channel: Channel) -> Json:
        smallest, largest = channel.limits(unit)
        return {
            "account_info": text_in(channel.account_info, languages),
            "allowed_currencies": [code for code in channel.currencies if code in offered],
            "fee": channel.fee_text(unit),
            "icon_url": channel.icon_url,
            "id": channel.id,
            "max_amount": largest.text,
            "method": channel.method,
            "min_amount": smallest.text,
            "name": text_in(channel.name, languages),
        }

    return told
