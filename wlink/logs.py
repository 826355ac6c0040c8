"""Logs: one JSON object a line, on standard output."""

import logging
import sys
from typing import Any, TextIO

import orjson
import structlog
from structlog.types import EventDict, Processor, WrappedLogger

# What may be written. A key that is not here is dropped: nobody logs a password by mistake.
_KEYS = frozenset(
    "event level logger timestamp exception operation method status milliseconds request_id "
    "tenant user channel kind key state tries fault address workers".split()
)


def configure_logs(output: TextIO = sys.stdout) -> None:
    """For this process: our own lines, and those of the libraries that warn."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Processor] = [
        structlog.processors.format_exc_info,
        allowed,
        structlog.processors.JSONRenderer(_json),
    ]
    # Ours go straight to the output: a line for every request is a part of what it costs.
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda name="wlink": _Writer(output, name),
    )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[remove, *render],
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("wlink").setLevel(logging.INFO)


def log_warnings_only() -> None:
    """For commands that print lines of their own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


class _Writer(structlog.WriteLogger):
    def __init__(self, output: TextIO, name: str) -> None:
        super().__init__(output)
        self.name = name


def _json(event: EventDict, **_: Any) -> str:
    """What JSON does not know is told as text; so no line is lost."""
    return orjson.dumps(event, default=str).decode()


def allowed(_: WrappedLogger, __: str, event: EventDict) -> dict[str, Any]:
    """The line without what is not meant to be in it."""
    return {key: value for key, value in event.items() if key in _KEYS}
