"""Logging in and out: wlink 2, 3 and 7."""

from contextlib import suppress
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session

from contract.problems import Problem
from models.captcha_setting import CaptchaSetting
from models.login_failure import LoginFailure
from models.user import UserStatus
from tests.server import NEW_PASSWORD, PASSWORD, Broker, problem


def test_a_login_opens_a_session_and_says_who_it_is(broker: Broker) -> None:
    user = broker.user()
    answer = broker.call("login", {"email": "Mei.Lin@Example.com", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["user_info"] == {
        "id": user.id,
        "email": "mei.lin@example.com",
        "user_type": "client",
        "first_name": "Mei",
        "last_name": "Lin",
        "full_name": "Lin Mei",
    }
    profile = broker.call("get_security_profile", token=answer.json()["token"])
    assert profile.status_code == 200


def test_a_wrong_password_and_an_unknown_address_look_alike(broker: Broker) -> None:
    broker.user()
    wrong = broker.call("login", {"email": "mei.lin@example.com", "password": "wrong"})
    unknown = broker.call("login", {"email": "nobody@example.com", "password": "wrong"})
    for answer in (wrong, unknown):
        assert problem(answer) == (401, "BAD_CREDENTIALS")
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    assert wrong.headers.keys() == unknown.headers.keys()


def test_a_user_of_one_portal_is_unknown_in_the_other(broker: Broker) -> None:
    broker.user()
    answer = broker.call(
        "login", {"email": "mei.lin@example.com", "password": PASSWORD}, portal="ib"
    )
    assert problem(answer) == (401, "BAD_CREDENTIALS")


def test_a_login_without_a_field_names_it(broker: Broker) -> None:
    answer = broker.call("login", {"email": "mei.lin@example.com", "password": ""})
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"] == [{"pointer": "/body/password", "rule": "minLength"}]


def test_five_wrong_passwords_lock_the_address_for_a_quarter_of_an_hour(broker: Broker) -> None:
    user = broker.user()
    for _ in range(5):
        broker.call("login", {"email": user.email, "password": "wrong"})
    locked = broker.call("login", {"email": user.email, "password": PASSWORD})
    assert problem(locked) == (423, "ACCOUNT_LOCKED")
    retry_at = broker.server.clock() + timedelta(minutes=15)
    assert locked.json()["details"] == {"retry_at": int(retry_at.timestamp())}
    broker.server.clock.forward(minutes=15)
    assert broker.login(user)


def test_an_unknown_address_is_locked_just_the_same(broker: Broker) -> None:
    credentials = {"email": "nobody@example.com", "password": "wrong"}
    answers = [problem(broker.call("login", credentials)) for _ in range(6)]
    assert answers == [(401, "BAD_CREDENTIALS")] * 5 + [(423, "ACCOUNT_LOCKED")]


def test_a_right_password_is_not_counted_with_the_wrong_ones(broker: Broker) -> None:
    user = broker.user()
    for _ in range(2):
        for _ in range(4):
            broker.call("login", {"email": user.email, "password": "wrong"})
        assert broker.login(user)


def test_old_failures_are_forgotten(broker: Broker) -> None:
    user = broker.user()
    for _ in range(2):
        for _ in range(4):
            broker.call("login", {"email": user.email, "password": "wrong"})
        broker.server.clock.forward(minutes=6)
    assert broker.login(user)


def test_guesses_from_many_places_lock_the_address_everywhere(broker: Broker) -> None:
    user, parts = broker.user(), broker.server.services

    def guess(session: Session) -> None:
        for number in range(100):  # each of them a different place
            place = f"198.51.100.{number}"
            LoginFailure.count(session, user.user_type, user.email, place, parts.clock())

    parts.database.write(broker.boundary, guess)
    locked = broker.call("login", {"email": user.email, "password": PASSWORD})
    assert problem(locked) == (423, "ACCOUNT_LOCKED")
    body = {"password": NEW_PASSWORD, "token": broker.reset_token()}
    assert broker.call("reset_password", body).is_success
    assert broker.call("login", {"email": user.email, "password": NEW_PASSWORD}).is_success


def test_one_place_alone_cannot_lock_the_owner_out(broker: Broker) -> None:
    user, parts, clock = broker.user(), broker.server.services, broker.server.clock

    def guess(session: Session) -> None:
        LoginFailure.require_unlocked(
            session, user.user_type, user.email, "198.51.100.1", parts.clock()
        )
        LoginFailure.count(session, user.user_type, user.email, "198.51.100.1", parts.clock())

    guesses = 0
    for _ in range(24 * 12):
        clock.forward(minutes=5)
        with suppress(Problem):
            for _ in range(5):
                parts.database.write(broker.boundary, guess)
                guesses += 1
    assert guesses == 20
    assert broker.login(user)


def test_a_login_forgives_nothing_to_other_places(broker: Broker) -> None:
    user, parts = broker.user(), broker.server.services

    def guess(session: Session) -> None:
        LoginFailure.count(session, user.user_type, user.email, "198.51.100.1", parts.clock())

    for _ in range(4):
        parts.database.write(broker.boundary, guess)
    broker.login(user)
    parts.database.write(broker.boundary, guess)
    with pytest.raises(Problem, match="ACCOUNT_LOCKED"):
        parts.database.read(
            broker.boundary,
            lambda session: LoginFailure.require_unlocked(
                session, user.user_type, user.email, "198.51.100.1", parts.clock()
            ),
        )


def test_a_disabled_user_is_told_so_once_he_has_given_his_password(broker: Broker) -> None:
    user = broker.user(status=UserStatus.DISABLED)
    answer = broker.call("login", {"email": user.email, "password": PASSWORD})
    assert problem(answer) == (403, "USER_DISABLED")
    wrong = broker.call("login", {"email": user.email, "password": "wrong"})
    assert problem(wrong) == (401, "BAD_CREDENTIALS")


def test_somebody_who_has_not_confirmed_his_address_does_not_get_in(broker: Broker) -> None:
    user = broker.user(email_verified_at=None)
    answer = broker.call("login", {"email": user.email, "password": PASSWORD})
    assert problem(answer) == (403, "USER_DISABLED")


CAPTCHA = {"Captcha-Token": "pass-1", "Captcha-Action": "login"}


@pytest.mark.parametrize(
    ("setting", "headers"),
    [
        ({"re_captcha_enabled": True}, CAPTCHA),
        (
            {"tencent_captcha_enabled": True},
            {"Captcha-Token": "pass-2", "Captcha-Randstr": "@x7Q"},
        ),
    ],
    ids=["reCAPTCHA", "Tencent"],
)
def test_a_captcha_is_asked_for_where_it_is_switched_on(
    broker: Broker, setting: dict[str, object], headers: dict[str, str]
) -> None:
    broker.set(**setting)
    broker.set(CaptchaSetting, tencent_web_app_id=190023930)
    credentials = {"email": broker.user().email, "password": PASSWORD}
    assert problem(broker.call("login", credentials)) == (400, "CAPTCHA_REQUIRED")
    wrong = {**headers, "Captcha-Token": "bad"}
    assert problem(broker.call("login", credentials, headers=wrong)) == (400, "CAPTCHA_INVALID")
    down = {**headers, "Captcha-Token": "down-1"}
    unavailable = broker.call("login", credentials, headers=down)
    assert problem(unavailable) == (503, "CAPTCHA_UNAVAILABLE")
    assert unavailable.headers["retry-after"]
    assert broker.call("login", credentials, headers=headers).status_code == 200
    used = broker.call("login", credentials, headers=headers)
    assert problem(used) == (400, "CAPTCHA_INVALID")


def test_who_calls_the_login_too_often_has_to_wait(broker: Broker) -> None:
    answers = [
        broker.call("login", {"email": f"n{number}@example.com", "password": ""})
        for number in range(3)
    ]
    assert {answer.status_code for answer in answers} == {400}, "what is invalid is not counted"
    for number in range(60):
        broker.call("login", {"email": f"n{number}@example.com", "password": "wrong"})
    refused = broker.call("login", {"email": "late@example.com", "password": "wrong"})
    assert problem(refused) == (429, "RATE_LIMITED")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    broker.server.clock.forward(seconds=60)
    answer = broker.call("login", {"email": "late@example.com", "password": "wrong"})
    assert answer.status_code == 401


def test_a_weak_hash_is_made_anew_at_the_login(broker: Broker) -> None:
    parts = broker.server.services
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    user = broker.user(password_hash=weak)
    broker.login(user)
    stored = parts.database.read(
        broker.boundary, lambda session: type(user).present(session, user.id)
    )
    assert stored.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_stronger_hash_is_left_as_it_is(broker: Broker) -> None:
    strong = PasswordHasher(time_cost=3, memory_cost=20_000, parallelism=4).hash(PASSWORD)
    user = broker.user(password_hash=strong)
    broker.login(user)
    found = broker.server.services.database.read(
        broker.boundary, lambda session: type(user).present(session, user.id)
    )
    assert found.password_hash == strong


def test_a_logout_ends_the_session_and_no_other(broker: Broker) -> None:
    user = broker.user()
    token, other = broker.login(user), broker.login(user)
    assert broker.call("logout", token=token).json() == {}
    assert problem(broker.call("get_security_profile", token=token)) == (401, "UNAUTHENTICATED")
    assert broker.call("get_security_profile", token=other).status_code == 200


def test_logging_out_twice_is_no_error(broker: Broker) -> None:
    token = broker.login(broker.user())
    assert [broker.call("logout", token=token).status_code for _ in range(2)] == [200, 200]


def test_a_session_ends_when_nobody_uses_it_for_a_day(broker: Broker) -> None:
    token = broker.login(broker.user())
    for _ in range(3):
        broker.server.clock.forward(hours=23)
        assert broker.call("get_security_profile", token=token).status_code == 200
    broker.server.clock.forward(hours=24)
    for name in ("get_security_profile", "logout"):
        assert problem(broker.call(name, token=token)) == (401, "TOKEN_EXPIRED")


def test_a_session_ends_after_a_week_however_busy(broker: Broker) -> None:
    token = broker.login(broker.user())
    for _ in range(7 * 2 - 1):
        broker.server.clock.forward(hours=12)
        assert broker.call("get_security_profile", token=token).status_code == 200
    broker.server.clock.forward(hours=12)
    assert problem(broker.call("get_security_profile", token=token)) == (401, "TOKEN_EXPIRED")


def test_the_lives_of_a_session_are_the_tenant_s_to_set(broker: Broker) -> None:
    broker.set(session_idle_seconds=60, session_seconds=600)
    token = broker.login(broker.user())
    broker.server.clock.forward(seconds=60)
    assert problem(broker.call("get_security_profile", token=token)) == (401, "TOKEN_EXPIRED")


def test_the_security_profile_hides_what_it_names(broker: Broker) -> None:
    broker.set(required_password_strength="high")
    token = broker.login(broker.user())
    assert broker.call("get_security_profile", token=token).json() == {
        "email": "m***@example.com",
        "password": "********",
        "required_password": "high",
    }
