"""Servers, worker and trading servers are killed over and over while clients move money: whatever
was acknowledged is there, once, and the books are sound.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import chaos
from tests.chaos_books import Verdict
from tests.chaos_operators import ENDS
from tests.processes import Installation, installed
from tests.server import DATABASES

KILLS, WRITES = 10, 1000
# `make chaos` goes on as long as it is told.
SECONDS = float(os.environ.get("CHAOS_SECONDS", "0"))
SEED = int(os.environ.get("CHAOS_SEED", "20260115"))
_ANSWERED_WITHIN_SECONDS = 30
_ASKED_AGAIN = 50


@pytest.fixture(params=DATABASES)
def inside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with installed(request.param, tmp_path) as place:
        yield place


@pytest.mark.long
def test_whatever_was_acknowledged_is_there_once_whoever_is_killed(inside: Installation) -> None:
    began = time.monotonic()
    with chaos(inside, SEED) as raging:
        raging.rage(KILLS, WRITES, SECONDS)
        verdict, seconds = Verdict(raging), time.monotonic() - began
        figures = {"kills": raging.crew.kills, **raging.load.figures(), "seconds": round(seconds)}
        database = inside.services.database.url.get_backend_name()
        print(f"\n{database}: {', '.join(f'{number} {name}' for name, number in figures.items())}")
        assert set(raging.operator.ends) == ENDS, "else something was not tried"
        assert verdict.differences() == {}
        assert verdict.balances_that_differ() == []
        assert verdict.faults_of_the_books() == []
        assert raging.town.deeds.differences() == []
        assert verdict.unanswered(_ANSWERED_WITHIN_SECONDS) == []
        assert verdict.answers_that_differ(_ASKED_AGAIN) == []
        assert (figures["kills"] >= KILLS, figures["writes"] >= WRITES) == (True, True)
        assert figures["replays"] > 0, "one was killed after it had committed"
