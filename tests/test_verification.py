"""Captchas and email codes: wlink 13 to 15."""

import pytest

from models.captcha_setting import CaptchaSetting
from models.tenant import Portal
from models.user import UserStatus
from tests.server import Broker, problem

TICKET = {"app_id": 190023930, "rand_str": "@x7Q", "ticket": "pass-1", "user_ip": "203.0.113.9"}


def is_valid(broker: Broker, **changed: object) -> bool:
    answer = broker.call("verify_tencent_captcha", {**TICKET, **changed})
    assert answer.status_code == 200, answer.text
    result: bool = answer.json()["is_valid"]
    return result


def test_a_solved_captcha_is_valid_once(broker: Broker) -> None:
    broker.set(CaptchaSetting, tencent_web_app_id=190023930)
    assert [is_valid(broker), is_valid(broker)] == [True, False]


def test_a_captcha_that_was_not_solved_is_not_valid(broker: Broker) -> None:
    broker.set(CaptchaSetting, tencent_web_app_id=190023930)
    assert not is_valid(broker, ticket="forged")


def test_only_the_broker_s_own_app_ids_count(broker: Broker) -> None:
    broker.set(CaptchaSetting, tencent_web_app_id=1, tencent_android_app_id=2)
    assert not is_valid(broker)


def test_a_ticket_of_one_tenant_says_nothing_to_another(broker: Broker) -> None:
    other = broker.server.broker()
    for each in (broker, other):
        each.set(CaptchaSetting, tencent_web_app_id=190023930)
        assert is_valid(each)


def test_a_captcha_provider_that_is_away_is_said_so(broker: Broker) -> None:
    broker.set(CaptchaSetting, tencent_web_app_id=190023930)
    answer = broker.call("verify_tencent_captcha", {**TICKET, "ticket": "down-1"})
    assert problem(answer) == (503, "CAPTCHA_UNAVAILABLE")


def test_captcha_checks_are_checked_and_limited(broker: Broker) -> None:
    answer = broker.call("verify_tencent_captcha", {**TICKET, "user_ip": "nowhere"})
    assert problem(answer) == (400, "VALIDATION_ERROR")
    for _ in range(60):
        is_valid(broker)
    answer = broker.call("verify_tencent_captcha", TICKET)
    assert problem(answer) == (429, "RATE_LIMITED")


def register(
    broker: Broker, email: str = "new@example.com", portal: str = "client"
) -> dict[str, int]:
    body = {"scene": "register", "received_at": 0, "email": email}
    answer = broker.call("send_email_code", body, portal=portal)
    assert answer.status_code == 200, answer.text
    times: dict[str, int] = answer.json()
    return times


def test_a_newcomer_gets_six_digits_by_mail(broker: Broker) -> None:
    now = int(broker.server.clock().timestamp())
    assert register(broker) == {"can_resend_at": now + 60, "expired_at": now + 600}
    ((recipient, subject, text),) = broker.mails()
    assert (recipient, subject) == ("new@example.com", f"Broker {broker.number}: your code")
    assert len(broker.code()) == 6
    assert broker.code() not in subject
    assert f"Broker {broker.number}" in text


def test_a_mail_is_in_the_language_of_who_asks(broker: Broker) -> None:
    body = {"scene": "register", "received_at": 0, "email": "new@example.com"}
    broker.call("send_email_code", body, headers={"X-Language": "zh-CN"})
    assert "验证码" in broker.mails()[0][2]


def test_the_next_code_comes_after_a_minute(broker: Broker) -> None:
    times = register(broker)
    body = {"scene": "register", "received_at": 0, "email": "New@Example.com"}
    broker.server.clock.forward(seconds=59)
    refused = broker.call("send_email_code", body)
    assert problem(refused) == (429, "EMAIL_CODE_TOO_FREQUENT")
    assert refused.json()["details"] == {"can_resend_at": times["can_resend_at"]}
    assert 0 < int(refused.headers["retry-after"]) <= 2
    broker.server.clock.forward(seconds=1)
    assert register(broker)


