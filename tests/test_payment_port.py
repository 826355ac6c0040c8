"""Payment gateways as we use them: the stand-in embedded and behind HTTP, and Stripe's own ways."""

import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.payment_gateways import PaymentGateways
from gateways.payments import (
    ForgedNoticeError,
    Payment,
    PaymentError,
    PaymentPort,
    PaymentRefusedError,
    PaymentState,
    PaymentUnavailableError,
    PaymentWanted,
    Standing,
    UnreadableNoticeError,
)
from gateways.stripe import Stripe
from gateways.stripe_amounts import amount_of, counted
from gateways.trading import TradingUnavailableError
from models.money import Denomination, Money
from simulator.faults import Fault
from simulator.payment_signatures import signed
from tests.payment_gateways import (
    CHANNEL,
    KEY,
    RETURN_URL,
    SECRET,
    USD,
    Shop,
    Till,
    event,
    now,
    opened,
    served,
    stripe_that,
    till,
)
from tests.processes import free_port, until
from tests.server import Clock
from tests.trading_servers import TOKEN, simulator_process

__all__ = ["till"]

Json = Any

PAID_USD = Standing(PaymentState.PAID, Decimal("102.50"), "USD")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def refused(call: Callable[[], object]) -> str:
    """The reason."""
    with pytest.raises(PaymentRefusedError) as told:
        call()
    return told.value.reason


def test_an_order_gets_a_page_on_which_it_can_be_paid(till: Till) -> None:
    payment = till.created()
    address = till.address or "http://127.0.0.1:8000"
    assert payment.pay_url == f"{address}/stand-in/payments/{payment.reference}"
    assert (payment.pay_type, payment.pay_data) == ("redirect", "")
    assert payment.expires_at == till.clock() + timedelta(hours=1)
    assert till.port.query(payment.reference) == Standing(
        PaymentState.OPEN, Decimal("102.50"), "USD"
    )


def test_who_asks_again_gets_the_same_page_even_once_it_is_paid(till: Till) -> None:
    wanted = till.wanted()
    payment = till.port.create(wanted)
    till.clock.forward(minutes=50)
    assert till.port.create(wanted) == payment
    till.paid(payment.reference)
    assert till.port.create(wanted) == payment
    assert till.sessions() == 1


def test_who_asks_again_for_something_else_is_refused(till: Till) -> None:
    wanted = till.wanted()
    till.port.create(wanted)
    other = till.wanted(order_number=wanted.order_number, amount=Money(1, USD))
    assert refused(lambda: till.port.create(other)) == "idempotency_key_reused"
    assert till.sessions() == 1


def test_what_is_paid_is_told_as_it_was_paid(till: Till) -> None:
    wanted = till.wanted()
    payment = till.port.create(wanted)
    paid = till.paid(payment.reference)
    notice = till.port.notice(till.headers(paid), paid.body, till.clock())
    assert notice is not None
    assert notice.event_id == json.loads(paid.body)["id"]
    assert (notice.order_number, notice.reference) == (wanted.order_number, payment.reference)
    assert (notice.state, notice.at) == (PaymentState.PAID, till.clock())
    assert (notice.amount, notice.currency) == (Decimal("102.50"), "USD")
    assert till.port.query(payment.reference) == PAID_USD


def test_another_amount_is_told_as_it_was_paid(till: Till) -> None:
    payment = till.created()
    paid = till.paid(payment.reference, 10_251)
    notice = till.port.notice(till.headers(paid), paid.body, till.clock())
    assert notice is not None
    assert notice.amount == till.port.query(payment.reference).amount == Decimal("102.51")


def test_nothing_is_paid_twice(till: Till) -> None:
    payment = till.created()
    till.paid(payment.reference)
    assert till.stand_in.pay(payment.reference, till.clock()) is None


