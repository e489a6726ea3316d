"""The collector's day: the word that both phones show, and whether he is watched."""

from dataclasses import asdict

from credentials import visit_codes
from credentials.doorstep import Word
from planning import days
from safety import answers, superseding, watches
from server.endpoint import Call


def day(call: Call) -> list[dict[str, object]]:
    """The actor's own stops, each with its doorstep word while its code is live."""
    stops = days.of(call.session, call.actor, now=call.now)
    words = visit_codes.doorstep_words(
        call.session, call.actor.organisation_id, [stop.visit_id for stop in stops]
    )
    return [{**asdict(stop), **_shown(words.get(stop.visit_id))} for stop in stops]


def watch(call: Call) -> dict[str, object] | None:
    """The actor's watch as every act tells it, for a phone that was restarted.

    Of several open watches the one that carries the timer; ``None``: all are closed.
    """
    still_open = watches.not_closed(call.session, call.actor.user_id)
    running = [one for one in still_open if one.state in superseding.RUNNING]
    return answers.describe(next(reversed(running or still_open), None))


def _shown(word: Word | None) -> dict[str, object]:
    return {
        "doorstep_word_zh": word.zh if word else None,
        "doorstep_word_en": word.en if word else None,
    }
