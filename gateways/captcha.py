"""Captchas: the port, and a default for a server that has no provider."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from contract.problems import Problem
from models.boundaries import Boundary
from models.database import Database
from models.upsert import inserted
from models.used_ticket import UsedTicket

GOOD = "pass-"
SILENT = "down-"


class CaptchaPort(Protocol):
    """Whoever says whether a captcha was solved. Both raise Problem CAPTCHA_UNAVAILABLE."""

    def verify_tencent(
        self, tenant_id: int, app_id: int, ticket: str, rand_str: str, address: str
    ) -> bool:
        """Whether the ticket is good; it is so once."""

    def verify_recaptcha(self, tenant_id: int, token: str, action: str, address: str) -> bool:
        """Whether the token is good for this action; it is so once."""


@dataclass(frozen=True)
class EmbeddedCaptcha:
    """For development: tickets that begin with `pass-` are good, once; with those that begin with
    `down-` it plays dead.
    """

    database: Database
    clock: Callable[[], datetime]

    def verify_tencent(
        self, tenant_id: int, app_id: int, ticket: str, rand_str: str, address: str
    ) -> bool:
        """See CaptchaPort."""
        return self._used(tenant_id, ticket)

    def verify_recaptcha(self, tenant_id: int, token: str, action: str, address: str) -> bool:
        """See CaptchaPort."""
        return self._used(tenant_id, token)

    def _used(self, tenant_id: int, ticket: str) -> bool:
        if ticket.startswith(SILENT):
            raise Problem("CAPTCHA_UNAVAILABLE")
        if not ticket.startswith(GOOD):
            return False
        key = {"ticket_hash": sha256(f"{tenant_id} {ticket}".encode()).hexdigest()}
        used_at = self.clock()
        return self.database.write(
            Boundary(tenant_id),
            lambda session: inserted(session, UsedTicket, key, used_at=used_at),
        )
