"""What is good once is good once, however many ask for it at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlmodel import select

from backoffice import settings
from backoffice.desk import Desk
from contract.problems import Problem
from gateways.captcha import EmbeddedCaptcha
from gateways.passwords import Passwords
from handlers.auth import reset_password
from handlers.email_codes import code_seal
from models import verification_code
from models.audit_entry import AuditEntry, Deed
from models.boundaries import BoundSession
from models.database import Database, Transaction
from models.outbox_entry import OutboxEntry
from models.reset_token import ResetToken
from models.tenant import Portal
from models.user import User
from models.verification_code import TRIES, Scene, VerificationCode
from tests.processes import APP_ID, Installation, Service, installed, outbox, outcomes, until
from tests.server import DATABASES, PASSWORD, problem

Json = Any

pytestmark = pytest.mark.long
Result = TypeVar("Result")

AT_ONCE = 50
HERE = "127.0.0.1"
CODE, WRONG = "123456", "654321"
NEW_PASSWORD = "Quarry-lantern-58"
SCENE = Scene.PASSWORD_CHANGE


@pytest.fixture(scope="module", params=DATABASES)
def inside(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with installed(request.param, tmp_path_factory.mktemp("races")) as place:
        yield place


@pytest.fixture(scope="module")
def service(inside: Installation) -> Iterator[Service]:
    """Two processes that answer."""
    with inside.served() as started:
        yield started
        assert started.command.stop() == 0


@pytest.fixture
def user(inside: Installation) -> User:
    """Somebody new."""
    return inside.user(new_address())


def new_address() -> str:
    return f"{uuid4().hex}@example.com"


def issue_code(inside: Installation, email: str, *, seconds_ago: float = 0) -> None:
    """As if CODE had been mailed."""
    at = inside.services.clock() - timedelta(seconds=seconds_ago)
    seal = seal_of(inside, email, CODE)
    inside.write(
        lambda session: VerificationCode.issue(session, Portal.CLIENT, SCENE, email, seal, at)
    )


def seal_of(inside: Installation, email: str, code: str) -> str:
    return code_seal(inside.services.box, inside.site, Portal.CLIENT, SCENE, email, code)


def kept_code(inside: Installation, email: str) -> VerificationCode:
    kept = select(VerificationCode).where(VerificationCode.email == email)
    return inside.read(lambda session: session.exec(kept).one())


def deeds(inside: Installation, user: User) -> list[Deed]:
    of_user = select(AuditEntry).where(AuditEntry.actor_id == user.id)
    return inside.read(lambda session: [entry.deed for entry in session.exec(of_user)])


def letters(inside: Installation, email: str) -> list[str]:
    """Those that wait to be sent to an address."""
    contents = [inside.services.outbox.content(entry) for entry in outbox(inside.services)]
    return [content["letter"] for content in contents if content["recipient"] == email]


def change(code: str) -> Json:
    return {"old_password": PASSWORD, "new_password": NEW_PASSWORD, "email_code": code}


def test_one_of_fifty_who_use_the_same_code_at_once_changes_the_password(
    inside: Installation, service: Service, user: User
) -> None:
    inside.unlimited("change_password", f"user {user.id}")
    issue_code(inside, user.email)
    answers = service.at_once(
        "change_password", *[change(CODE)] * AT_ONCE, token=inside.token(user)
    )
    assert outcomes(answers) == {"200": 1, "OLD_PASSWORD_WRONG": AT_ONCE - 1}
    assert deeds(inside, user) == [Deed.PASSWORD_CHANGED]
    assert letters(inside, user.email) == ["password_changed"]
    kept = kept_code(inside, user.email)
    assert kept.used_at and kept.tries == 1, "the others came too late even to try"


def test_of_fifty_wrong_codes_at_once_five_are_looked_at(
    inside: Installation, service: Service, user: User
) -> None:
    inside.unlimited("change_password", f"user {user.id}")
    issue_code(inside, user.email)
    token = inside.token(user)
    answers = service.at_once("change_password", *[change(WRONG)] * AT_ONCE, token=token)
    assert outcomes(answers) == {"EMAIL_CODE_INVALID": AT_ONCE}
    assert kept_code(inside, user.email).tries == TRIES
    late = service.call("change_password", change(CODE), token=token)
    assert problem(late) == (400, "EMAIL_CODE_INVALID")


def test_one_of_fifty_who_use_the_same_reset_link_at_once_sets_the_password(
    inside: Installation, service: Service, user: User
) -> None:
    inside.unlimited("reset_password", HERE)
    now = inside.services.clock()
    token = inside.write(lambda session: ResetToken.issue(session, user.id, now))
    bodies = [{"password": NEW_PASSWORD, "token": token}] * AT_ONCE
    answers = service.at_once("reset_password", *bodies)
    assert outcomes(answers) == {"200": 1, "RESET_TOKEN_INVALID": AT_ONCE - 1}
    assert deeds(inside, user) == [Deed.PASSWORD_RESET]


def test_a_captcha_ticket_is_good_for_one_of_fifty_at_once(service: Service) -> None:
    ticket = {"app_id": APP_ID, "rand_str": "@x7Q", "ticket": "pass-once", "user_ip": HERE}
    answers = service.at_once("verify_tencent_captcha", *[ticket] * AT_ONCE)
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.json()["is_valid"] for answer in answers].count(True) == 1


@pytest.mark.parametrize("has_had_one", [False, True], ids=["the first code", "a later code"])
def test_one_of_fifty_who_ask_for_a_code_at_once_gets_it(
    inside: Installation, service: Service, has_had_one: bool
) -> None:
    user = inside.user(new_address())
    if has_had_one:
        issue_code(inside, user.email, seconds_ago=120)
    for caller in (HERE, f"user {user.id}"):
        inside.unlimited("send_email_code", caller)
    asked = {"scene": SCENE, "received_at": 0}
    answers = service.at_once("send_email_code", *[asked] * AT_ONCE, token=inside.token(user))
    assert outcomes(answers) == {"200": 1, "EMAIL_CODE_TOO_FREQUENT": AT_ONCE - 1}
    assert letters(inside, user.email) == ["email_code"]


def test_a_rate_limit_is_exact_over_all_processes(service: Service) -> None:
    unknown = {"token": "unknown"}
    answers = service.at_once("check_password_reset_token", *[unknown] * AT_ONCE)
    assert outcomes(answers) == {"200": 30, "RATE_LIMITED": AT_ONCE - 30}


def test_a_session_that_has_ended_is_refused_by_every_process_at_once(
    inside: Installation, service: Service, user: User
) -> None:
    token = inside.token(user)
    before = service.at_once("get_security_profile", *[None] * AT_ONCE, token=token)
    assert outcomes(before) == {"200": AT_ONCE}, "each process has seen the session"
    assert service.call("logout", token=token).is_success
    after = service.at_once("get_security_profile", *[None] * AT_ONCE, token=token)
    assert outcomes(after) == {"UNAUTHENTICATED": AT_ONCE}


def test_a_setting_that_was_changed_is_seen_by_every_process(
    inside: Installation, service: Service
) -> None:
    before = service.at_once("get_company", *[None] * AT_ONCE)
    assert {answer.json()["support_phone"] for answer in before} == {""}
    parts = inside.services

    def change(session: BoundSession) -> None:
        desk = Desk(session, parts.audit, parts.clock(), "console test")
        settings.change(desk, "company", {"support_phone": "+86 21"})

    inside.write(change)

    def is_seen_by_all() -> bool:
        answers = service.at_once("get_company", *[None] * AT_ONCE)
        return {answer.json()["support_phone"] for answer in answers} == {"+86 21"}

    until(is_seen_by_all, "the setting")


# The same without what stands in front of it in a server: there, a lock on the user lets those who
# use his code come one after the other anyway.
THREADS = 20


def race(inside: Installation, act: Callable[[Transaction], Result]) -> list[Result]:
    """The same by many threads, through the connections of two servers."""
    url = inside.services.settings.database_url
    databases = [Database(url, connections=THREADS // 2) for _ in range(2)]
    start = Barrier(THREADS)

    def run(number: int) -> Result:
        transaction = Transaction(databases[number % 2], inside.boundary)
        transaction.read(lambda _: start.wait())  # by now everybody is connected
        return act(transaction)

    with ThreadPoolExecutor(THREADS) as threads:
        results = list(threads.map(run, range(THREADS)))
    for database in databases:
        database.close()
    return results


def spend(inside: Installation, email: str, code: str) -> Callable[[Transaction], Problem | None]:
    now, seal = inside.services.clock(), seal_of(inside, email, code)
    return lambda transaction: transaction.write(
        lambda session: VerificationCode.spend(session, Portal.CLIENT, SCENE, email, seal, now)
    )


class QuickPasswords(Passwords):
    """So that nobody waits for his turn to hash, and all come to the database together."""

    def hashed(self, password: str) -> str:
        return "a hash"


def test_a_reset_link_is_used_once(inside: Installation, user: User) -> None:
    parts, now = inside.services, inside.services.clock()
    token = inside.write(lambda session: ResetToken.issue(session, user.id, now))
    passwords = QuickPasswords(parts.settings.data)

    def reset(transaction: Transaction) -> str:
        try:
            reset_password(
                NEW_PASSWORD,
                token,
                site=inside.site,
                address=HERE,
                now=now,
                transaction=transaction,
                passwords=passwords,
                outbox=parts.outbox,
                audit=parts.audit,
            )
        except Problem as refused:
            return refused.code
        return ""

    assert sorted(race(inside, reset)) == ["", *["RESET_TOKEN_INVALID"] * (THREADS - 1)]
    assert deeds(inside, user) == [Deed.PASSWORD_RESET]


def test_a_code_is_spent_once(inside: Installation) -> None:
    email = new_address()
    issue_code(inside, email)
    faults = race(inside, spend(inside, email, CODE))
    told = [fault.code if fault else "" for fault in faults]
    assert sorted(told) == ["", *["EMAIL_CODE_INVALID"] * (THREADS - 1)]
    assert kept_code(inside, email).tries == 1


def test_a_captcha_ticket_is_used_once(inside: Installation) -> None:
    clock, tenant_id = inside.services.clock, inside.site.tenant_id

    def use(transaction: Transaction) -> bool:
        captcha = EmbeddedCaptcha(transaction.database, clock)
        return captcha.verify_tencent(tenant_id, APP_ID, "pass-directly", "@x7Q", HERE)

    assert race(inside, use).count(True) == 1


def test_no_sixth_code_is_compared(inside: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    email = new_address()
    issue_code(inside, email)
    compared: list[str] = []

    def compare(kept: str, told: str) -> bool:
        compared.append(told)
        return kept == told

    monkeypatch.setattr(verification_code, "compare_digest", compare)
    assert None not in race(inside, spend(inside, email, WRONG))
    assert len(compared) == kept_code(inside, email).tries == TRIES


def test_an_outbox_entry_is_claimed_once(inside: Installation) -> None:
    now = inside.services.clock()

    def fill(session: BoundSession) -> None:
        for _ in range(60):
            inside.services.outbox.add(session, "mail", {"recipient": "", "letter": ""}, now)

    inside.write(fill)
    waiting = sorted(entry.id for entry in outbox(inside.services) if not entry.claimed_until)
    minute = timedelta(minutes=1)

    def claim(transaction: Transaction) -> OutboxEntry | None:
        return transaction.write(lambda session: OutboxEntry.claim(session, now, minute))

    claimed = [entry.id for entry in (*race(inside, claim), *race(inside, claim)) if entry]
    assert len(claimed) == len(set(claimed)) > 20
    assert set(claimed) <= set(waiting)