def test_a_payment_ends_by_itself_and_may_be_told_of_late(till: Till) -> None:
    payment = till.created()
    till.clock.forward(minutes=59)
    assert till.port.query(payment.reference).state is PaymentState.OPEN
    till.clock.forward(minutes=1)
    assert till.port.query(payment.reference).state is PaymentState.EXPIRED
    assert till.stand_in.pay(payment.reference, till.clock()) is None
    ended = till.stand_in.expired(payment.reference, till.clock())
    till.clock.forward(hours=3)
    notice = till.port.notice(till.headers(ended), ended.body, till.clock())
    assert notice is not None
    assert (notice.state, notice.at) == (PaymentState.EXPIRED, till.clock() - timedelta(hours=3))


def test_what_is_cancelled_cannot_be_paid_and_may_be_cancelled_again(till: Till) -> None:
    payment = till.created()
    for _ in range(2):
        till.port.cancel(payment.reference)
    assert till.port.query(payment.reference).state is PaymentState.EXPIRED
    assert till.stand_in.pay(payment.reference, till.clock()) is None


def test_what_is_paid_cannot_be_cancelled(till: Till) -> None:
    payment = till.created()
    till.paid(payment.reference)
    refused(lambda: till.port.cancel(payment.reference))
    assert till.port.query(payment.reference) == PAID_USD


def test_a_payment_that_is_not_there_is_refused(till: Till) -> None:
    assert refused(lambda: till.port.query("cs_none")) == "resource_missing"
    assert refused(lambda: till.port.cancel("cs_none")) == "resource_missing"
    for reference in ("", "cs/1", "cs_1?x", "../x", "cs_ü", "c" * 256):
        for act in (till.port.query, till.port.cancel):
            with pytest.raises(ValueError, match="reference"):
                act(reference)


def test_an_order_needs_a_number_that_a_header_can_hold(till: Till) -> None:
    for number in ("", "D\r\nX: y", "D1 ", "Ü1", "D" * 21):
        with pytest.raises(ValueError, match="number"):
            till.created(order_number=number)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"title": ""}, "parameter_invalid_empty"),
        ({"return_url": "javascript:alert(1)"}, "url_invalid"),
        ({"amount": Money(100_000_000, USD)}, "amount_too_large"),
        ({"amount": Money(0, USD)}, "amount_not_countable"),
        ({"amount": Money(-5, USD)}, "amount_not_countable"),
        ({"amount": Money(5_000_000, Denomination("USDT", 6))}, "currency_not_supported"),
    ],
)
def test_what_cannot_be_paid_is_refused(till: Till, changed: Json, reason: str) -> None:
    assert refused(lambda: till.created(**changed)) == reason
    assert till.sessions() == 0


def test_a_page_lives_from_half_an_hour_to_a_day(till: Till) -> None:
    for life in (timedelta(minutes=30), timedelta(hours=24)):
        till.created(expires_at=till.clock() + life)
    second = timedelta(seconds=1)
    for life in (timedelta(minutes=30) - second, timedelta(hours=24) + second):
        expires_at = till.clock() + life
        assert refused(partial(till.created, expires_at=expires_at)) == "expires_at_invalid"


# Faults.

BEFORE = {Fault.ERROR, Fault.HANG}
UNCLEAR = (Fault.ERROR, Fault.HANG, Fault.HANG_APPLIED, Fault.LOSE)


@contextmanager
def suffering(till: Till, fault: Fault) -> Iterator[PaymentPort]:
    """A fault happens to the next request. Who waits for what hangs gives up soon."""
    till.stand_in.coming.append(fault)
    if not till.address or fault not in (Fault.HANG, Fault.HANG_APPLIED):
        yield till.port
        return
    gateways = PaymentGateways(till.folder, till.clock, "", 30, 0.3)
    yield gateways.port(till.address, KEY, SECRET, CHANNEL)
    gateways.close()


