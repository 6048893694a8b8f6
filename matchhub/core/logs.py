"""Logs as JSON lines on standard output, each with the request's id; no bodies, no personal values."""

import logging
import sys

import structlog

from matchhub.core import context
from matchhub.settings import Settings


def _with_request_id(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if value := context.request_id():
        event["request_id"] = value
    return event


def configure(settings: Settings) -> None:
    """Send the standard library's and structlog's records through one JSON renderer (plain words in development)."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_request_id,
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.is_production
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    logger = logging.getLogger("matchhub")
    logger.handlers, logger.propagate = [handler], settings.environment == "test"
    logger.setLevel(logging.INFO)
