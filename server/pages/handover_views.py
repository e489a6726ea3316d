"""The handover as its page shows it: lines of text, newest position first."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.geo import Position
from core.words import Language
from credentials import photos
from credentials.photo_files import Folder
from models.badges import Kept
from safety import alerts, handover
from server.compose import handing_over
from server.endpoint import Call
from server.pages.alert_views import UNREADABLE, clock_time, coordinates, zone_of
from server.pages.handover_words import (
    CATEGORIES,
    HANDOVER,
    HARMS,
    LEVELS,
    SOURCES,
)
from server.pages.words import ENTRIES, KINDS

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Shown:
    """What the template reads; ``facts`` are those of the API, the rest is text."""

    id: UUID
    kind: str
    zone: str
    facts: dict[str, Any]
    photo: Kept | None
    made: str
    opened: str
    closed: str
    planned: str
    level: str | None
    positions: list[tuple[str, str]]
    incidents: list[tuple[str, str, str | None]]
    said: list[tuple[str, str]]
    helpers: list[tuple[str, str, str]]
    timeline: list[tuple[str, str, str | None]]


def view(call: Call, alert_id: UUID, language: Language) -> Shown:
    """The facts of an alert in that language, on the clock of its place."""
    alert = alerts.get(call.session, call.actor, alert_id)
    found = handover.of(call.session, alert, now=call.now)
    facts = handing_over.described(call, found)
    zone = zone_of(call.session, alert)
    badge = found.badge
    kept = photos.shown(call.session, [badge]) if badge else [None]
    place = facts["place"]
    return Shown(
        id=alert.id,
        kind=KINDS[language][alert.kind],
        zone=zone,
        facts=facts,
        photo=kept[0],
        made=clock_time(call.now, zone, day=True),
        opened=clock_time(alert.opened_at, zone, day=True),
        closed=clock_time(alert.closed_at, zone, day=True),
        planned=_planned(facts, zone),
        level=LEVELS[language][place["level"]] if place else None,
        positions=[_position(one, zone, language) for one in facts["positions"]],
        incidents=[_incident(one, zone, language) for one in place["incidents"]]
        if place
        else [],
        said=_said(facts, zone, language),
        helpers=[_helper(one, zone, language) for one in facts["helpers"]],
        timeline=[_line(one, zone, language) for one in facts["timeline"]],
    )


def uri(kept: Kept | None, folder: Folder | None) -> str | None:
    """The photo inside the page; None where it cannot be read. After the reading."""
    [picture] = photos.seen([kept], folder)
    return f"data:image/jpeg;base64,{b64encode(picture).decode()}" if picture else None


def age(seconds: int, language: Language) -> str:
    """How old a position is, in the largest units that say it well."""
    words = HANDOVER[language]
    if seconds < 2 * MINUTE:
        return words["seconds"].format(seconds)
    if seconds < 2 * HOUR:
        return words["minutes"].format(seconds // MINUTE)
    return words["hours"].format(seconds // HOUR, seconds % HOUR // MINUTE)


def _planned(facts: dict[str, Any], zone: str) -> str:
    start, end = facts["visit_start"], facts["visit_end"]
    if start is None:
        return ""
    return f"{clock_time(start, zone, day=True)} – {clock_time(end, zone)}"


def _position(one: dict[str, Any], zone: str, language: Language) -> tuple[str, str]:
    """Where, and how much that is worth."""
    words = HANDOVER[language]
    metres = one["accuracy_m"]
    worth = [age(one["age_s"], language), clock_time(one["at"], zone)]
    if one["estimated"]:
        worth.append(words["estimated"])
    else:
        worth.append(
            words["no_accuracy"]
            if metres is None
            else words["accuracy"].format(round(metres))
        )
        worth.append(SOURCES[language].get(one["source"], one["source"]))
    if one["from_revoked_device"]:
        worth.append(words["revoked"])
    return coordinates(Position(one["lon"], one["lat"])), " · ".join(worth)


def _incident(
    one: dict[str, Any], zone: str, language: Language
) -> tuple[str, str, str | None]:
    what = f"{CATEGORIES[language][one['category']]} · {HARMS[language][one['harm']]}"
    return clock_time(one["happened_at"], zone, day=True), what, one["words"]


def _said(
    facts: dict[str, Any], zone: str, language: Language
) -> list[tuple[str, str]]:
    words = HANDOVER[language]
    return [
        (
            f"{clock_time(one['at'], zone)} · {words['revoked']}"
            if one["from_revoked_device"]
            else clock_time(one["at"], zone),
            one["words"],
        )
        for one in facts["said"]
        if one["words"]
    ]


def _helper(one: dict[str, Any], zone: str, language: Language) -> tuple[str, str, str]:
    words = HANDOVER[language]
    state = (
        words["owns"].format(clock_time(one["until"], zone))
        if one["owns"]
        else words["took"].format(clock_time(one["since"], zone))
    )
    return one["name"] or UNREADABLE, one["phone"] or UNREADABLE, state


def _line(
    one: dict[str, Any], zone: str, language: Language
) -> tuple[str, str, str | None]:
    what = [ENTRIES[language][one["kind"]]]
    if one["told"]:
        what.append(HANDOVER[language]["told"].format(one["told"]))
    if one["who"]:
        what.append(one["who"])
    return clock_time(one["at"], zone), " · ".join(what), one["words"]