@pytest.mark.parametrize("fault", UNCLEAR)
def test_whatever_happens_an_order_has_one_page_in_the_end(till: Till, fault: Fault) -> None:
    wanted = till.wanted()
    with suffering(till, fault) as port, pytest.raises(PaymentUnavailableError):
        port.create(wanted)
    until(lambda: not till.stand_in.coming, "a fault")
    until(lambda: till.sessions() == (0 if fault in BEFORE else 1), "what it leaves")
    payment = till.port.create(wanted)
    assert till.port.create(wanted) == payment
    assert till.sessions() == 1


@pytest.mark.parametrize("fault", UNCLEAR)
def test_whatever_happens_what_is_cancelled_again_is_cancelled(till: Till, fault: Fault) -> None:
    reference = till.created().reference
    with suffering(till, fault) as port, pytest.raises(PaymentUnavailableError):
        port.cancel(reference)
    until(lambda: not till.stand_in.coming, "a fault")
    till.port.cancel(reference)
    assert till.port.query(reference).state is PaymentState.EXPIRED


@pytest.mark.parametrize("fault", UNCLEAR)
def test_a_question_that_is_not_answered_may_be_asked_again(till: Till, fault: Fault) -> None:
    reference = till.created().reference
    with suffering(till, fault) as port, pytest.raises(PaymentUnavailableError):
        port.query(reference)
    until(lambda: not till.stand_in.coming, "a fault")
    assert till.port.query(reference).state is PaymentState.OPEN


def test_a_refusal_is_told_by_its_reason_and_changes_nothing(till: Till) -> None:
    payment = till.created()
    for act in (till.created, lambda: till.port.query(payment.reference)):
        till.stand_in.coming.append(Fault.REFUSE)
        assert refused(act) == "refused_on_purpose"
    assert till.sessions() == 1


def test_a_gateway_that_is_not_there_is_unavailable_and_left_alone_soon(tmp_path: Path) -> None:
    clock = Clock(now())
    gateways = PaymentGateways(tmp_path, clock, "")
    port = gateways.port(f"http://127.0.0.1:{free_port()}", KEY, SECRET, CHANNEL)
    for _ in range(5):
        with pytest.raises(PaymentUnavailableError, match="ConnectError"):
            port.query("cs_1")
    with pytest.raises(PaymentUnavailableError, match="too often"):
        port.query("cs_1")
    clock.forward(seconds=31)
    with pytest.raises(PaymentUnavailableError, match="ConnectError"):
        port.query("cs_1")
    gateways.close()


def test_a_stand_in_that_has_no_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    gateways = PaymentGateways(tmp_path / "file", Clock(now()), "")
    with pytest.raises(PaymentUnavailableError):
        gateways.port("", KEY, SECRET, CHANNEL).query("cs_1")
    gateways.close()


def test_what_is_no_address_of_a_gateway_is_refused(tmp_path: Path) -> None:
    gateways = PaymentGateways(tmp_path, Clock(now()), "")
    for address in ("ftp://x", "api.stripe.com", "https://", "https://u:p@x", "https://x?y"):
        with pytest.raises(ValueError, match="no such address") as told:
            gateways.port(address, KEY, SECRET, CHANNEL)
        assert KEY not in str(told.value)


def test_a_channel_has_one_port_and_no_other_channel_has_it(tmp_path: Path) -> None:
    gateways = PaymentGateways(tmp_path, Clock(now()), "http://x")
    port = gateways.port("", KEY, SECRET, "1")
    assert gateways.port("", KEY, SECRET, "1") is port
    other = gateways.port("", KEY, SECRET, "2")
    with opened("embedded", tmp_path) as till:
        wanted = till.wanted(expires_at=gateways.clock() + timedelta(hours=1))
    payment = port.create(wanted)
    assert refused(lambda: other.query(payment.reference)) == "resource_missing"
    assert other.create(wanted).reference != payment.reference
    gateways.close()


# What is sent to Stripe, and what it answers.

