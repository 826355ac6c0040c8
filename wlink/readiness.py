"""Services on a database that is up to date, for commands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from contract.errors import CannotStartError
from wlink.migrating import is_current
from wlink.services import Services, services
from wlink.settings import settings

_FOR_OWNER_ONLY = 0o077


def configured() -> Services:
    """As the environment says. Files that are made are for their owner only."""
    os.umask(_FOR_OWNER_ONLY)
    return services(settings())


@contextmanager
def ready() -> Iterator[Services]:
    """The same, until the command is done; raises CannotStartError if the database is behind."""
    parts = configured()
    try:
        if not is_current(parts.database):
            raise CannotStartError("the database is not up to date: wlink db upgrade")
        yield parts
    finally:
        parts.database.close()
