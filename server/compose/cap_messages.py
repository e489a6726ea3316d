"""An alert's handover as a CAP 1.2 message, for the systems of emergency services."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from core import instants
from core.geo import Position
from core.words import AlertKind, Language
from models import Organisation
from safety import alerts, cap, handover
from safety.cap import Area, Certainty, Info, Message, Severity, Urgency
from server.compose import handing_over
from server.endpoint import Call

CODES = {Language.ZH: "zh-CN", Language.EN: "en-US"}
NEAREST_M = 50.0  # no phone knows better than that at a house
WORDS: dict[Language, dict[str, str]] = {
    Language.ZH: {
        "restriction": "仅供接警单位及其通知的人员使用",
        "sos": "外访人员求救",
        "other": "外访人员未按时报平安",
        "headline": "{event}：{name}",
        "who": "姓名：{name}；电话：{phone}；工作证号：{badge}；车辆：{vehicle}",
        "with": "同行：{names}",
        "planned": "走访地点：{address}",
        "said": "本人写道：{words}",
        "unknown": "未知",
        "instruction": "处置由接警单位决定。请联系值班人员了解最新情况。",
        "last": "最后位置，{age}秒前",
        "estimated": "推算位置：应到的走访地点，{age}秒前",
        "place": "走访地点",
        "closed": "警报已结束",
    },
    Language.EN: {
        "restriction": "For the emergency services that were called, and for those "
        "whom they inform.",
        "sos": "A field visitor calls for help",
        "other": "A field visitor has not reported in time",
        "headline": "{event}: {name}",
        "who": "Name: {name}; phone: {phone}; badge: {badge}; vehicle: {vehicle}",
        "with": "With: {names}",
        "planned": "Place of the visit: {address}",
        "said": "Wrote: {words}",
        "unknown": "not known",
        "instruction": "What is done is for those who receive this to decide. Call the "
        "contact for what is known by now.",
        "last": "Last position, {age} s old",
        "estimated": "Estimated: the place of the visit, {age} s old",
        "place": "Place of the visit",
        "closed": "The alert is closed.",
    },
}


def of(call: Call, alert_id: UUID) -> bytes:
    """The message; for those who may read the alert in full, else ``NotFound``."""
    alert = alerts.get(call.session, call.actor, alert_id)
    found = handover.of(call.session, alert, now=call.now)
    facts = handing_over.described(call, found)
    at_place = _clock(facts)
    is_open, called = alert.closed_at is None, alert.kind is not AlertKind.OVERDUE
    return cap.render(
        Message(
            identifier=f"{alert.id}.{int(call.now.timestamp() * 1000)}",
            sender=found.organisation.slug,
            sent=at_place(call.now),
            restriction=WORDS[Language.EN]["restriction"],
            incident=facts["reference"],
            note=None if is_open else WORDS[Language.EN]["closed"],
            urgency=Urgency.IMMEDIATE if is_open else Urgency.PAST,
            severity=Severity.SEVERE if called else Severity.UNKNOWN,
            certainty=Certainty.LIKELY if called else Certainty.POSSIBLE,
            effective=at_place(alert.opened_at),
            sender_name=found.organisation.name,
            contact=", ".join(map(str, found.organisation.fallback_phones)),
            infos=[_info(one, facts, found.organisation) for one in Language],
        )
    )


def _clock(facts: dict[str, Any]) -> Any:
    """How an instant is shown: on the clock of the place, or else in UTC."""
    place = facts["place"]
    name = (place and place["time_zone"]) or "UTC"

    def shown(at: datetime) -> datetime:
        return at.astimezone(instants.zone(name))

    return shown


def _info(
    language: Language, facts: dict[str, Any], organisation: Organisation
) -> Info:
    words = WORDS[language]
    event = words["other" if facts["kind"] is AlertKind.OVERDUE else "sos"]
    name = facts["collector"]["name"] or words["unknown"]
    return Info(
        language=CODES[language],
        event=event,
        headline=words["headline"].format(event=event, name=name),
        description="\n".join(_lines(words, facts)),
        instruction=words["instruction"],
        parameters=list(_parameters(facts)),
        areas=list(_areas(words, facts, organisation)),
    )


def _lines(words: dict[str, str], facts: dict[str, Any]) -> Iterator[str]:
    unknown, collector = words["unknown"], facts["collector"]
    yield words["who"].format(
        name=collector["name"] or unknown,
        phone=collector["phone"] or unknown,
        badge=facts["badge"]["number"] if facts["badge"] else unknown,
        vehicle=facts["vehicle"] or unknown,
    )
    if facts["partners"]:
        names = ", ".join(one["name"] or unknown for one in facts["partners"])
        yield words["with"].format(names=names)
    if facts["place"]:
        address = facts["place"]["address"] or unknown
        yield words["planned"].format(address=address)
    for one in facts["said"]:
        if one["words"]:
            yield words["said"].format(words=one["words"])


def _parameters(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Of the newest position, for machines."""
    yield "reference", facts["reference"]
    for one in facts["positions"][:1]:
        yield "position_at", cap.instant(one["at"])
        yield "position_age_s", str(one["age_s"])
        yield "position_estimated", str(one["estimated"]).lower()
        if one["accuracy_m"] is not None:
            yield "position_accuracy_m", f"{one['accuracy_m']:.0f}"


def _areas(
    words: dict[str, str], facts: dict[str, Any], organisation: Organisation
) -> Iterator[Area]:
    """The newest position, and the place of the visit where that is another one."""
    fence = float(organisation.fence_m)
    for one in facts["positions"][:1]:
        what = words["estimated" if one["estimated"] else "last"]
        radius = fence if one["estimated"] else one["accuracy_m"] or fence
        where = Position(one["lon"], one["lat"])
        yield Area(what.format(age=one["age_s"]), where, max(radius, NEAREST_M))
    place = facts["place"]
    estimated = any(one["estimated"] for one in facts["positions"])
    if place and place["lat"] is not None and not estimated:
        where = Position(place["lon"], place["lat"])
        yield Area(place["address"] or words["place"], where, fence)
