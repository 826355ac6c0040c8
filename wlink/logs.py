"""Logs: one JSON object a line, on standard output."""

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

# What may be written. A key that is not here is dropped: nobody logs a password by mistake.
_KEYS = frozenset(
    "event level logger timestamp exception operation method status milliseconds request_id "
    "tenant user kind key state tries fault address workers".split()
)


def configure_logs(output: TextIO = sys.stdout) -> None:
    """For this process: our own lines, and those of the libraries that warn."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            allowed,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("wlink").setLevel(logging.INFO)


def allowed(_: WrappedLogger, __: str, event: EventDict) -> dict[str, Any]:
    """The line without what is not meant to be in it."""
    return {key: value for key, value in event.items() if key in _KEYS}
