"""The pages of the payment stand-in that is built in."""

from datetime import datetime

import structlog
from starlette.types import ASGIApp

from contract.problems import Problem
from simulator.payment_page import PaymentPage
from simulator.payment_signatures import signed
from simulator.stand_in import Event
from wlink.payment_notices import PaymentNotices
from wlink.services import Services

_log = structlog.get_logger("wlink.payments")


def with_stand_in(app: ASGIApp, notices: PaymentNotices, parts: Services) -> ASGIApp:
    """An application with the pages in front of it. What is paid there is told to `notices` as a
    gateway would tell it: a channel that has another gateway by now does not believe it.
    """

    async def tell(event: Event, now: datetime) -> bool:
        if not event.account.isdecimal():  # begun at `wlink simulator`, which keeps them here, too
            return False
        channel_id = int(event.account)
        secret = parts.payments.stand_in_secret(channel_id)
        headers = {"stripe-signature": signed(event.body, secret, now)}
        try:
            await notices.take(channel_id, headers, event.body)
        except Problem as problem:
            _log.warning("a notice was not taken", channel=channel_id, fault=problem.code)
            return False
        return True

    return PaymentPage(app, lambda: parts.payments.gateways.stand_in, tell, parts.clock)
