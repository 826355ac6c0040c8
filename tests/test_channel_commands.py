"""Operators at the console: channels, their secrets, where clients live, how the cashier works."""

import re
from typing import Any

import pytest
import yaml
from cryptography.exceptions import InvalidTag
from sqlmodel import col, select

from gateways.secret_box import SecretBox
from models.audit_entry import AuditEntry
from models.cashier_setting import CashierSetting
from models.client_profile import ApplyStatus, ClientProfile
from tests.channels import CARD, DEPOSIT, WITHDRAWAL, publish, row
from tests.console import Console, console
from tests.server import SECRET
from tests.test_secrets import kept

__all__ = ["console"]

Json = Any

KEY, WEBHOOK_SECRET = "sk_live_canary-7Yp", "whsec_canary-2Kd"
GATEWAY = "https://payments.example"


def log(console: Console) -> str:
    return console("audit", "--tenant", console.tenant, "list").output


def form(given: Json, **changed: Json) -> str:
    return yaml.safe_dump({**given, **changed})


def published(console: Console, given: Json, **changed: Json) -> str:
    return console.operator("channel", "publish", "-", form=form(given, **changed)).strip()


def why_not(console: Console, given: Json, **changed: Json) -> str:
    refused = console.refused("channel", "publish", "-", form=form(given, **changed))
    assert console.operator("channel", "list") == ""
    return refused


def test_a_channel_is_published_changed_withdrawn_and_listed_as_it_was_written(
    console: Console,
) -> None:
    number = published(console, CARD, countries=["SG"], fee_type="percent", fee_value="2.90")
    listed = console.operator("channel", "list")
    assert listed.startswith(f"# channel {number}\n")
    written = yaml.safe_load(listed)
    assert written["fee_value"] == "2.90"
    assert written["min_amount"] == "50"
    assert written["countries"] == ["SG"]
    written |= {"fee_type": "fixed", "fee_value": "1.50", "countries": []}
    console.operator("channel", "change", number, "-", form=yaml.safe_dump(written))
    assert yaml.safe_load(console.operator("channel", "list")) == written
    console.operator("channel", "withdraw", number)
    assert f"# channel {number}, withdrawn" in console.operator("channel", "list")
    deeds = re.findall(rf"content_([a-z]+) +channel {number}\b", log(console))
    assert deeds == ["published", "changed", "withdrawn"]


