"""Structured logs: one JSON object a line, with the correlation of the request, and without personal data.

Events, routes and errors are logged by id and code. Texts of exceptions may quote a value, so only their type and
place are written.
"""

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.types import EventDict


def configure(service: str, level: int = logging.INFO) -> None:
    """Set up logging of the process; libraries' records go the same way."""
    chain: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _service(service),
        _safe_exception,
    ]
    structlog.configure(processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
                        logger_factory=structlog.stdlib.LoggerFactory(), cache_logger_on_first_use=True)  # fmt: skip
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]))  # fmt: skip
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "aiokafka", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick left out while the last one works is no news
    for own in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(own).handlers[:] = []
        logging.getLogger(own).propagate = True


def _service(name: str) -> structlog.types.Processor:
    def add(_: Any, __: str, event: EventDict) -> EventDict:
        event["service"] = name
        return event

    return add


def _safe_exception(_: Any, __: str, event: EventDict) -> EventDict:
    info = event.pop("exc_info", None)
    if not info:
        return event
    error = info if isinstance(info, BaseException) else (info[1] if isinstance(info, tuple) else sys.exc_info()[1])
    if error is not None:
        event["error"] = type(error).__name__
        event["at"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-6:]]
    return event