SESSION: Json = {
    "id": "cs_live_1",
    "object": "checkout.session",
    "amount_total": 10_250,
    "currency": "usd",
    "expires_at": 1_768_482_000,
    "metadata": {"order_number": "D100001", "channel": CHANNEL},
    "payment_status": "unpaid",
    "status": "open",
    "url": "https://checkout.stripe.com/c/pay/cs_live_1#fid",
}


def told(body: Json, status: int = 200) -> httpx2.Response:
    """Not read yet, as one that comes from far."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.Response(status, stream=httpx2.ByteStream(content))


def answering(status: int, body: Json) -> Callable[[httpx2.Request], httpx2.Response]:
    return lambda _: told(body, status)


def create(stripe: Stripe, **changed: Json) -> Payment:
    with_defaults: Json = {
        "order_number": "D100001",
        "amount": Money(10_250, USD),
        "title": "Deposit & more",
        "expires_at": datetime.fromtimestamp(1_768_482_000, UTC),
        "return_url": RETURN_URL,
    }
    return stripe.create(PaymentWanted(**with_defaults | changed))


def test_a_session_is_asked_for_as_stripe_documents_it() -> None:
    heard: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        heard.append(request)
        return told(SESSION)

    with stripe_that(answer) as stripe:
        payment = create(stripe)
    (request,) = heard
    assert (request.method, request.url.path) == ("POST", "/v1/checkout/sessions")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["Idempotency-Key"] == "17-D100001"
    assert request.headers["Stripe-Version"] == "2025-03-31.basil"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert dict(httpx2.QueryParams(request.content.decode())) == {
        "mode": "payment",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "10250",
        "line_items[0][price_data][product_data][name]": "Deposit & more",
        "client_reference_id": "D100001",
        "metadata[order_number]": "D100001",
        "metadata[channel]": "17",
        "success_url": RETURN_URL,
        "cancel_url": RETURN_URL,
        "expires_at": "1768482000",
    }
    assert payment == Payment(
        "cs_live_1",
        "redirect",
        "https://checkout.stripe.com/c/pay/cs_live_1#fid",
        "",
        datetime.fromtimestamp(1_768_482_000, UTC),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": "cs/1"},
        {"amount_total": 10_251},
        {"currency": "eur"},
        {"metadata": None},
        {"metadata": {"order_number": "D100002"}},
        {"url": None},
        {"url": "javascript:alert(1)"},
        {"url": "https://x/" + "y" * 2000},
        {"expires_at": None},
        {"expires_at": "1768482000"},
        {"expires_at": 10**18},
    ],
)
def test_a_page_that_is_not_what_was_asked_for_is_none(wrong: Json) -> None:
    with (
        stripe_that(answering(200, SESSION | wrong)) as stripe,
        pytest.raises(PaymentUnavailableError, match="does not fit"),
    ):
        create(stripe)


@pytest.mark.parametrize(
    "wrong",
    [{"id": "cs_live_2"}, {"status": "odd"}, {"amount_total": "1"}, {"currency": None}],
)
def test_a_standing_that_cannot_be_read_is_none(wrong: Json) -> None:
    with (
        stripe_that(answering(200, SESSION | wrong)) as stripe,
        pytest.raises(PaymentUnavailableError, match="does not fit"),
    ):
        stripe.query("cs_live_1")


@pytest.mark.parametrize(
    ("status", "payment_status", "state"),
    [
        ("open", "unpaid", PaymentState.OPEN),
        ("complete", "paid", PaymentState.PAID),
        ("complete", "unpaid", PaymentState.OPEN),  # a bank takes days for it
        ("expired", "unpaid", PaymentState.EXPIRED),
    ],
)
def test_a_session_stands_as_its_two_states_say(
    status: str, payment_status: str, state: PaymentState
) -> None:
    session = SESSION | {"status": status, "payment_status": payment_status}
    with stripe_that(answering(200, session)) as stripe:
        assert stripe.query("cs_live_1").state is state


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 503, 301, 201])
def test_what_may_be_mended_is_no_refusal(status: int) -> None:
    body = {"error": "odd"} if status == 404 else {"error": {"code": "lock_timeout"}}
    with (
        stripe_that(answering(status, body)) as stripe,
        pytest.raises(PaymentUnavailableError, match=str(status)),
    ):
        stripe.query("cs_live_1")


@pytest.mark.parametrize("status", [400, 402, 404])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"code": "amount_too_small", "type": "invalid_request_error"}, "amount_too_small"),
        ({"type": "idempotency_error", "message": KEY}, "idempotency_error"),
        ({"code": f"Invalid {KEY}", "type": 17}, ""),
    ],
)
def test_a_refusal_names_a_word_and_no_sentence(status: int, error: Json, reason: str) -> None:
    with stripe_that(answering(status, {"error": error})) as stripe:
        assert refused(lambda: create(stripe)) == reason


@pytest.mark.parametrize("body", [b"", b"<h1>", b"[]", b"[" * 100_000, b" " * 300_000])
def test_what_is_no_answer_is_none(body: bytes) -> None:
    with stripe_that(answering(200, body)) as stripe, pytest.raises(PaymentUnavailableError):
        stripe.query("cs_live_1")


def test_an_answer_that_is_too_long_is_not_read_to_its_end() -> None:
    padded = json.dumps(SESSION).encode().ljust(300_000)
    with (
        stripe_that(answering(200, padded)) as stripe,
        pytest.raises(PaymentUnavailableError, match="too long"),
    ):
        stripe.query("cs_live_1")


def test_no_redirect_is_followed() -> None:
    asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url)
        place = {"Location": "http://other/"}
        return httpx2.Response(302, headers=place, stream=httpx2.ByteStream(b"{}"))

    with stripe_that(answer) as stripe, pytest.raises(PaymentUnavailableError, match="302"):
        stripe.query("cs_live_1")
    assert len(asked) == 1


def test_neither_key_nor_secret_is_told(till: Till, logs: StringIO) -> None:
    told = [repr(till.port), repr(till.gateways)]
    for fault in (Fault.REFUSE, Fault.ERROR, Fault.LOSE):
        till.stand_in.coming.append(fault)
        with pytest.raises(PaymentError) as error:
            till.created()
        told += [str(error.value), repr(error.value)]
    with pytest.raises(ForgedNoticeError) as forged:
        till.port.notice({"stripe-signature": f"t=1,v1={SECRET}"}, event(), till.clock())
    told += [str(forged.value), logs.getvalue()]
    assert "canary" not in "\n".join(told)


def test_a_shop_that_is_registered_is_told_of_payments(tmp_path: Path) -> None:
    shop = Shop()
    with opened("http", tmp_path) as till, served(lambda _: shop) as address:
        bearer = {"Authorization": f"Bearer {KEY}"}
        hooks = f"{till.address}/v1/webhook_endpoints"
        secret = httpx2.post(hooks, data={"url": address}, headers=bearer).json()["secret"]
        page = till.created().pay_url
        assert "The shop was told." in httpx2.post(page, data={"button": "pay"}).text
        (signature, body) = shop.told[0]
        port = till.gateways.port(till.address, KEY, secret, CHANNEL)
        notice = port.notice({"stripe-signature": signature}, body, till.clock())
        assert notice is not None and notice.state is PaymentState.PAID
        shop.status = 500
        assert "did not take it" in httpx2.post(page, data={"button": "repeat"}).text
        assert shop.told[1][1] == body
        assert httpx2.post(hooks, data={"url": address}).status_code == 401


def test_the_simulator_of_the_command_line_is_a_payment_gateway_too(tmp_path: Path) -> None:
    with simulator_process(tmp_path, free_port()) as process, process.servers() as servers:
        gateways = PaymentGateways(tmp_path / "other", now, "", 30, 30)
        port = gateways.port(process.address, TOKEN, SECRET, CHANNEL)
        with opened("embedded", tmp_path / "unused") as till:
            payment = port.create(till.wanted())
        assert port.query(payment.reference).state is PaymentState.OPEN
        assert "102.50 USD" in httpx2.get(payment.pay_url).text
        with pytest.raises(PaymentUnavailableError, match="401"):
            gateways.port(process.address, "wrong", SECRET, CHANNEL).query("cs_1")
        with pytest.raises(TradingUnavailableError, match="unknown_server"):
            servers.port(process.address, TOKEN, "Beside").ping()
        gateways.close()
        assert process.command is not None
        assert TOKEN not in process.command.told()


# Amounts.


@pytest.mark.parametrize(
    ("code", "places", "minor", "number"),
    [
        ("USD", 2, 10_250, 10_250),
        ("JPY", 0, 500, 500),
        ("ISK", 0, 5, 500),
        ("UGX", 0, 5, 500),
        ("LAK", 0, 7, 700),  # no places of its own, and no exception of Stripe's
        ("MGA", 0, 7, 7),
        ("HUF", 2, 1_045, 1_045),
        ("KWD", 3, 5_120, 5_120),
    ],
)
def test_an_amount_is_counted_as_stripe_counts(
    code: str, places: int, minor: int, number: int
) -> None:
    amount = Money(minor, Denomination(code, places))
    assert counted(amount) == number
    assert amount_of(number, code) == Decimal(amount.text)


@pytest.mark.parametrize(("code", "places", "minor"), [("KWD", 3, 5_124), ("ISK", 2, 550)])
def test_an_amount_that_stripe_cannot_count_is_refused(code: str, places: int, minor: int) -> None:
    amount = Money(minor, Denomination(code, places))
    assert refused(lambda: counted(amount)) == "amount_not_countable"


@given(
    st.sampled_from(["USD", "JPY", "ISK", "KWD", "LAK", "MGA"]),
    st.integers(0, 4),
    st.integers(-(10**12), 10**12),
)
def test_nothing_is_lost_between_us_and_stripe(code: str, places: int, minor: int) -> None:
    amount = Money(minor, Denomination(code, places))
    try:
        number = counted(amount)
    except PaymentRefusedError:
        return
    assert amount_of(number, code) == Decimal(amount.text)


# Signatures.


def signature(body: bytes, at: datetime = NOON, secret: str = SECRET) -> str:
    """By Stripe's description, once more."""
    moment = int(at.timestamp())
    message = f"{moment}.".encode() + body
    return f"t={moment},v1={hmac.new(secret.encode(), message, sha256).hexdigest()}"


