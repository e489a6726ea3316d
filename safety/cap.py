"""A message of the Common Alerting Protocol 1.2 (OASIS, July 2010) as XML.

Pure: elements in the order of the schema, words of its enumerations, times with a
numeric offset, areas as ``lat,lon`` in WGS-84.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from xml.etree import ElementTree

from core.geo import Position

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
ElementTree.register_namespace("", NAMESPACE)  # no prefix in what is written
HEADLINE = 160  # characters that a device shows in any case


class Urgency(StrEnum):
    """When somebody has to act."""

    IMMEDIATE = "Immediate"
    PAST = "Past"


class Severity(StrEnum):
    """How great the threat is."""

    SEVERE = "Severe"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    """How sure it is."""

    LIKELY = "Likely"
    POSSIBLE = "Possible"


@dataclass(frozen=True, slots=True)
class Area:
    """Somewhere within ``radius_m`` of a position."""

    words: str
    position: Position
    radius_m: float


@dataclass(frozen=True, slots=True)
class Info:
    """What is said in one language; ``language`` as in RFC 3066."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str
    parameters: Sequence[tuple[str, str]]
    areas: Sequence[Area]


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``sent`` and ``effective`` are aware, in the zone to be shown."""

    identifier: str
    sender: str
    sent: datetime
    restriction: str
    incident: str
    note: str | None
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    effective: datetime
    sender_name: str
    contact: str
    infos: Sequence[Info]


def render(message: Message) -> bytes:
    """The message as UTF-8 XML: a new ``Alert``, as no earlier one is known to us."""
    root = ElementTree.Element(f"{{{NAMESPACE}}}alert")
    for name, text in _head(message):
        _add(root, name, text)
    for info in message.infos:
        _info(root, message, info)
    ElementTree.indent(root)
    held = BytesIO()
    tree = ElementTree.ElementTree(root)
    tree.write(held, encoding="utf-8", xml_declaration=True)
    return held.getvalue()


def instant(at: datetime) -> str:
    """Seconds and a numeric offset; UTC is ``-00:00``, as the standard asks."""
    text = at.isoformat(timespec="seconds")
    return f"{text[:-6]}-00:00" if text.endswith("+00:00") else text


def circle(area: Area) -> str:
    """Latitude, longitude and a radius in kilometres."""
    lat, lon = area.position.lat, area.position.lon
    return f"{lat:.6f},{lon:.6f} {area.radius_m / 1000:.3f}"


def clean(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(one for one in text if _allowed(ord(one)))


def _allowed(code: int) -> bool:
    return (
        code in {0x9, 0xA, 0xD}
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


def _head(message: Message) -> Iterator[tuple[str, str | None]]:
    yield "identifier", message.identifier
    yield "sender", message.sender
    yield "sent", instant(message.sent)
    yield "status", "Actual"
    yield "msgType", "Alert"
    yield "scope", "Restricted"
    yield "restriction", message.restriction
    yield "note", message.note
    yield "incidents", message.incident


def _info(root: ElementTree.Element, message: Message, info: Info) -> None:
    found = _add(root, "info", "")
    for name, text in (
        ("language", info.language),
        ("category", "Security"),
        ("event", info.event),
        ("urgency", message.urgency),
        ("severity", message.severity),
        ("certainty", message.certainty),
        ("effective", instant(message.effective)),
        ("senderName", message.sender_name),
        ("headline", info.headline[:HEADLINE]),
        ("description", info.description),
        ("instruction", info.instruction),
        ("contact", message.contact),
    ):
        _add(found, name, text)
    for name, value in info.parameters:
        parameter = _add(found, "parameter", "")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    for area in info.areas:
        where = _add(found, "area", "")
        _add(where, "areaDesc", area.words)
        _add(where, "circle", circle(area))


def _add(
    parent: ElementTree.Element, name: str, text: str | None
) -> ElementTree.Element:
    """An element with text; None is left out."""
    child = ElementTree.Element(f"{{{NAMESPACE}}}{name}")
    if text is not None:
        child.text = clean(text) or None
        parent.append(child)
    return child
