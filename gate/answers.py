"""What the gate answers: a decision with every reason, and its plain JSON."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.instants import Interval
from gate.law import Kind, Rule, Stage


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that refused, or is shown.

    ``status`` says how far the rule was read; the house's own rules have the source
    ``Vouchsafe`` and the status ``organisation``.
    """

    rule_id: str
    source: str
    status: str
    words_en: str
    words_zh: str

    def as_json(self) -> dict[str, object]:
        """Plain JSON with a fixed order of keys."""
        return {
            "rule_id": self.rule_id,
            "source": self.source,
            "status": self.status,
            "words_en": self.words_en,
            "words_zh": self.words_zh,
        }


@dataclass(frozen=True, slots=True)
class Obligation:
    """What a rule asks to be done by a stage of an allowed contact."""

    stage: Stage
    kind: Kind
    reason: Reason

    def as_json(self) -> dict[str, object]:
        """The reason's keys, ``stage`` and ``kind``."""
        more = {"stage": self.stage.value, "kind": self.kind.value}
        return {**self.reason.as_json(), **more}


@dataclass(frozen=True, slots=True)
class Decision:
    """May we make this contact? ``refusals`` are all of them, not the first only.

    ``next_lawful_at`` is the earliest instant, not before now nor the asked start, at
    which a contact of the same length is allowed; None where no hour within 28 days
    cures the refusals (staffing, licence, place). ``window_end`` is the end of the
    lawful hours around the asked start, looked for up to a day past the asked end; None
    where the start lies outside them; dark hours are none where the place asks for
    daylight. ``at_most``: the watch at the door falls due by then, None for as long as
    the visit.
    """

    allowed: bool
    refusals: tuple[Reason, ...]
    obligations: tuple[Obligation, ...]
    informs: tuple[Reason, ...]
    next_lawful_at: datetime | None
    window_end: datetime | None
    jurisdiction: str | None
    at_most: timedelta | None = None

    def as_json(self) -> dict[str, object]:
        """Plain JSON with a fixed order of keys; instants are RFC 3339 in UTC."""
        return {
            "allowed": self.allowed,
            "jurisdiction": self.jurisdiction,
            "refusals": [reason.as_json() for reason in self.refusals],
            "obligations": [duty.as_json() for duty in self.obligations],
            "informs": [reason.as_json() for reason in self.informs],
            "next_lawful_at": _rfc3339(self.next_lawful_at),
            "window_end": _rfc3339(self.window_end),
            "at_most_s": self.at_most and int(self.at_most.total_seconds()),
        }


@dataclass(frozen=True, slots=True)
class Opening:
    """When a place may be visited within a span, and what leaves nothing of it open.

    ``windows`` are in UTC; ``zone`` is the place's IANA name as it stands in its row.
    """

    zone: str | None
    windows: tuple[Interval, ...]
    refusals: tuple[Reason, ...]


def cited(rule: Rule) -> Reason:
    """A rule as a reason: the instrument, and the copy that was read."""
    source = f"{rule.cite}; {rule.source}" if rule.source else rule.cite
    return Reason(rule.id, source, rule.status.value, rule.words_en, rule.words_zh)


def of_the_house(rule_id: str, words_en: str, words_zh: str) -> Reason:
    """One of our own rules."""
    return Reason(rule_id, "Vouchsafe", "organisation", words_en, words_zh)


def _rfc3339(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat()
