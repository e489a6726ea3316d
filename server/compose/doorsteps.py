"""The collector's day with the word that both phones show at the door."""

from dataclasses import asdict

from credentials import visit_codes
from models import Visit
from planning import days
from planning.days import DayVisit
from server.endpoint import Call


def day(call: Call) -> list[dict[str, object]]:
    """The actor's own stops, each with its doorstep word while its code is live."""
    stops = days.of(call.session, call.actor, now=call.now)
    return [{**asdict(stop), **_word(call, stop)} for stop in stops]


def _word(call: Call, stop: DayVisit) -> dict[str, object]:
    visit = call.session.get_one(Visit, stop.visit_id)
    word = visit_codes.doorstep_word(call.session, visit)
    return {
        "doorstep_word_zh": word.zh if word else None,
        "doorstep_word_en": word.en if word else None,
    }
