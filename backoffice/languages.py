"""In which languages an operator must write, and in which he may."""

from collections.abc import Mapping
from typing import Any

from backoffice.desk import Desk
from contract.errors import RefusedError
from models.offer_setting import OfferSetting


def require_languages(desk: Desk, by_language: Mapping[str, Mapping[str, Any]]) -> None:
    """Each text is there in the broker's default language, from which everybody gets it who reads
    none of the others; and in no language that the broker does not offer. Raises RefusedError.
    """
    offered = OfferSetting.of_tenant(desk.session).languages
    default = desk.tenant().default_language
    for name, texts in by_language.items():
        if not texts.get(default):
            raise RefusedError(f"{name} is missing in {default}, the broker's default language")
        for language in texts:
            if language not in offered:
                raise RefusedError(f"{name} is in {language}, which the broker does not offer")
