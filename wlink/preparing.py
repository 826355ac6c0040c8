"""Everything that a database needs before a server may use it. What knows the world takes a second
to import: only who upgrades does so.
"""

from backoffice.codes import bring_codes
from models.database import Database
from wlink.migrating import upgrade
from wlink.readiness import configured


def upgrade_database() -> None:
    """Makes the database that is configured, or brings it up to date."""
    prepare(configured().database)


def prepare(database: Database) -> None:
    """Its form, and the world's countries, currencies and languages."""
    upgrade(database)
    database.write(None, bring_codes)
