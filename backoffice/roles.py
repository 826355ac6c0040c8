"""Roles, and who has them."""

from collections.abc import Sequence

from sqlmodel import select

from backoffice.desk import Desk
from backoffice.users import known
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.permission import MenuAction, Role, RoleGrant, UserRole
from models.tenant import Portal
from models.upsert import inserted


def create_role(desk: Desk, portal: Portal, name: str, grants: Sequence[str]) -> None:
    """A role with some of the portal's menu actions, by their keys. Raises RefusedError."""
    named = select(Role.id).where(Role.user_type == portal, Role.name == name)
    if desk.session.exec(named).first() is not None:
        raise RefusedError(f"there is such a role of {portal} already")
    actions = {action.key: action.id for action in MenuAction.of_portal(desk.session, portal)}
    unknown = [key for key in grants if key not in actions]
    if unknown:
        raise RefusedError(f"{portal} has no menu action {unknown[0]}")
    role = Role(user_type=portal, name=name)
    desk.session.add(role)
    desk.session.flush()
    for key in dict.fromkeys(grants):
        desk.session.add(RoleGrant(role_id=role.id, menu_action_id=actions[key]))
    told = {"portal": portal.value, "name": name, "grants": sorted(set(grants))}
    desk.note(Deed.ROLE_CREATED, f"role {role.id}", after=told)


def give_role(desk: Desk, portal: Portal, email: str, name: str) -> None:
    """Who has a role of his own has the usual ones no more. Raises RefusedError."""
    user, role = known(desk, portal, email), _role(desk, portal, name)
    if inserted(desk.session, UserRole, {"user_id": user.id, "role_id": role.id}):
        desk.note(Deed.ROLE_GIVEN, f"user {user.id}", after={"role": name})


def take_role(desk: Desk, portal: Portal, email: str, name: str) -> None:
    """The other way round. Raises RefusedError."""
    user, role = known(desk, portal, email), _role(desk, portal, name)
    has_it = select(UserRole).where(UserRole.user_id == user.id, UserRole.role_id == role.id)
    given = desk.session.exec(has_it).first()
    if given:
        desk.session.delete(given)
        desk.note(Deed.ROLE_TAKEN, f"user {user.id}", before={"role": name})


def _role(desk: Desk, portal: Portal, name: str) -> Role:
    named = select(Role).where(Role.user_type == portal, Role.name == name)
    role = desk.session.exec(named).first()
    if role is None:
        raise RefusedError(f"there is no role {name} of {portal}")
    return role
