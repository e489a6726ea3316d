"""Structured logs: one JSON line each, with ids and numbers, never personal data."""

import logging
import sys

import structlog

log = structlog.get_logger("vouchsafe.libraries")
LEVELS = (logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)


def configure() -> None:
    """JSON lines on standard error; what libraries warn of goes the same way."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _place_of_error,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[Libraries()])


class Libraries(logging.Handler):
    """What a library logs, as a line of ours.

    Its words are told where they stand apart from their values, of which only numbers
    are kept: some write a path or an address into their words. ``place`` says whose.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Tell it by structlog."""
        apart = isinstance(record.msg, str) and bool(record.args)
        facts: dict[str, object] = {
            "logger": record.name,
            "place": f"{record.pathname}:{record.lineno} {record.funcName}",
        }
        given = record.args if isinstance(record.args, tuple) else ()
        if numbers := [one for one in given if isinstance(one, int | float)]:
            facts["numbers"] = numbers
        if record.exc_info:
            facts["exc_info"] = record.exc_info[1]
        low = logging.DEBUG
        level = max((one for one in LEVELS if one <= record.levelno), default=low)
        log.log(level, record.msg if apart else "said by a library", **facts)


def _place_of_error(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Where an error was raised, without its message: messages quote values."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event.update(_described(error))
    return event


def _described(error: BaseException) -> dict[str, object]:
    """Kind and place of an error, and of each one in a group."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    found: dict[str, object] = {"error": type(error).__name__, "trace": places}
    if isinstance(error, BaseExceptionGroup):
        found["errors"] = [_described(one) for one in error.exceptions]
    return found
