"""Notices of payment gateways: kept once, whoever sends them how often, and only if genuine."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select
from starlette.types import Receive, Scope, Send

from cashier import payment_events, payments
from cashier.turns import Turn
from contract.problems import Problem
from gateways.outbox import Outbox
from models.boundaries import Boundary, BoundSession
from models.channel import Channel, ChannelMethod
from models.outbox_entry import EntryState
from models.payment_event import EventState, Outcome, PaymentEvent
from simulator.payment_signatures import signed
from tests.payment_intake import SECRET, Intake
from tests.server import Broker, Server, problem
from wlink import payment_notices
from wlink.payment_notices import PaymentNotices

Json = Any

LIMIT = 64 * 1024


@pytest.fixture
def intake(broker: Broker) -> Intake:
    return Intake(broker)


def test_a_notice_is_kept_as_it_came_and_the_worker_sees_to_it(intake: Intake) -> None:
    body, server = intake.body(), intake.broker.server
    answer = intake.send(body)
    assert (answer.status_code, answer.json()) == (200, {})
    (kept,) = intake.events()
    assert kept.tenant_id == intake.broker.tenant_id
    assert (kept.event_id, kept.order_number, kept.reference) == ("evt_1", "D100001", "cs_live_1")
    assert (kept.outcome, kept.state) == (Outcome.PAID, EventState.RECEIVED)
    assert (kept.amount_minor, kept.currency) == (10_250, "USD")
    assert kept.received_at == server.clock()
    assert payments.told(server.services.box, kept) == body
    (entry,) = intake.waiting()
    assert server.services.outbox.content(entry) == {"event": str(kept.id)}
    assert entry.expires_at - entry.created_at >= timedelta(days=365)
    server.deliver()
    assert intake.events()[0].state is EventState.UNMATCHED
    assert intake.waiting()[0].state is EntryState.DONE


def test_an_event_is_applied_once(intake: Intake) -> None:
    intake.send(intake.body(type="checkout.session.expired", payment_status="unpaid"))
    (kept,) = intake.events()
    now = intake.broker.server.clock()
    orders = intake.broker.server.services.orders
    for _ in range(2):
        intake.write(lambda session: payment_events.apply(Turn(session, orders, now), kept.id))
        assert intake.events()[0].state is EventState.IGNORED


def test_a_hundred_times_the_same_event_at_once_is_one(intake: Intake) -> None:
    start, body = Barrier(100), intake.body()

    def send(_: int) -> int:
        start.wait()
        answer = intake.send(body)
        return answer.status_code

    with ThreadPoolExecutor(100) as threads:
        assert set(threads.map(send, range(100))) == {200}
    assert len(intake.events()) == len(intake.waiting()) == 1


def test_two_events_of_the_same_payment_are_one(intake: Intake) -> None:
    body = intake.body()
    for sent in (body, body.replace(b"evt_1", b"evt_2")):
        assert intake.send(sent).status_code == 200
    assert [kept.event_id for kept in intake.events()] == ["evt_1"]
    assert len(intake.waiting()) == 1


def test_another_payment_and_another_outcome_are_kept_too(intake: Intake) -> None:
    bodies = [
        intake.body(),
        intake.body(id="cs_live_2").replace(b"evt_1", b"evt_2"),
        intake.body(type="checkout.session.expired").replace(b"evt_1", b"evt_3"),
    ]
    assert [intake.send(body).status_code for body in bodies] == [200] * 3
    assert [(kept.reference, kept.outcome) for kept in intake.events()] == [
        ("cs_live_1", Outcome.PAID),
        ("cs_live_2", Outcome.PAID),
        ("cs_live_1", Outcome.EXPIRED),
    ]


def test_the_same_event_id_at_two_channels_is_two_events(intake: Intake) -> None:
    other = Intake(intake.broker)
    for each in (intake, other):
        assert each.send(each.body()).status_code == 200
        assert len(each.events()) == 1


def refused(intake: Intake, answer: Response) -> tuple[int, str]:
    """Status and code; nothing was kept."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert intake.events() == []
    assert intake.waiting() == []
    return problem(answer)


FORGED = (401, "API_SIGNATURE_INVALID")


def test_a_forged_notice_is_refused(intake: Intake) -> None:
    body = intake.body()
    answers = [
        intake.post(body, {}),
        intake.post(body, {"Stripe-Signature": "t=1,v1=" + "0" * 64}),
        intake.send(body, secret="whsec_another"),
        intake.send(body, seconds=-301),
        intake.send(body, seconds=301),
    ]
    assert [refused(intake, answer) for answer in answers] == [FORGED] * 5


def test_one_byte_that_was_changed_is_enough(intake: Intake) -> None:
    body = intake.body()
    header = {"Stripe-Signature": signed(body, SECRET, intake.broker.server.clock())}
    answer = intake.post(body.replace(b"10250", b"90250"), header)
    assert refused(intake, answer) == FORGED
    assert intake.post(body, header).status_code == 200


def test_the_secret_of_another_channel_is_none(intake: Intake) -> None:
    other = Intake(intake.broker, secret="whsec_of_the_other")
    assert refused(intake, intake.send(intake.body(), secret=other.secret)) == FORGED


def test_a_channel_without_a_secret_believes_nobody(broker: Broker) -> None:
    intake = Intake(broker, secret="")
    assert refused(intake, intake.send(intake.body(), secret="")) == FORGED


