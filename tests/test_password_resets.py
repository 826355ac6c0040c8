"""Setting a new password by a mailed link: wlink 4, 5 and 6."""

import pytest

from backoffice.users import disable_user
from models.tenant import Portal
from models.user import UserStatus
from tests.server import NEW_PASSWORD, Broker, problem


def test_a_mailed_link_sets_a_new_password_and_ends_every_session(broker: Broker) -> None:
    user = broker.user()
    old = broker.login(user)
    token = broker.reset_token()
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
    body = {"password": NEW_PASSWORD, "token": broker.reset_token()}
    broker.call("reset_password", body)
    assert broker.call("login", {"email": user.email, "password": NEW_PASSWORD}).is_success


def test_a_reset_confirms_the_address(broker: Broker) -> None:
    user = broker.user(email_verified_at=None)
    broker.call("reset_password", {"password": NEW_PASSWORD, "token": broker.reset_token()})
    assert broker.call("login", {"email": user.email, "password": NEW_PASSWORD}).is_success


def test_a_newer_link_ends_the_older(broker: Broker) -> None:
    broker.user()
    older, newer = broker.reset_token(), broker.reset_token()
    refused = broker.call("reset_password", {"password": NEW_PASSWORD, "token": older})
    assert problem(refused) == (400, "RESET_TOKEN_INVALID")
    assert broker.call("reset_password", {"password": NEW_PASSWORD, "token": newer}).is_success


def test_a_link_is_good_for_half_an_hour(broker: Broker) -> None:
    broker.user()
    token = broker.reset_token()
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
    token = broker.reset_token()
    weak = broker.call("reset_password", {"password": "kettle41", "token": token})
    assert problem(weak) == (400, "PASSWORD_TOO_WEAK")
    assert weak.json()["details"] == {"required": "strong"}
    assert broker.call("reset_password", {"password": NEW_PASSWORD, "token": token}).is_success


def test_a_link_of_somebody_disabled_since_is_void(broker: Broker) -> None:
    user = broker.user()
    token = broker.reset_token()
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
    broker.user()
    tokens = [broker.reset_token() for _ in range(7)]
    assert len(broker.mails()) == len(set(tokens)) == 5, "and no answer tells"
    used = broker.call("reset_password", {"password": NEW_PASSWORD, "token": tokens[-1]})
    assert used.is_success, "who asks too often does not end the last link"


def test_asking_for_resets_is_limited_by_network_address(broker: Broker) -> None:
    email = {"email": "mei.lin@example.com"}
    answers = [broker.call("send_password_reset_email", email) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
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
    token = broker.reset_token()
    assert not expired(broker, token)
    assert expired(broker, "unknown")
    broker.call("reset_password", {"password": NEW_PASSWORD, "token": token})
    assert expired(broker, token)
    late = broker.reset_token()
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