def test_codes_for_one_address_are_limited(broker: Broker) -> None:
    for _ in range(5):
        register(broker)
        broker.server.clock.forward(seconds=60)
    body = {"scene": "register", "received_at": 0, "email": "new@example.com"}
    assert problem(broker.call("send_email_code", body)) == (429, "RATE_LIMITED")


def test_a_taken_address_is_named_in_its_own_portal_alone(broker: Broker) -> None:
    broker.user("new@example.com", Portal.CLIENT)
    body = {"scene": "register", "received_at": 0, "email": "New@example.com"}
    assert problem(broker.call("send_email_code", body)) == (409, "EMAIL_TAKEN")
    assert register(broker, portal="ib")


def test_a_discreet_broker_tells_the_owner_instead_of_the_stranger(broker: Broker) -> None:
    broker.set(reveals_registered=False)
    broker.user("taken@example.com")
    assert register(broker, "taken@example.com") == register(broker, "free@example.com")
    mails = {recipient: text for recipient, _, text in broker.mails()}
    assert "account for it already" in mails["taken@example.com"]
    assert not any(word.isdigit() and len(word) == 6 for word in mails["taken@example.com"].split())


@pytest.mark.parametrize("scene", ["withdrawal", "transfer", "password_change"])
def test_other_codes_go_to_the_caller_s_own_address(broker: Broker, scene: str) -> None:
    user = broker.user()
    body = {"scene": scene, "received_at": 0}
    assert problem(broker.call("send_email_code", body)) == (401, "UNAUTHENTICATED")
    token = broker.login(user)
    foreign = broker.call("send_email_code", {**body, "email": "x@example.com"}, token=token)
    assert problem(foreign) == (400, "VALIDATION_ERROR")
    assert foreign.json()["errors"] == [{"pointer": "/body/email", "rule": "const"}]
    own = broker.call("send_email_code", {**body, "email": "MEI.LIN@example.com"}, token=token)
    assert own.status_code == 200
    assert broker.mails()[-1][0] == user.email


def test_a_registration_needs_an_address(broker: Broker) -> None:
    answer = broker.call("send_email_code", {"scene": "register", "received_at": 0})
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"] == [{"pointer": "/body/email", "rule": "required"}]


def test_a_session_that_is_no_good_is_refused_though_none_is_needed(broker: Broker) -> None:
    body = {"scene": "register", "received_at": 0, "email": "new@example.com"}
    answer = broker.call("send_email_code", body, token="crm_unknown")
    assert problem(answer) == (401, "UNAUTHENTICATED")
    user = broker.user()
    token = broker.login(user)
    broker.server.clock.forward(hours=25)
    assert problem(broker.call("send_email_code", body, token=token)) == (401, "TOKEN_EXPIRED")
    broker.change(user, status=UserStatus.DISABLED)
    assert problem(broker.call("send_email_code", body, token=token)) == (403, "USER_DISABLED")


def test_a_code_that_could_not_be_sent_in_time_is_not_sent_at_all(broker: Broker) -> None:
    register(broker)
    broker.server.clock.forward(minutes=10)
    assert broker.mails() == []


def is_registered(broker: Broker, email: str, portal: str = "client") -> bool:
    answer = broker.call("check_email_registered", {"email": email}, portal=portal)
    assert answer.status_code == 200, answer.text
    result: bool = answer.json()["is_registered"]
    return result


def test_whether_an_address_has_a_user_is_told_for_the_portal(broker: Broker) -> None:
    broker.user()
    assert is_registered(broker, "Mei.Lin@example.com")
    assert not is_registered(broker, "mei.lin@example.com", portal="ib")
    assert not is_registered(broker, "nobody@example.com")


def test_a_discreet_broker_knows_nobody(broker: Broker) -> None:
    broker.set(reveals_registered=False)
    broker.user()
    assert not is_registered(broker, "mei.lin@example.com")


def test_asking_for_addresses_is_limited_tightly(broker: Broker) -> None:
    answer = broker.call("check_email_registered", {"email": "no address"})
    assert problem(answer) == (400, "VALIDATION_ERROR")
    for number in range(5):
        is_registered(broker, f"n{number}@example.com")
    answer = broker.call("check_email_registered", {"email": "n6@example.com"})
    assert problem(answer) == (429, "RATE_LIMITED")