@pytest.mark.parametrize(
    ("given", "changed", "why"),
    [
        (DEPOSIT, {"method": "bank_transfer"}, "bank_transfer is no method of a deposit"),
        (WITHDRAWAL, {"method": "stripe"}, "stripe is no method of a withdrawal"),
        (DEPOSIT, {"method": "cash"}, "method"),
        (DEPOSIT, {"direction": "sideways"}, "direction"),
        (DEPOSIT, {"name": {"zh-CN": "银行"}}, "name is missing in en"),
        (DEPOSIT, {"account_info": {"zh-CN": "银行"}}, "account_info is missing in en"),
        (DEPOSIT, {"account_info": {"en": "<b>Pay</b>"}}, "without tags"),
        (DEPOSIT, {"account_info": {"en": "x" * 4001}}, "account_info.en"),
        (DEPOSIT, {"currencies": []}, "currencies"),
        (DEPOSIT, {"currencies": ["USD", "USD"]}, "twice"),
        (DEPOSIT, {"currencies": ["USD", "EUR"]}, "does not deal in EUR"),
        (DEPOSIT, {"currencies": ["XXX"]}, "does not deal in XXX"),
        (DEPOSIT, {"countries": ["SG", "ZZ"]}, "there is no country ZZ"),
        (DEPOSIT, {"countries": ["SG", "SG"]}, "twice"),
        (DEPOSIT, {"min_amount": "5000.01"}, "min_amount must not be above max_amount"),
        (DEPOSIT, {"min_amount": "0"}, "min_amount"),
        (DEPOSIT, {"min_amount": "0.001"}, "min_amount"),
        (DEPOSIT, {"max_amount": "99.999"}, "max_amount"),
        (DEPOSIT, {"max_amount": "10000000000000"}, "max_amount"),
        (DEPOSIT, {"max_amount": "1E+3"}, "max_amount"),
        (DEPOSIT, {"max_amount": 5000.5}, "max_amount"),
        (DEPOSIT, {"fee_value": "-1"}, "fee_value"),
        (DEPOSIT, {"fee_value": "0.001"}, "a fixed fee_value has at most 2 digits"),
        (DEPOSIT, {"fee_value": "100", "fee_type": "percent"}, "below 100 percent"),
        (DEPOSIT, {"fee_value": "1", "fee_type": "both"}, "fee_type"),
        (WITHDRAWAL, {"fee_value": "50"}, "the fee leaves nothing of min_amount"),
        (
            WITHDRAWAL,
            {"fee_value": "0.5", "fee_type": "percent", "min_amount": "0.01"},
            "the fee leaves nothing of min_amount",
        ),
        (DEPOSIT, {"gateway_address": GATEWAY}, "offline has no gateway"),
        (WITHDRAWAL, {"gateway_address": GATEWAY}, "has no gateway"),
        (CARD, {"gateway_key": "canary"}, "gateway_key"),
        (DEPOSIT, {"icon_url": "http://static.example/icon.png"}, "icon_url"),
        (DEPOSIT, {"sort_order": -1}, "sort_order"),
    ],
    ids=str,
)
def test_a_channel_that_makes_no_sense_is_refused(
    console: Console, given: Json, changed: Json, why: str
) -> None:
    refused = why_not(console, given, **changed)
    assert why in refused and "canary" not in refused


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        (DEPOSIT, {"min_amount": "5000"}),
        (DEPOSIT, {"fee_value": "9999999999999.99"}),
        (DEPOSIT, {"fee_value": "99.99999999", "fee_type": "percent"}),
        (WITHDRAWAL, {"fee_value": "49.99"}),
        (WITHDRAWAL, {"fee_value": "0.5", "fee_type": "percent", "min_amount": "0.02"}),
        (WITHDRAWAL, {"countries": ["SG"]}),
        (DEPOSIT, {"account_info": {"en": "x" * 4000}}),
    ],
    ids=str,
)
def test_the_last_that_makes_sense_is_taken(console: Console, given: Json, changed: Json) -> None:
    assert published(console, given, **changed).isdigit()


@pytest.mark.parametrize(
    "address",
    [
        "http://payments.example",
        "http://localhost.payments.example",
        "http://127.0.0.1.payments.example",
        "http://localhost@payments.example",
        "https://user:canary@payments.example",
        "https://payments.example/?key=canary",
        "https://payments.example/#canary",
        "ftp://payments.example",
        "payments.example",
        "https://",
    ],
)
def test_a_key_goes_only_to_addresses_that_nobody_listens_in_on(
    console: Console, address: str
) -> None:
    refused = why_not(console, CARD, gateway_address=address)
    assert "gateway_address" in refused and "canary" not in refused


@pytest.mark.parametrize(
    "address",
    [
        *("", GATEWAY, f"{GATEWAY}:8443/stripe"),
        *("http://127.0.0.1:8100", "http://localhost", "http://localhost/stand-in"),
    ],
)
def test_a_gateway_is_somewhere_safe_or_on_this_machine(console: Console, address: str) -> None:
    number = published(console, CARD, gateway_address=address)
    assert row(console.broker, int(number)).gateway_address == address


def test_secrets_are_read_from_standard_input_sealed_and_shown_nowhere(console: Console) -> None:
    number = published(console, CARD, gateway_address=GATEWAY)
    before = row(console.broker, int(number))
    given = f"{KEY}\n{WEBHOOK_SECRET}\n"
    assert console.operator("channel", "secrets", number, form=given) == ""
    shown = console.operator("channel", "list") + log(console)
    after = row(console.broker, int(number))
    assert after.gateway_key and after.webhook_secret and after.updated_at > before.updated_at
    services = console.broker.server.services
    for secret in (KEY, WEBHOOK_SECRET):
        assert secret not in shown and secret.encode() not in kept(services.database)
    assert f"secrets of channel {number}" in shown
    newest = select(AuditEntry).order_by(col(AuditEntry.id).desc())
    entry = services.database.read(
        console.broker.boundary, lambda session: session.exec(newest).first()
    )
    assert entry and (entry.before, entry.after) == (None, None)


