"""Changing a password that one knows: wlink 1."""

import pytest

from gateways.passwords import Passwords
from tests.server import NEW_PASSWORD, PASSWORD, Broker, problem


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


def test_of_two_who_change_the_same_password_the_second_must_know_the_new_one(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = broker.user()
    token = broker.login(user)
    hashed = Passwords.hashed

    def meanwhile(passwords: Passwords, password: str) -> str:
        broker.change(user, password_hash="somebody was quicker")
        return hashed(passwords, password)

    monkeypatch.setattr(Passwords, "hashed", meanwhile)
    body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    answer = broker.call("change_password", body, token=token)
    assert problem(answer) == (400, "OLD_PASSWORD_WRONG")
