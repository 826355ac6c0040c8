"""People whose names, addresses and numbers fit together."""

import re
import unicodedata
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

from faker import Faker

from mock.draw import Draw
from mock.texts import data, spoken
from mock.world import World

Json = Any

_CHINESE = ("zh_CN", "zh_TW")


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


class Person:
    """One person. Names in the person's own language, texts in that of the reader."""

    def __init__(self, world: World, draw: Draw, language: str) -> None:
        self.world = world
        self.draw = draw
        self.language = language

    @cached_property
    def locale(self) -> str:
        """Language and country that the person's name comes from."""
        return self.draw.choice("locale", self.world.locales)

    @cached_property
    def gender(self) -> str:
        """Male or female."""
        return self.draw.choice("gender", ("male", "female"))

    @cached_property
    def _names(self) -> tuple[str, str, str, str]:
        """(given name, family name, both in Latin letters)."""
        if self.locale in _CHINESE:
            given = data("people")[f"{self.gender}_names"]
            family = data("people")["family_names"]
            first = self.draw.choice("first_name", list(given))
            last = self.draw.choice("last_name", list(family))
            return first, last, given[first], family[last]
        faker = _faker(self.locale)
        faker.seed_instance(self.draw.bits("name"))
        first = faker.first_name_male() if self.gender == "male" else faker.first_name_female()
        last = faker.last_name()
        return first, last, _latin(first) or "guest", _latin(last) or "user"

    @property
    def first_name(self) -> str:
        """Given name."""
        return self._names[0]

    @property
    def last_name(self) -> str:
        """Family name."""
        return self._names[1]

    @property
    def full_name(self) -> str:
        """Both names in the order of the person's language."""
        if self.locale in _CHINESE:
            return self.last_name + self.first_name
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        """An address that fits the name, on a domain that belongs to nobody."""
        _, _, first, last = self._names
        return f"{first}.{last}{self.draw.integer('email', 1, 99)}@example.com"

    @cached_property
    def home(self) -> dict[str, Json]:
        """Where the person lives; Chinese names live in Asia."""
        homes = data("people")["homes"]
        chinese = self.locale in _CHINESE
        near = [h for h in homes if (h["country"] in ("CN", "TW", "SG")) == chinese]
        home: dict[str, Json] = self.draw.choice("home", near)
        return home

    @property
    def phone(self) -> str:
        """Mobile number without the dialling code."""
        digits = self.draw.text("phone", self.home["digits"], "0123456789")
        return f"{self.home['mobile']}{digits}"

    @property
    def full_phone(self) -> str:
        """Mobile number with the dialling code."""
        return f"+{self.home['dialling']}{self.phone}"

    @property
    def address(self) -> str:
        """Street and number in the reader's language."""
        number = self.draw.integer("house", 1, 280)
        street, city = (spoken(self.home[key], self.language) for key in ("street", "city"))
        if self.language.startswith("zh"):
            return f"{city}{street}{number}号"
        return f"{number} {street}, {city}"

    @property
    def birthday(self) -> str:
        """YYYY-MM-DD; between 22 and 65 years old."""
        age = timedelta(days=self.draw.integer("age", 22 * 366, 65 * 365))
        day: date = (self.world.now - age).date()
        return day.isoformat()

    @cached_property
    def job(self) -> dict[str, Json]:
        """Employer, industry and position in the reader's language."""
        job = self.draw.choice("job", data("people")["jobs"])
        return {key: spoken(text, self.language) for key, text in job.items()}


def _latin(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", plain.lower())
