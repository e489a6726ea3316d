"""What the CAP 1.2 schema asks of a message, written down from the standard.

Source: OASIS, Common Alerting Protocol Version 1.2, 1 July 2010, sections 3.2 and 3.4
(docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html). The schema file itself says
"All Rights Reserved", so that no copy of it stands here.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[-+]\d{2}:\d{2}")
# name and how often it may come: 1, ? (once or not), * (any), + (at least once)
ALERT = (
    *("identifier 1", "sender 1", "sent 1", "status 1", "msgType 1", "source ?"),
    *("scope 1", "restriction ?", "addresses ?", "code *", "note ?", "references ?"),
    *("incidents ?", "info *"),
)
INFO = (
    *("language ?", "category +", "event 1", "responseType *", "urgency 1"),
    *("severity 1", "certainty 1", "audience ?", "eventCode *", "effective ?"),
    *("onset ?", "expires ?", "senderName ?", "headline ?", "description ?"),
    *("instruction ?", "web ?", "contact ?", "parameter *", "resource *", "area *"),
)
PARAMETER = ("valueName 1", "value 1")
AREA = (
    *("areaDesc 1", "polygon *", "circle *", "geocode *", "altitude ?", "ceiling ?"),
)
TABLES = {"alert": ALERT, "info": INFO, "parameter": PARAMETER, "area": AREA}
WORDS = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {
        *("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env"),
        *("Transport", "Infra", "CBRNE", "Other"),
    },
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}
NAMES = re.compile(r"[^\s,<&]+")  # of identifier and sender
CIRCLE = re.compile(r"(-?\d+\.\d+),(-?\d+\.\d+) (\d+\.\d+)")


def wrong(text: bytes) -> list[str]:
    """Everything in which a message is none of CAP 1.2."""
    root = ElementTree.fromstring(text)
    found = [] if root.tag == f"{NAMESPACE}alert" else [f"root {root.tag}"]
    found += _structure(root)
    for element in root.iter():
        found += _value(element)
    scope = root.findtext(f"{NAMESPACE}scope")
    if scope == "Restricted" and not root.findtext(f"{NAMESPACE}restriction"):
        found.append("restricted without a restriction")
    if scope == "Private" and not root.findtext(f"{NAMESPACE}addresses"):
        found.append("private without addresses")
    return found


def _name(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(NAMESPACE)


def _structure(element: ElementTree.Element) -> Iterator[str]:
    """Children that are unknown, out of order, missing or too many."""
    table = [one.split() for one in TABLES.get(_name(element), ())]
    order = [name for name, _ in table]
    names = [_name(child) for child in element]
    yield from (f"unknown {name}" for name in names if name not in order)
    places = [order.index(name) for name in names if name in order]
    if places != sorted(places):
        yield f"order of {names}"
    for name, times in table:
        if times in "1+" and name not in names:
            yield f"{name} is missing"
        if times in "1?" and names.count(name) > 1:
            yield f"{name} comes too often"
    for child in element:
        if list(child):
            yield from _structure(child)


def _value(element: ElementTree.Element) -> Iterator[str]:
    name, text = _name(element), element.text or ""
    if name in WORDS and text not in WORDS[name]:
        yield f"{name} {text}"
    if name in {"sent", "effective", "onset", "expires"} and not INSTANT.fullmatch(
        text
    ):
        yield f"{name} {text}"
    if name in {"identifier", "sender"} and not NAMES.fullmatch(text):
        yield f"{name} {text}"
    if name == "circle" and not _is_circle(text):
        yield f"circle {text}"
    if name == "headline" and len(text) > 160:
        yield "headline is too long"


def _is_circle(text: str) -> bool:
    found = CIRCLE.fullmatch(text)
    if found is None:
        return False
    lat, lon, radius = map(float, found.groups())
    return abs(lat) <= 90 and abs(lon) <= 180 and radius >= 0