def test_secrets_are_good_for_their_own_channel_alone(console: Console) -> None:
    first, second = (published(console, CARD, gateway_address=GATEWAY) for _ in range(2))
    console.operator("channel", "secrets", first, form=f"{KEY}\n{WEBHOOK_SECRET}\n")
    channel, box = row(console.broker, int(first)), SecretBox(SECRET.encode())
    purpose = "secrets of a payment channel"
    assert box.opened(f"{purpose} {first}", channel.gateway_key) == KEY.encode()
    assert box.opened(f"{purpose} {first}", channel.webhook_secret) == WEBHOOK_SECRET.encode()
    with pytest.raises(InvalidTag):
        box.opened(f"{purpose} {second}", channel.gateway_key)


@pytest.mark.parametrize(
    "given", ["", KEY, f"{KEY}\n\n", f"\n{WEBHOOK_SECRET}", f"{KEY} x\nwhsec", f"{KEY}\nschlüssel"]
)
def test_secrets_come_both_and_as_a_header_takes_them(console: Console, given: str) -> None:
    number = published(console, CARD, gateway_address=GATEWAY)
    refused = console.refused("channel", "secrets", number, form=given)
    assert "printable characters" in refused and KEY not in refused
    channel = row(console.broker, int(number))
    assert (channel.gateway_key, channel.webhook_secret) == (b"", b"")


def test_only_a_gateway_has_secrets(console: Console) -> None:
    given = f"{KEY}\n{WEBHOOK_SECRET}\n"
    assert "no channel 999999" in console.refused("channel", "secrets", "999999", form=given)
    for form_of in (DEPOSIT, CARD):
        number = published(console, form_of)
        refused = console.refused("channel", "secrets", number, form=given)
        assert "the channel has no gateway" in refused
    foreign = publish(console.broker.server.broker(), CARD, gateway_address=GATEWAY)
    refused = console.refused("channel", "secrets", str(foreign), form=given)
    assert f"no channel {foreign}" in refused


def test_a_client_is_approved_with_the_country_where_he_lives(console: Console) -> None:
    user, services = console.broker.user(), console.broker.server.services

    def profile() -> tuple[ApplyStatus, str]:
        found = services.database.write(
            console.broker.boundary, lambda session: ClientProfile.of_user_id(session, user.id)
        )
        return found.apply_status, found.country

    refused = console.refused("client", "approve", user.email, "--country", "ZZ")
    assert "there is no country ZZ" in refused
    assert profile() == (ApplyStatus.FILLING, "")
    console.operator("client", "approve", user.email, "--country", "SG")
    assert profile() == (ApplyStatus.APPROVED, "SG")
    console.operator("client", "country", user.email, "HK")
    assert profile() == (ApplyStatus.APPROVED, "HK")
    assert "no country sg" in console.refused("client", "country", user.email, "sg")
    console.operator("client", "country", user.email, "")
    assert profile() == (ApplyStatus.APPROVED, "")
    assert "no such client" in console.refused("client", "country", "nobody@example.com", "SG")
    assert len(re.findall(rf"user_changed +user {user.id}\b", log(console))) == 2


def test_the_cashier_works_as_it_is_set(console: Console) -> None:
    usual = yaml.safe_load(console.operator("setting", "show", "cashier"))
    assert usual == {
        "cashier": {
            "approves_payments_at_once": True,
            "approves_transfers_up_to": 0,
            "debits_on_approval": False,
            "second_person_above": None,
            "withdraws_daily_up_to": None,
            "holds_withdrawals_hours": 24,
            "allows_third_parties": False,
            "draft_hours": 72,
        }
    }
    changed = ("second_person_above=10000", "allows_third_parties=true", "draft_hours=48")
    console.operator("setting", "set", "cashier", *changed)
    services = console.broker.server.services
    setting = services.database.read(console.broker.boundary, CashierSetting.of_tenant)
    assert (setting.second_person_above, setting.draft_hours) == (10_000, 48)
    assert setting.allows_third_parties
    console.operator("setting", "set", "cashier", "second_person_above=")
    setting = services.database.read(console.broker.boundary, CashierSetting.of_tenant)
    assert setting.second_person_above is None


@pytest.mark.parametrize(
    "value",
    [
        *("approves_transfers_up_to=-1", "second_person_above=-1", "second_person_above=many"),
        *("holds_withdrawals_hours=721", "draft_hours=0", "draft_hours=721"),
        *("approves_transfers_up_to=", "withdraws_daily_up_to=-1"),
    ],
)
def test_a_cashier_is_not_set_to_nonsense(console: Console, value: str) -> None:
    assert value.partition("=")[0] in console.refused("setting", "set", "cashier", value)
