"""What currencies are worth, and how they can be paid."""

from decimal import Decimal
from typing import Any

from sqlmodel import Session

from handlers.pages import paged
from models.channel import Channel
from models.client_profile import ClientProfile
from models.codes import Currency
from models.crypto_network import TETHER, CryptoNetwork
from models.exchange_rate import ExchangeRate
from models.offer_setting import OfferSetting
from models.texts import Languages, text_in
from models.user import Caller

Json = Any


def list_crypto_networks(page: int, size: int, *, session: Session) -> Json:
    """Those that USDT is paid over (wlink 46)."""
    networks = CryptoNetwork.enabled(session, TETHER)
    return paged(networks, page, size, lambda network: {"network": network.name})


def get_exchange_rate(from_currency: str, to_currency: str, *, session: Session) -> Json:
    """What a client gets for one `from_currency` (wlink 47). Raises RATE_NOT_FOUND."""
    rate = ExchangeRate.of_pair(session, from_currency, to_currency)
    return {"exchange_rate": _plain(rate)}


def list_channel_currencies(
    remittance_id: int,
    page: int,
    size: int,
    *,
    session: Session,
    caller: Caller,
    languages: Languages,
) -> Json:
    """What a channel takes, as far as the broker deals in it (wlink 48). Raises
    CHANNEL_UNAVAILABLE.
    """
    country = ClientProfile.country_of(session, caller.user_id)
    channel = Channel.available(session, remittance_id, country)
    offered = OfferSetting.of_tenant(session).currencies
    codes = [code for code in channel.currencies if code in offered]
    currencies = Currency.in_order(session, codes)
    return paged(
        *(currencies, page, size),
        lambda currency: {"code": currency.code, "name": text_in(currency.name, languages)},
    )


def list_exchange_rates(page: int, size: int, *, session: Session) -> Json:
    """Every rate as `get_exchange_rate` tells it for its pair (wlink 58)."""
    told = [(row, row.for_client()) for row in ExchangeRate.enabled(session)]
    shown = [_rate(row, rate) for row, rate in told if rate is not None]
    return paged(shown, page, size, lambda rate: rate)


def _rate(row: ExchangeRate, rate: Decimal) -> Json:
    return {
        "base_currency": row.base,
        "exchange_rate": _plain(rate),
        "quote_currency": row.quote,
    }


def _plain(rate: Decimal) -> str:
    """Digits only: a small Decimal would write itself with an exponent."""
    return f"{rate:f}"
