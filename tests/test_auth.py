"""Logging in and out, passwords: wlink 1 to 7."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session

from backoffice.users import disable_user
from contract.problems import Problem
from models.login_failure import LoginFailure
from models.tenant import Portal
from models.user import UserStatus
from tests.server import PASSWORD, Broker, problem

NEW_PASSWORD = "Quarry-lantern-58"


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
        for number in range(100):
            place = f"198.51.100.{number}"
            LoginFailure.count(session, user.user_type, user.email, place, parts.clock())

    parts.database.write(broker.boundary, guess)
    locked = broker.call("login", {"email": user.email, "password": PASSWORD})
    assert problem(locked) == (423, "ACCOUNT_LOCKED")
    body = {"password": NEW_PASSWORD, "token": reset_token(broker)}
    assert broker.call("reset_password", body).is_success
    assert broker.call("login", {"email": user.email, "password": NEW_PASSWORD}).is_success


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
            {"tencent_captcha_enabled": True, "tencent_app_ids": [190023930]},
            {"Captcha-Token": "pass-2", "Captcha-Randstr": "@x7Q"},
        ),
    ],
    ids=["reCAPTCHA", "Tencent"],
)
def test_a_captcha_is_asked_for_where_it_is_switched_on(
    broker: Broker, setting: dict[str, object], headers: dict[str, str]
) -> None:
    broker.set(**setting)
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


def test_a_new_password_counts_at_once_and_ends_the_other_sessions(broker: Broker) -> None:
    user = broker.user()
    token, other = broker.login(user), broker.login(user)
    passwords = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert broker.call("change_password", passwords, token=token).json() == {}
    assert broker.call("get_security_profile", token=token).status_code == 200
    assert broker.call("get_security_profile", token=other).status_code == 401
    old = broker.call("login", {"email": user.email, "password": PASSWORD})
    assert problem(old) == (401, "BAD_CREDENTIALS")
    new = broker.call("login", {"email": user.email, "password": NEW_PASSWORD})
    assert new.status_code == 200
    assert broker.mails()[-1][:2] == (
        user.email,
        f"Broker {broker.number}: your password has been changed",
    )


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("wrong", NEW_PASSWORD, "OLD_PASSWORD_WRONG"),
        (PASSWORD, PASSWORD, "PASSWORD_UNCHANGED"),
        (PASSWORD, "password1", "PASSWORD_TOO_WEAK"),
        (PASSWORD, "mei.lin", "PASSWORD_TOO_WEAK"),
    ],
)
def test_a_password_is_not_changed_to_just_anything(
    broker: Broker, old: str, new: str, code: str
) -> None:
    token = broker.login(broker.user())
    answer = broker.call("change_password", {"old_password": old, "new_password": new}, token=token)
    assert problem(answer) == (400, code)
    if code == "PASSWORD_TOO_WEAK":
        assert answer.json()["details"] == {"required": "medium"}


def test_a_short_new_password_is_named(broker: Broker) -> None:
    token = broker.login(broker.user())
    answer = broker.call(
        "change_password", {"old_password": PASSWORD, "new_password": "short"}, token=token
    )
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"] == [{"pointer": "/body/new_password", "rule": "minLength"}]


def test_a_changed_password_needs_a_code_where_the_tenant_says_so(broker: Broker) -> None:
    broker.set(email_verification_scenarios=["password_change"])
    token = broker.login(broker.user())
    passwords = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}

    def change(**code: str) -> tuple[int, str]:
        answer = broker.call("change_password", {**passwords, **code}, token=token)
        return answer.status_code, answer.json().get("code", "")

    assert change() == (400, "EMAIL_CODE_REQUIRED")
    assert change(email_code="000000") == (400, "EMAIL_CODE_INVALID")
    asked = {"scene": "password_change", "received_at": 0}
    broker.call("send_email_code", asked, token=token)
    code = broker.code()
    broker.server.clock.forward(minutes=10)
    assert change(email_code=code) == (400, "EMAIL_CODE_EXPIRED")
    broker.call("send_email_code", asked, token=token)
    assert change(email_code=broker.code()) == (200, "")


def test_a_code_is_good_once_and_for_its_scene_alone(broker: Broker) -> None:
    broker.set(email_verification_scenarios=["password_change"])
    token = broker.login(broker.user())
    broker.call("send_email_code", {"scene": "withdrawal", "received_at": 0}, token=token)
    foreign = broker.code()
    broker.call("send_email_code", {"scene": "password_change", "received_at": 0}, token=token)
    own = broker.code()
    body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD, "email_code": foreign}
    wrong = broker.call("change_password", body, token=token)
    assert problem(wrong) == (400, "EMAIL_CODE_INVALID")
    assert broker.call("change_password", {**body, "email_code": own}, token=token).is_success
    back = {"old_password": NEW_PASSWORD, "new_password": PASSWORD, "email_code": own}
    again = broker.call("change_password", back, token=token)
    assert problem(again) == (400, "EMAIL_CODE_INVALID")


def test_after_five_wrong_codes_the_right_one_is_refused(broker: Broker) -> None:
    broker.set(email_verification_scenarios=["password_change"])
    token = broker.login(broker.user())
    broker.call("send_email_code", {"scene": "password_change", "received_at": 0}, token=token)
    code = broker.code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    for _ in range(5):
        broker.call("change_password", {**body, "email_code": wrong}, token=token)
    answer = broker.call("change_password", {**body, "email_code": code}, token=token)
    assert problem(answer) == (400, "EMAIL_CODE_INVALID")


def test_a_wrong_password_does_not_use_the_code_up(broker: Broker) -> None:
    broker.set(email_verification_scenarios=["password_change"])
    token = broker.login(broker.user())
    broker.call("send_email_code", {"scene": "password_change", "received_at": 0}, token=token)
    body = {"old_password": "wrong", "new_password": NEW_PASSWORD, "email_code": broker.code()}
    answer = broker.call("change_password", body, token=token)
    assert problem(answer) == (400, "OLD_PASSWORD_WRONG")
    right = {**body, "old_password": PASSWORD}
    assert broker.call("change_password", right, token=token).is_success


def test_old_passwords_cannot_be_tried_without_end(broker: Broker) -> None:
    token = broker.login(broker.user())
    body = {"old_password": "wrong", "new_password": NEW_PASSWORD}
    for _ in range(10):
        broker.call("change_password", body, token=token)
    answer = broker.call("change_password", body, token=token)
    assert problem(answer) == (429, "RATE_LIMITED")


def reset_token(broker: Broker, email: str = "mei.lin@example.com", portal: str = "client") -> str:
    """Of the last mail, asked for just now."""
    assert broker.call("send_password_reset_email", {"email": email}, portal=portal).json() == {}
    text = broker.mails()[-1][2]
    return text.partition("token=")[2].split()[0]


def test_a_mailed_link_sets_a_new_password_and_ends_every_session(broker: Broker) -> None:
    user = broker.user()
    old = broker.login(user)
    token = reset_token(broker)
    body = {"password": NEW_PASSWORD, "token": token}
    assert broker.call("reset_password", body).json() == {}
    assert broker.call("get_security_profile", token=old).status_code == 401
    assert broker.call("login", {"email": user.email, "password": NEW_PASSWORD}).is_success
    assert problem(broker.call("reset_password", body)) == (400, "RESET_TOKEN_INVALID")


def test_the_link_leads_to_the_portal_of_the_user(broker: Broker) -> None:
    broker.user(portal=Portal.IB)
    broker.call(
        "send_password_reset_email",
        {"email": "mei.lin@example.com"},
        portal="ib",
        headers={"X-Forwarded-Host": "evil.example"},
    )
    link = f"https://ib.t{broker.number}.example/reset-password?token="
    assert link in broker.mails()[-1][2]
    assert "evil" not in broker.mails()[-1][2]


def test_a_reset_lifts_the_lock(broker: Broker) -> None:
    user = broker.user()
    for _ in range(6):
        broker.call("login", {"email": user.email, "password": "wrong"})
    body = {"password": NEW_PASSWORD, "token": reset_token(broker)}
    broker.call("reset_password", body)
    assert broker.call("login", {"email": user.email, "password": NEW_PASSWORD}).is_success


def test_a_reset_confirms_the_address(broker: Broker) -> None:
    user = broker.user(email_verified_at=None)
    broker.call("reset_password", {"password": NEW_PASSWORD, "token": reset_token(broker)})
    assert broker.call("login", {"email": user.email, "password": NEW_PASSWORD}).is_success


def test_a_newer_link_ends_the_older(broker: Broker) -> None:
    broker.user()
    older, newer = reset_token(broker), reset_token(broker)
    refused = broker.call("reset_password", {"password": NEW_PASSWORD, "token": older})
    assert problem(refused) == (400, "RESET_TOKEN_INVALID")
    assert broker.call("reset_password", {"password": NEW_PASSWORD, "token": newer}).is_success


def test_a_link_is_good_for_half_an_hour(broker: Broker) -> None:
    broker.user()
    token = reset_token(broker)
    broker.server.clock.forward(minutes=30)
    answer = broker.call("reset_password", {"password": NEW_PASSWORD, "token": token})
    assert problem(answer) == (400, "RESET_TOKEN_EXPIRED")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"password": NEW_PASSWORD, "token": "unknown"}, "RESET_TOKEN_INVALID"),
        ({"password": "short", "token": "unknown"}, "VALIDATION_ERROR"),
    ],
)
def test_an_unknown_link_or_a_short_password_resets_nothing(
    broker: Broker, body: dict[str, str], code: str
) -> None:
    assert problem(broker.call("reset_password", body)) == (400, code)


def test_a_weak_password_does_not_use_the_link_up(broker: Broker) -> None:
    broker.set(required_password_strength="strong")
    broker.user()
    token = reset_token(broker)
    weak = broker.call("reset_password", {"password": "kettle41", "token": token})
    assert problem(weak) == (400, "PASSWORD_TOO_WEAK")
    assert weak.json()["details"] == {"required": "strong"}
    assert broker.call("reset_password", {"password": NEW_PASSWORD, "token": token}).is_success


def test_a_link_of_somebody_disabled_since_is_void(broker: Broker) -> None:
    user = broker.user()
    token = reset_token(broker)
    parts = broker.server.services
    parts.database.write(broker.boundary, lambda s: disable_user(s, user.id, parts.clock()))
    answer = broker.call("reset_password", {"password": NEW_PASSWORD, "token": token})
    assert problem(answer) == (400, "RESET_TOKEN_INVALID")


@pytest.mark.parametrize("name", ["nobody@example.com", "gone@example.com"])
def test_nobody_learns_from_a_reset_who_has_an_account(broker: Broker, name: str) -> None:
    broker.user("gone@example.com", status=UserStatus.DISABLED)
    broker.user()
    known = broker.call("send_password_reset_email", {"email": "mei.lin@example.com"})
    other = broker.call("send_password_reset_email", {"email": name})
    assert (known.status_code, known.json()) == (other.status_code, other.json()) == (200, {})
    assert known.headers.keys() == other.headers.keys()
    assert [mail[0] for mail in broker.mails()] == ["mei.lin@example.com"]


def test_reset_mails_to_one_address_are_limited(broker: Broker) -> None:
    email = {"email": "mei.lin@example.com"}
    answers = [broker.call("send_password_reset_email", email) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert problem(answers[-1]) == (429, "RATE_LIMITED")
    invalid = broker.call("send_password_reset_email", {"email": "no address"})
    assert problem(invalid) == (400, "VALIDATION_ERROR")


def expired(broker: Broker, token: str) -> bool:
    answer = broker.call("check_password_reset_token", query={"token": token})
    assert answer.status_code == 200, answer.text
    result: bool = answer.json()["expired"]
    return result


def test_a_page_can_ask_whether_a_link_is_still_good(broker: Broker) -> None:
    broker.user()
    token = reset_token(broker)
    assert not expired(broker, token)
    assert expired(broker, "unknown")
    broker.call("reset_password", {"password": NEW_PASSWORD, "token": token})
    assert expired(broker, token)
    late = reset_token(broker)
    broker.server.clock.forward(minutes=30)
    assert expired(broker, late)


def test_asking_for_the_state_of_a_link_is_limited_and_checked(broker: Broker) -> None:
    assert problem(broker.call("check_password_reset_token")) == (400, "VALIDATION_ERROR")
    for _ in range(30):
        assert expired(broker, "unknown")
    answer = broker.call("check_password_reset_token", query={"token": "unknown"})
    assert problem(answer) == (429, "RATE_LIMITED")


def test_resets_are_limited_by_network_address(broker: Broker) -> None:
    body = {"password": NEW_PASSWORD, "token": "unknown"}
    answers = [broker.call("reset_password", body).status_code for _ in range(21)]
    assert answers == [400] * 20 + [429]


def test_the_security_profile_hides_what_it_names(broker: Broker) -> None:
    broker.set(required_password_strength="high")
    token = broker.login(broker.user())
    assert broker.call("get_security_profile", token=token).json() == {
        "email": "m***@example.com",
        "password": "********",
        "required_password": "high",
    }
