"""Numbers that carry the id of the record they stand for."""

import re
from datetime import datetime

from mock.world import TENANT_ZONE


def numbered(prefix: str, moment: datetime, identity: int) -> str:
    """An order number, which `key_in` takes apart again."""
    return f"{prefix}{moment.astimezone(TENANT_ZONE):%y}{identity:09}"


def key_in(text: str) -> str:
    """The key of the record that an order number or a user's UUID was made for."""
    found = re.fullmatch(r"(?:[A-Z][0-9]{2}|[0-9a-f-]{24})0*([1-9][0-9]{0,15})", text)
    return found[1] if found else text
