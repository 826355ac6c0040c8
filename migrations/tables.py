"""What the tables of migrations are made of."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, Integer, String
from sqlalchemy.schema import SchemaItem

NUMBER = sa.BigInteger().with_variant(Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON()
# A decimal number as text.
EXACT = String(32)
WORD = String(32)
HASH = String(64)
NETWORK_ADDRESS = String(45)
EMAIL = String(254)
# Of a language, a country, a currency.
CODE = String(20)
NAME = String(100)
URL = String(2008)


def in_tenant(name: str, *parts: SchemaItem) -> None:
    """A table whose rows belong to a tenant."""
    tenant = Column("tenant_id", NUMBER, sa.ForeignKey("tenant.id"), nullable=False)
    op.create_table(name, Column("id", NUMBER, primary_key=True), tenant, *parts)


def column(name: str, kind: sa.types.TypeEngine[Any], *, unique: bool = False) -> Column[Any]:
    """A column that always has a value."""
    return Column(name, kind, nullable=False, unique=unique)


def reference(table: str) -> Column[int]:
    """The number of a row in another table, which is often looked up by it."""
    return Column(f"{table}_id", NUMBER, sa.ForeignKey(f"{table}.id"), nullable=False, index=True)


def drop(names: str) -> None:
    """Drops tables, those that refer to others first: they are listed in the order of making."""
    for name in reversed(names.split()):
        op.drop_table(name)
