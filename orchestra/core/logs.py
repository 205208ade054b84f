"""What the log says and how: one event a line, personal data and secrets masked.

Every line passes through here, of structlog and of the standard library alike: texts are masked
by ``orchestra.core.redaction``, an object is told by its type only, and values under the names
of payloads are left out.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.utils.functional import Promise
from structlog.typing import EventDict, Processor, WrappedLogger

from orchestra.core.redaction import mask_value

#: Names under which a line would carry what people and tools said; what stands there is left out.
PAYLOAD_KEYS = frozenset(
    {"arguments", "body", "content", "headers", "payload", "request", "response", "result"}
)
LEFT_OUT = "(left out)"

#: What the chain itself adds to a line.
_OWN = ("at", "level", "logger")
#: The rooms' own loggers, which tell more than those of libraries.
_ROOMS = ("orchestra", "governance", "cases", "qa")


def mask_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return a log event with payloads left out and every text in it masked.

    Args:
        event: The values of one line, with errors already as text; it is not changed.
    """
    own = {key: event[key] for key in _OWN if key in event}
    rest = {key: value for key, value in event.items() if key not in own}
    return {**mask_value(_told(rest)), **own}


def _told(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(key): LEFT_OUT if key in PAYLOAD_KEYS and value is not None else _plain(value)
        for key, value in values.items()
    }


def _plain(value: Any) -> Any:
    """Return a JSON value; of an object that is none, the name of its type."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Mapping):
        return _told(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, (UUID, Decimal, date, Promise)):
        return str(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    return type(value).__name__


def configure_structlog() -> None:
    """Send what structlog is told to the standard library, whose handlers mask and write it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            *_common(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def logging_settings(*, as_json: bool) -> dict[str, Any]:
    """Return Django's ``LOGGING``: one handler that masks, on the standard error stream.

    Args:
        as_json: Whether each line is a JSON object, for machines; else it is for reading.
    """
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback, timestamp_key="at"
        )
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "masked": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_common(), structlog.stdlib.ExtraAdder(allow=())],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.StackInfoRenderer(),
                    structlog.processors.format_exc_info,
                    mask_event,
                    renderer,
                ],
            }
        },
        "handlers": {"masked": {"class": "logging.StreamHandler", "formatter": "masked"}},
        "root": {"handlers": ["masked"], "level": "WARNING"},
        "loggers": {
            **{name: {"level": "INFO"} for name in _ROOMS},
            # Django gives these handlers of their own, which do not mask.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }


def _common() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
