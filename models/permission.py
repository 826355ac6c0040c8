"""What the roles of a portal may see and do: menus, pages, buttons."""

from collections import defaultdict
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import JSON, ColumnElement, UniqueConstraint
from sqlmodel import Field, Session, col, select

from models.boundaries import InTenant, OfUser
from models.columns import Number, reference, row_id, word
from models.tenant import Portal
from models.user import User


class Action(StrEnum):
    """The HTTP method of a button; groups and pages have `access`."""

    ACCESS = "access"
    POST = "POST"
    GET = "GET"
    PUT = "PUT"
    DELETE = "DELETE"


class MenuAction(InTenant, table=True):
    """A group, a page or a button of a portal. `title` and `description` are by language; `url` is
    the path of the operation behind a button.
    """

    __tablename__ = "menu_action"
    __table_args__ = (UniqueConstraint("tenant_id", "user_type", "key"),)

    id: int = row_id()
    parent_id: int | None = Field(
        default=None, foreign_key="menu_action.id", index=True, sa_type=Number
    )
    user_type: Portal = word(Portal)
    key: str = Field(max_length=64)
    action: Action = word(Action)
    title: dict[str, str] = Field(sa_type=JSON)
    description: dict[str, str] = Field(sa_type=JSON)
    icon: str = Field(max_length=64)
    path: str = Field(max_length=255)
    url: str = Field(default="", max_length=255)
    sort_order: int
    is_enabled: bool = Field(default=True)

    @classmethod
    def of_portal(cls, session: Session, portal: Portal) -> "list[MenuAction]":
        """Everything that is enabled, in display order."""
        enabled = select(cls).where(cls.user_type == portal, col(cls.is_enabled))
        return list(session.exec(enabled.order_by(col(cls.sort_order), col(cls.id))))


class Role(InTenant, table=True):
    """A bundle of grants. Whoever has no role of his own has those that are `is_default` for his
    kind of user.
    """

    __table_args__ = (UniqueConstraint("tenant_id", "user_type", "name"),)

    id: int = row_id()
    user_type: Portal = word(Portal)
    name: str = Field(max_length=64)
    is_default: bool = Field(default=False)


class RoleGrant(InTenant, table=True):
    """A role may use a menu action."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("role_id", "menu_action_id"),)

    id: int = row_id()
    role_id: int = reference("role.id")
    menu_action_id: int = reference("menu_action.id")


class UserRole(OfUser, table=True):
    """A user has a role."""

    __tablename__ = "user_role"
    __table_args__ = (UniqueConstraint("user_id", "role_id"),)

    id: int = row_id()
    role_id: int = reference("role.id")


class Button(NamedTuple):
    """An operation of a portal that there is a button for."""

    portal: Portal
    method: str
    path: str


def buttons(session: Session) -> dict[Button, set[int]]:
    """The buttons of the session's tenant that are enabled: for each operation their ids."""
    table = MenuAction
    enabled = select(table.user_type, table.action, table.url, table.id).where(
        col(table.is_enabled), table.action != Action.ACCESS
    )
    found: defaultdict[Button, set[int]] = defaultdict(set)
    for portal, action, url, number in session.exec(enabled):
        found[Button(Portal(portal), action, url)].add(number)
    return dict(found)


def granted(session: Session, user_id: int, portal: Portal) -> set[int]:
    """Ids of the menu actions that a user may use."""
    own = select(UserRole.role_id).where(UserRole.user_id == user_id)
    roles = session.exec(own).all()
    if not roles:
        usual = select(Role.id).where(Role.user_type == portal, col(Role.is_default))
        roles = session.exec(usual).all()
    grants = select(RoleGrant.menu_action_id).where(col(RoleGrant.role_id).in_(roles))
    return set(session.exec(grants))


def holders(role: Role) -> ColumnElement[bool]:
    """Which users have a role; one that is usual for their kind, those have, too, who have no role
    of their own.
    """
    roles = select(UserRole.id).where(UserRole.user_id == User.id)
    has_it = roles.where(UserRole.role_id == role.id).exists()
    if not role.is_default:
        return has_it
    return has_it | (~roles.exists() & (col(User.user_type) == role.user_type))
