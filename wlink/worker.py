"""Delivers the outbox. Any number of workers may run, here or on other machines."""

import random
from datetime import timedelta
from threading import Event

import structlog

from contract.problems import Problem
from models.boundaries import Boundary, BoundSession
from models.outbox_entry import EntryState, OutboxEntry
from models.sweeping import sweep
from wlink.effects import INSIDE, LONGEST_PAUSES, OUTSIDE
from wlink.services import Services

_IDLE_SECONDS = 0.3
_SWEEP_EVERY = timedelta(minutes=10)
_LONGEST_PAUSE_SECONDS = 15 * 60
_log = structlog.get_logger("wlink.worker")


class UnknownKindError(Exception):
    """An entry that no version before this one, or only a later one, knows what to do with."""


class Worker:
    """Claims entries that are due and does them, one after the other."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lease = timedelta(seconds=services.settings.lease_seconds)
        self._swept_at = services.clock()

    def run(self, stopped: Event) -> None:
        """Works until it is stopped; what has begun is done first."""
        while not stopped.is_set():
            if not self._stepped():
                stopped.wait(_IDLE_SECONDS)

    def _stepped(self) -> bool:
        """A worker outlives whatever happens to it: nobody would notice that mails stay away."""
        try:
            self._sweep()
            refreshed = self._services.refreshing.step()
            return self.step() or refreshed
        except Problem:  # the database is away, and has said so in the log
            return False
        except Exception:
            _log.exception("the worker failed")
            return False

    def _sweep(self) -> None:
        """Now and then; that others do it, too, does no harm."""
        now = self._services.clock()
        if abs(now - self._swept_at) >= _SWEEP_EVERY:
            self._swept_at = now
            self._services.database.write(None, lambda session: sweep(session, now))

    def step(self) -> bool:
        """Does what is due first; false if nothing is."""
        now = self._services.clock()
        database = self._services.database
        if not database.read(None, lambda session: OutboxEntry.is_any_due(session, now)):
            return False
        claimed = database.write(None, lambda session: OutboxEntry.claim(session, now, self._lease))
        if claimed:
            self._do(claimed)
        return claimed is not None

    def _do(self, entry: OutboxEntry) -> None:
        if self._services.clock() >= entry.expires_at:
            self._end(entry, EntryState.DEAD if entry.fault else EntryState.EXPIRED)
            return
        try:
            self._reach_out(entry)
            self._end(entry, EntryState.DONE)
        except Exception as error:  # whatever it is, the entry must not be lost
            self._put_off(entry, type(error).__name__)

    def _reach_out(self, entry: OutboxEntry) -> None:
        """The part of an effect that is not in our own database, if it has one."""
        if entry.kind in OUTSIDE:
            OUTSIDE[entry.kind](self._services, entry, self._services.outbox.content(entry))
        elif entry.kind not in INSIDE:
            raise UnknownKindError(entry.kind)

    def _end(self, entry: OutboxEntry, state: EntryState) -> None:
        """Marks it, unless the claim is lost; inside effects are done along with that."""
        services, now = self._services, self._services.clock()

        def end(session: BoundSession) -> bool:
            mine = OutboxEntry.mine(session, entry)
            if mine is None:
                return False
            if state is EntryState.DONE and entry.kind in INSIDE:
                INSIDE[entry.kind](services, session, services.outbox.content(entry), now)
            mine.end(state)
            return True

        ended = services.database.write(Boundary(entry.tenant_id), end)
        shown = state if ended else "claim lost"
        _log.info("outbox", kind=entry.kind, key=entry.key, state=shown, tries=entry.tries)

    def _put_off(self, entry: OutboxEntry, fault: str) -> None:
        """Tries again later, each time after a longer pause."""
        longest = min(2.0**entry.tries, LONGEST_PAUSES.get(entry.kind, _LONGEST_PAUSE_SECONDS))
        due_at = self._services.clock() + timedelta(seconds=random.uniform(0, longest))

        def put_off(session: BoundSession) -> None:
            mine = OutboxEntry.mine(session, entry)
            if mine:
                mine.put_off(due_at, fault)

        self._services.database.write(Boundary(entry.tenant_id), put_off)
        _log.warning("outbox", kind=entry.kind, key=entry.key, fault=fault, tries=entry.tries)