def noticed(header: str | None, body: bytes, at: datetime = NOON, secret: str = SECRET) -> Any:
    headers = {} if header is None else {"stripe-signature": header}
    with stripe_that(answering(500, {})) as stripe:
        return Stripe(stripe.line, secret, CHANNEL).notice(headers, body, at)


def test_what_stripe_signs_is_believed() -> None:
    notice = noticed(signature(event()), event())
    assert (notice.event_id, notice.order_number, notice.reference) == (
        "evt_1",
        "D100001",
        "cs_live_1",
    )
    assert (notice.amount, notice.currency) == (Decimal("102.50"), "USD")
    assert notice.at == datetime.fromtimestamp(1_768_467_600, UTC)
    assert signed(event(), SECRET, NOON) == signature(event())


def test_what_is_signed_is_every_byte() -> None:
    body = event()
    for place in range(len(body)):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(ForgedNoticeError):
            noticed(signature(body), changed)
    for longer in (body + b" ", b" " + body, body + b"\n"):
        with pytest.raises(ForgedNoticeError):
            noticed(signature(body), longer)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    assert noticed(signature(event(), NOON + timedelta(seconds=seconds)), event())


@pytest.mark.parametrize("seconds", [-301, 301, 86_400, -86_400])
def test_what_is_old_or_still_to_come_is_not_believed(seconds: int) -> None:
    with pytest.raises(ForgedNoticeError):
        noticed(signature(event(), NOON + timedelta(seconds=seconds)), event())


