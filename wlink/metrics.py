"""Figures for Prometheus."""

import os
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

Depth = Callable[[], dict[str, tuple[int, float]]]


class Metrics:
    """What all processes of this server have counted together."""

    def __init__(self, depth: Depth) -> None:
        """`depth` says of each state of the outbox how many entries there are, and the age of the
        oldest in seconds.
        """
        self._registry = CollectorRegistry()
        self._depth = depth
        self._requests = Counter(
            "wlink_requests", "Answers.", ["operation", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "wlink_request_seconds",
            "Time until the answer.",
            ["operation"],
            registry=self._registry,
        )

        # Finding them by their labels each time costs more than counting.
        self._counters: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def answered(self, operation: str, status: int, seconds: float) -> None:
        """Counts an answer."""
        known = self._counters.get((operation, status))
        if known is None:
            of_status = self._requests.labels(operation, str(status))
            known = of_status, self._seconds.labels(operation)
            self._counters[operation, status] = known
        requests, histogram = known
        requests.inc()
        histogram.observe(seconds)

    def text(self) -> bytes:
        """In Prometheus' own form."""
        counted = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # ships half its types
        kept = CollectorRegistry()
        kept.register(_OutboxDepth(self._depth))
        return generate_latest(counted) + generate_latest(kept)


class _OutboxDepth:
    def __init__(self, depth: Depth) -> None:
        self._depth = depth

    def collect(self) -> Iterator[GaugeMetricFamily]:
        entries = GaugeMetricFamily("wlink_outbox_entries", "By state.", labels=["state"])
        oldest = GaugeMetricFamily("wlink_outbox_oldest_seconds", "By state.", labels=["state"])
        for state, (count, age) in self._depth().items():
            entries.add_metric([state], count)
            oldest.add_metric([state], age)
        yield entries
        yield oldest
