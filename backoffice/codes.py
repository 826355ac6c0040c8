"""Countries, currencies and languages as the world has them: ISO's codes out of pycountry, names
out of Unicode's CLDR (babel), dialling codes out of libphonenumber (phonenumbers).
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pycountry
from babel import Locale, localedata
from babel.core import get_global
from phonenumbers import country_code_for_region
from sqlmodel import Session, select

from models.codes import Coded, Country, Currency, CurrencyKind, Language
from models.upsert import inserted_all

Row = dict[str, Any]

_CHINESE = {"zh-CN": "zh_Hans", "zh-TW": "zh_Hant"}
_REGIONAL_A = 0x1F1E6
# ISO has no codes for them. Names and places are those of the coins themselves.
_CRYPTO = {
    "BTC": ("Bitcoin", "比特币", 8),
    "ETH": ("Ether", "以太币", 8),
    "USDC": ("USD Coin", "USD Coin", 6),
    "USDT": ("Tether", "泰达币", 6),
}


def bring_codes(session: Session) -> None:
    """Adds what is new in the world, and brings the rest up to date; nothing is taken away, because
    somebody may live there. The session must be one for all tenants.
    """
    for table, entries in _world():
        known = {each.code: each for each in session.exec(select(table))}
        for entry in entries:
            row = known.get(entry["code"])
            if row and row.model_dump() != entry:
                row.sqlmodel_update(entry)
        inserted_all(session, table, [entry for entry in entries if entry["code"] not in known])


@cache
def _world() -> tuple[tuple[type[Coded], list[Row]], ...]:
    """Every table with its rows: it takes a second to collect them."""
    return (
        (Country, [country.model_dump() for country in _countries()]),
        (Currency, [currency.model_dump() for currency in _currencies()]),
        (Language, [language.model_dump() for language in _languages()]),
    )


def _countries() -> Iterator[Country]:
    """All that can be telephoned; some have no dialling code, and nobody who lives there."""
    english = Locale("en").territories
    chinese = {tag: Locale.parse(name).territories for tag, name in _CHINESE.items()}
    for country in pycountry.countries:
        code = country.alpha_2
        dialling = country_code_for_region(code)
        if dialling:
            names = {tag: territories[code] for tag, territories in chinese.items()}
            flag = "".join(chr(_REGIONAL_A + ord(letter) - ord("A")) for letter in code)
            name = {"en": english[code], **names}
            yield Country(code=code, name=name, flag=flag, phone_code=f"+{dialling}")


def _currencies() -> Iterator[Currency]:
    """Those that are money somewhere today, and some crypto currencies."""
    english, chinese = Locale("en").currencies, Locale.parse("zh_Hans").currencies
    places: Mapping[str, tuple[int, ...]] = get_global("currency_fractions")
    spent = _spent()
    for code in (currency.alpha_3 for currency in pycountry.currencies):
        if code in english and code in spent:
            name = {"en": english[code], "zh": chinese.get(code, english[code])}
            decimals = places.get(code, places["DEFAULT"])[0]
            yield Currency(code=code, name=name, kind=CurrencyKind.FIAT, decimals=decimals)
    for code, (name_en, name_zh, decimals) in _CRYPTO.items():
        name = {"en": name_en, "zh": name_zh}
        yield Currency(code=code, name=name, kind=CurrencyKind.CRYPTO, decimals=decimals)


def _spent() -> set[str]:
    """Codes of the currencies that some territory pays with today: no gold, no test money."""
    used = get_global("territory_currencies")
    return {code for uses in used.values() for code, _, end, tender in uses if tender and not end}


def _languages() -> Iterator[Language]:
    """Those with a two-letter code that CLDR knows to name, Chinese by its two scripts."""
    for tag, name in _CHINESE.items():
        yield Language(code=tag, name=Locale.parse(name).languages[name])
    for language in pycountry.languages:
        code = getattr(language, "alpha_2", "")
        own_name = _own_name(code) if code and code != "zh" else None
        if own_name:
            yield Language(code=code, name=own_name)


def _own_name(code: str) -> str | None:
    """What a language is called by those who speak it."""
    return Locale(code).languages.get(code) if localedata.exists(code) else None