def test_the_moment_is_signed_too() -> None:
    old = signature(event(), NOON - timedelta(hours=1))
    fresh = f"t={int(NOON.timestamp())},{old.partition(',')[2]}"
    with pytest.raises(ForgedNoticeError):
        noticed(fresh, event())


def test_while_a_secret_is_exchanged_either_is_good() -> None:
    moment, _, new = signature(event(), secret="whsec_new").partition(",")
    _, _, old = signature(event()).partition(",")
    for secret in (SECRET, "whsec_new"):
        for both in (f"{moment},{new},{old}", f"{moment},{old},{new}", f"{moment}, {old}, {new}"):
            assert noticed(both, event(), secret=secret)
    with pytest.raises(ForgedNoticeError):
        noticed(f"{moment},{new},{new}", event())


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=,v1=",
        "v1=" + "0" * 64,
        signature(event()).partition(",")[0],
        signature(event()).replace("v1=", "v0="),
        signature(event()) + f",t={int(NOON.timestamp())}",
        signature(event()).replace("t=", "t=-"),
        signature(event()).replace("t=", "t= "),
        signature(event()).replace("t=", "t=٣"),
        signature(event()).upper(),
        signature(event())[:-1],
        signature(event(), secret=SECRET + "x"),
        "t=1,v1=ü" + "," * 5000,
    ],
)
def test_what_is_not_signed_is_not_believed(header: str | None) -> None:
    with pytest.raises(ForgedNoticeError):
        noticed(header, event())


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(ForgedNoticeError):
        noticed(signature(event(), secret=""), event(), secret="")