def test_a_channel_at_a_gateway_does_not_believe_the_stand_in(intake: Intake) -> None:
    secret = intake.broker.server.services.payments.stand_in_secret(intake.channel.id)
    assert refused(intake, intake.send(intake.body(), secret=secret)) == FORGED


def test_only_channels_at_a_gateway_are_told(broker: Broker) -> None:
    intake = Intake(broker)
    assert refused(intake, intake.post(b"{}", {}, number=10**15)) == (404, "NOT_FOUND")
    offline = Intake(broker, method=ChannelMethod.OFFLINE, address="")
    secret = broker.server.services.payments.stand_in_secret(offline.channel.id)
    answer = offline.send(offline.body(), secret=secret)
    assert refused(offline, answer) == (404, "NOT_FOUND")
    for path in ("/webhooks/payments/", "/webhooks/payments/x", "/webhooks/payments/1/2"):
        assert broker.server.http.post(path).status_code == 404


def test_a_channel_that_is_no_longer_offered_still_hears_who_has_paid(intake: Intake) -> None:
    def disable(session: BoundSession) -> None:
        session.get_one(Channel, intake.channel.id).is_enabled = False

    intake.write(disable)
    assert intake.send(intake.body()).status_code == 200
    assert len(intake.events()) == 1


def test_the_tenant_is_the_channel_s_whatever_host_was_called(
    intake: Intake, broker: Broker
) -> None:
    other = broker.server.broker()
    body = intake.body()
    headers = {"Stripe-Signature": signed(body, SECRET, broker.server.clock())}
    headers["Host"] = f"client.t{other.number}.example"
    assert intake.post(body, headers).status_code == 200
    (kept,) = intake.events()
    assert kept.tenant_id == broker.tenant_id
    read = broker.server.services.database.read
    foreign = read(Boundary(other.tenant_id), lambda s: s.exec(select(PaymentEvent)).all())
    assert foreign == []


def test_a_notice_has_at_most_64_kibibytes(intake: Intake) -> None:
    body = intake.body()
    assert refused(intake, intake.send(body.ljust(LIMIT + 1))) == (413, "PAYLOAD_TOO_LARGE")
    parts = (b" " * 1000 for _ in range(10_000))
    assert refused(intake, intake.post(parts, {})) == (413, "PAYLOAD_TOO_LARGE")
    assert intake.send(body.ljust(LIMIT)).status_code == 200
    assert len(intake.events()) == 1


def test_notices_are_posted(intake: Intake) -> None:
    path = f"/webhooks/payments/{intake.channel.id}"
    answer = intake.broker.server.http.get(path)
    assert refused(intake, answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


def test_what_does_not_concern_the_channel_is_answered_and_not_kept(intake: Intake) -> None:
    for body in (
        intake.body(type="payment_intent.succeeded"),
        intake.body(payment_status="unpaid"),
        intake.body(metadata={"order_number": "D100001", "channel": "0"}),
        intake.body(metadata={}),
    ):
        assert intake.send(body).status_code == 200
    assert (intake.events(), intake.waiting()) == ([], [])


def test_a_genuine_notice_that_cannot_be_read_is_not_taken_as_if_it_had_been(
    intake: Intake,
) -> None:
    for body in (b"{", intake.body(amount_total="10250")):
        assert refused(intake, intake.send(body)) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("code", "number", "minor"),
    [("usd", 10_250, 10_250), ("jpy", 500, 500), ("isk", 500, 5), ("isk", 550, None)],
)
def test_an_amount_is_kept_in_our_minor_units(
    intake: Intake, code: str, number: int, minor: int | None
) -> None:
    assert intake.send(intake.body(currency=code, amount_total=number)).status_code == 200
    (kept,) = intake.events()
    assert (kept.amount_minor, kept.currency) == (minor, code.upper())


def test_money_in_a_currency_that_nobody_knows_is_kept_too(intake: Intake) -> None:
    assert intake.send(intake.body(currency="xqx")).status_code == 200
    (kept,) = intake.events()
    assert (kept.amount_minor, kept.currency) == (None, "XQX")


def test_an_event_without_its_entry_in_the_outbox_is_not_kept(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("on purpose")

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "add", fail)
        assert refused(intake, intake.send(intake.body())) == (500, "INTERNAL_ERROR")
    assert intake.send(intake.body()).status_code == 200
    assert len(intake.events()) == len(intake.waiting()) == 1


def test_neither_who_has_paid_nor_a_secret_is_kept_or_logged_in_clear(
    intake: Intake, logs: StringIO
) -> None:
    details = {"customer_details": {"name": "canary-payer", "email": "canary@example.com"}}
    answers = [intake.send(intake.body(**details))]
    answers.append(intake.send(intake.body(**details), secret="whsec_canary_wrong"))
    (kept,) = intake.events()
    stored = json.dumps(kept.model_dump(), default=repr)
    whole = stored + logs.getvalue() + "".join(answer.text for answer in answers)
    assert "canary" not in whole
    assert b"canary-payer" in payments.told(intake.broker.server.services.box, kept)
    assert f'"channel":{intake.channel.id}' in logs.getvalue()


async def with_nobody(_: Scope, __: Receive, ___: Send) -> None:
    """An application that is not asked."""


def test_who_would_wait_too_long_is_to_come_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_notices, "_AT_ONCE", 0)
    monkeypatch.setattr(payment_notices, "_TURN_SECONDS", 0.01)
    notices = PaymentNotices(with_nobody, server.services)
    with pytest.raises(Problem, match="OVERLOADED"):
        asyncio.run(notices.take(1, {}, b"{}"))
