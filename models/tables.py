"""All tables together, for migrations and for tests that look at each of them."""

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import MetaData
from sqlmodel import SQLModel

import models
from models.machines import Moving


def metadata() -> MetaData:
    """Of every table of this room, whether somebody has imported its module yet or not."""
    for module in iter_modules(models.__path__, "models."):
        import_module(module.name)
    return SQLModel.metadata


def moving() -> list[type[Moving]]:
    """Every table whose rows have state machines."""
    metadata()
    found = [Moving]
    for table in found:
        found += table.__subclasses__()
    return [table for table in found if table.MACHINES]