# What genuine events say.


def said(**changed: Json) -> Any:
    body = event(**changed)
    return noticed(signature(body), body)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, PaymentState.PAID),
        ({"type": "checkout.session.async_payment_succeeded"}, PaymentState.PAID),
        ({"type": "checkout.session.expired", "payment_status": "unpaid"}, PaymentState.EXPIRED),
    ],
)
def test_three_events_tell_of_payments(changed: Json, state: PaymentState) -> None:
    assert said(**changed).state is state


@pytest.mark.parametrize(
    "changed",
    [
        {"payment_status": "unpaid"},
        {"payment_status": "no_payment_required"},
        {"type": "checkout.session.async_payment_succeeded", "payment_status": "unpaid"},
        {"type": "checkout.session.async_payment_failed"},
        {"type": "payment_intent.succeeded"},
        {"metadata": {}},
        {"metadata": None},
        {"metadata": {"order_number": "D100001"}},
        {"metadata": {"order_number": "D100001", "channel": "18"}},
        {"metadata": {"channel": ""}},
    ],
)
def test_other_events_and_those_of_others_do_not_concern_us(changed: Json) -> None:
    assert said(**changed) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"amount_total": None},
        {"amount_total": 102.5},
        {"amount_total": True},
        {"amount_total": -1},
        {"amount_total": 10**16},
        {"currency": None},
        {"currency": "USDT"},
        {"id": None},
        {"id": "c" * 256},
        {"metadata": {"channel": CHANNEL}},
        {"metadata": {"channel": CHANNEL, "order_number": "D" * 21}},
        {"metadata": {"channel": CHANNEL, "order_number": 5}},
        {"metadata": [1]},
    ],
)
def test_an_event_of_ours_that_cannot_be_read_is_said_so(changed: Json) -> None:
    with pytest.raises(UnreadableNoticeError):
        said(**changed)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"5", b"\xff", b"[" * 100_000])
def test_genuine_nonsense_is_said_so(body: bytes) -> None:
    with pytest.raises(UnreadableNoticeError):
        noticed(signature(body), body)
