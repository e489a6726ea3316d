"""The small grammar of a borrower's weekly hours: ``mon-fri 18:00-20:00; sat …``."""

import re
from collections.abc import Iterable

from gate.law import DAY_MINUTES, DAYS, WeekSpan

DAY = "|".join(DAYS)
HOUR = r"([01][0-9]|2[0-4]):([0-5][0-9])"
ENTRY = re.compile(rf"({DAY})(?:-({DAY}))? +{HOUR}-{HOUR}")


def parse(text: str) -> tuple[WeekSpan, ...]:
    """Ascending spans, touching ones joined; ``ValueError`` says what is wrong.

    Days may run over Sunday (``fri-mon``), hours may not run over midnight; 24:00 ends
    a day. An empty text has no spans.
    """
    entries = [entry.strip() for entry in text.split(";")] if text.strip() else []
    return _joined(span for entry in entries for span in _spans(entry))


def _spans(entry: str) -> list[WeekSpan]:
    found = ENTRY.fullmatch(entry)
    if found is None:
        raise ValueError('must read like "mon-fri 18:00-20:00; sat 10:00-12:00"')
    first_day, last_day, *digits = found.groups()
    hour, minute, end_hour, end_minute = map(int, digits)
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if not start < end <= DAY_MINUTES:
        raise ValueError(
            "hours must end after they begin, and by 24:00 of the same day"
        )
    return [
        (day * DAY_MINUTES + start, day * DAY_MINUTES + end)
        for day in _days(first_day, last_day or first_day)
    ]


def _days(first: str, last: str) -> list[int]:
    """Day numbers from ``first`` to ``last``, over Sunday if need be."""
    start, end = DAYS.index(first), DAYS.index(last)
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def _joined(spans: Iterable[WeekSpan]) -> tuple[WeekSpan, ...]:
    joined: list[WeekSpan] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)
