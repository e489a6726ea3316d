"""The collector's day with the word that both phones show at the door."""

from dataclasses import asdict

from credentials import visit_codes
from credentials.doorstep import Word
from planning import days
from server.endpoint import Call


def day(call: Call) -> list[dict[str, object]]:
    """The actor's own stops, each with its doorstep word while its code is live."""
    stops = days.of(call.session, call.actor, now=call.now)
    words = visit_codes.doorstep_words(
        call.session, call.actor.organisation_id, [stop.visit_id for stop in stops]
    )
    return [{**asdict(stop), **_shown(words.get(stop.visit_id))} for stop in stops]


def _shown(word: Word | None) -> dict[str, object]:
    return {
        "doorstep_word_zh": word.zh if word else None,
        "doorstep_word_en": word.en if word else None,
    }
