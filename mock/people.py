"""People whose names, addresses and numbers fit together."""

import re
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

from faker import Faker
from faker.decode import unidecode

from mock.draw import Draw
from mock.texts import data, spoken
from mock.world import World

Json = Any

_CHINESE = ("zh_CN", "zh_TW")
_FAMILY_NAME_FIRST = ("ja_JP", "ko_KR", "hu_HU", "vi_VN")


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


class Person:
    """One person. Names in the person's own language, texts in that of the reader."""

    def __init__(self, world: World, draw: Draw, language: str, email: str = "") -> None:
        self.world = world
        self.draw = draw
        self.language = language
        self._email = email

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
        last = faker.last_name_male() if self.gender == "male" else faker.last_name_female()
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
        if self.locale in _FAMILY_NAME_FIRST:
            return f"{self.last_name} {self.first_name}"
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        """The address of a login, else one that fits the name, on a domain that nobody has."""
        if self._email:
            return self._email
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
    def home_phone(self) -> str:
        """Number of the landline, with the dialling code."""
        return f"+{self.home['dialling']}{self.draw.text('home_phone', 8, '23456789')}"

    @property
    def address(self) -> str:
        """Street and number of the home in the reader's language."""
        return self._address("house")

    @property
    def office(self) -> str:
        """Street and number of the employer, in the same town."""
        return self._address("office")

    def _address(self, name: str) -> str:
        number = self.draw.integer(name, 1, 280)
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
    def relative(self) -> "Person":
        """Whom to call in an emergency; lives in the same country."""
        relative = Person(self.world, self.draw.of("relative"), self.language)
        relative.locale, relative.home = self.locale, self.home
        return relative

    @property
    def relationship(self) -> str:
        """What the relative is to the person, by the relative's gender."""
        options = data("people")["relationships"][self.relative.gender]
        return str(spoken(self.draw.choice("relationship", options), self.language))

    @cached_property
    def job(self) -> dict[str, Json]:
        """Employer, industry and position in the reader's language."""
        job = self.draw.choice("job", data("people")["jobs"])
        return {key: spoken(text, self.language) for key, text in job.items()}


def _latin(name: str) -> str:
    return re.sub(r"[^a-z]", "", unidecode(name).lower())
