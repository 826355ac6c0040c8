"""Countries, currencies and languages of the world, the same for every tenant."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import word
from models.texts import Texts, texts


class Coded(SQLModel):
    """Something that the world knows by a code."""

    code: str = Field(primary_key=True, max_length=20)

    @classmethod
    def in_order(cls, session: Session, codes: Sequence[str]) -> list[Self]:
        """Those with the codes, in their order."""
        known = session.exec(select(cls).where(col(cls.code).in_(codes)))
        by_code = {each.code: each for each in known}
        return [by_code[code] for code in codes if code in by_code]


class Country(Coded, table=True):
    """By its ISO 3166 alpha-2 code. The flag is an emoji, the dialling code begins with a plus."""

    name: Texts = texts()
    flag: str = Field(max_length=8)
    phone_code: str = Field(max_length=8)

    @classmethod
    def all(cls, session: Session) -> "list[Country]":
        """In the order of their codes."""
        return list(session.exec(select(cls).order_by(col(cls.code))))


class CurrencyKind(StrEnum):
    """Who stands behind a currency."""

    FIAT = "fiat"
    CRYPTO = "crypto"


class Currency(Coded, table=True):
    """By its ISO 4217 code, or the usual one of a crypto currency. `decimals` are the places that
    its amounts have.
    """

    name: Texts = texts()
    kind: CurrencyKind = word(CurrencyKind)
    decimals: int


class Language(Coded, table=True):
    """By its BCP 47 tag. Its name is in the language itself."""

    name: str = Field(max_length=64)
