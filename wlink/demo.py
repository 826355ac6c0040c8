"""A broker to try things with: people made by Faker, always the same, whose passwords only this
installation knows.
"""

from typing import NamedTuple

from faker import Faker
from sqlmodel import select

from backoffice.tenants import open_tenant
from backoffice.users import Person, create_user
from models.boundaries import Boundary, BoundSession
from models.cashier_setting import CashierSetting
from models.security_setting import SecuritySetting
from models.tenant import Portal, Tenant
from models.user import User
from models.verification_code import Scene
from wlink.demo_cash import move_money
from wlink.demo_content import fill
from wlink.demo_payees import save_payees
from wlink.demo_trading import open_accounts
from wlink.services import Services

CODE = "demo"


class Persona(NamedTuple):
    """Somebody who can log in."""

    portal: Portal
    email: str
    locale: str
    language: str


class Login(NamedTuple):
    """How to log in as a persona; `is_valid` is false once somebody has changed the password."""

    portal: Portal
    email: str
    password: str
    name: str
    is_valid: bool


PERSONAS = (
    Persona(Portal.CLIENT, "client@example.com", "zh_CN", "zh-CN"),
    Persona(Portal.CLIENT, "new@example.com", "en_US", "en"),
    Persona(Portal.IB, "ib@example.com", "zh_CN", "zh-CN"),
    Persona(Portal.BROKER, "operator@example.com", "zh_CN", "zh-CN"),
)


def demo(services: Services) -> list[Login]:
    """Makes the broker and the people who are not there yet, and says how to log in."""
    tenant_id = services.database.write(None, _tenant)
    logins = [_login(services, tenant_id, seed, persona) for seed, persona in enumerate(PERSONAS)]
    fill(services, Boundary(tenant_id))
    open_accounts(services, Boundary(tenant_id), PERSONAS[0].email)
    save_payees(services, Boundary(tenant_id), PERSONAS[0].email)
    move_money(services, Boundary(tenant_id), PERSONAS[0].email)
    return logins


def _tenant(session: BoundSession) -> int:
    found = session.exec(select(Tenant).where(Tenant.code == CODE)).first()
    if found is None:
        new = Tenant(
            code=CODE,
            name="Demo Markets",
            default_language="zh-CN",
            timezone="Asia/Shanghai",
            serves_unknown_hosts=True,
        )
        setting = SecuritySetting(email_verification_scenarios=[Scene.PASSWORD_CHANGE])
        # Whoever tries things does not want to wait a day until he can approve a withdrawal.
        cashier = CashierSetting(holds_withdrawals_hours=0)
        found = open_tenant(session, new, setting=setting, cashier=cashier)
    return found.id


def _login(services: Services, tenant_id: int, seed: int, persona: Persona) -> Login:
    password = _password(services, persona)
    boundary = Boundary(tenant_id)
    user = services.database.read(
        boundary, lambda session: User.by_email(session, persona.portal, persona.email)
    )
    if user is None:
        password_hash, now = services.passwords.hashed(password), services.clock()
        person = _person(seed, persona)
        user = services.database.write(
            boundary,
            lambda session: create_user(
                session, persona.portal, persona.email, person, password_hash, now
            ),
        )
    is_valid = services.passwords.match(user.password_hash, password)
    return Login(persona.portal, persona.email, password, user.full_name, is_valid)


def _person(seed: int, persona: Persona) -> Person:
    people = Faker(persona.locale)
    people.seed_instance(seed)
    first, last = people.first_name(), people.last_name()
    full = f"{last}{first}" if persona.locale == "zh_CN" else f"{first} {last}"
    return Person(first, last, full, persona.language)


def _password(services: Services, persona: Persona) -> str:
    """Made of the server's secret: so it need not be kept to be told again."""
    letters = services.box.signature("demo", persona.portal, persona.email)
    return "-".join(["demo", letters[:4], letters[4:8], letters[8:12]])
