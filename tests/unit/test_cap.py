"""CAP 1.2: order, words, offsets, areas; whatever people write stays well-formed."""

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import instants
from core.geo import Position
from safety import cap
from safety.cap import Area, Certainty, Info, Message, Severity, Urgency
from tests.support import cap_schema
from tests.support.cap_schema import NAMESPACE, wrong

NOW = datetime(2026, 11, 24, 2, 31, 7, 123456, tzinfo=UTC)
HANGZHOU = instants.zone("Asia/Shanghai")
HERE = Area("last position", Position(120.1551, 30.2741), 15.0)
INFO = Info(
    language="zh-CN",
    event="外访人员求救",
    headline="外访人员求救：张三",
    description="He wrote <help> & more",
    instruction="call",
    parameters=[("position_age_s", "50")],
    areas=[HERE],
)
MESSAGE = Message(
    identifier="0199.1",
    sender="westlake",
    sent=NOW.astimezone(HANGZHOU),
    restriction="for those who were called",
    incident="7A31BC",
    note=None,
    urgency=Urgency.IMMEDIATE,
    severity=Severity.SEVERE,
    certainty=Certainty.LIKELY,
    effective=NOW.astimezone(HANGZHOU),
    sender_name="Westlake",
    contact="+8657188880000",
    infos=[INFO, replace(INFO, language="en-US")],
)


def first(text: bytes, *names: str) -> str | None:
    path = "/".join(f"{NAMESPACE}{name}" for name in names)
    return ElementTree.fromstring(text).findtext(path)


def test_a_message_is_one_of_cap_1_2() -> None:
    assert wrong(cap.render(MESSAGE)) == []
    assert wrong(cap.render(replace(MESSAGE, note="closed", infos=[]))) == []


def test_times_have_a_numeric_offset_and_utc_is_minus_zero() -> None:
    assert first(cap.render(MESSAGE), "sent") == "2026-11-24T10:31:07+08:00"
    assert cap.instant(NOW) == "2026-11-24T02:31:07-00:00"
    west = NOW.astimezone(instants.zone("America/New_York"))
    assert cap.instant(west) == "2026-11-23T21:31:07-05:00"


def test_a_circle_is_latitude_longitude_and_kilometres() -> None:
    assert cap.circle(HERE) == "30.274100,120.155100 0.015"
    text = first(cap.render(MESSAGE), "info", "area", "circle")
    assert text == "30.274100,120.155100 0.015"


def test_words_survive_markup_and_lose_what_xml_cannot_hold() -> None:
    assert first(cap.render(MESSAGE), "info", "description") == INFO.description
    odd = replace(INFO, description="a\x00b\x0bc\ufffed", headline="x" * 200)
    rendered = cap.render(replace(MESSAGE, infos=[odd]))
    assert first(rendered, "info", "description") == "abcd"
    assert wrong(rendered) == []


@given(st.text(), st.text(), st.floats(-90, 90), st.floats(-180, 180))
def test_whatever_is_written_and_wherever_it_is_the_message_holds(
    words: str, name: str, lat: float, lon: float
) -> None:
    where = Area(name, Position(lon, lat), 300.0)
    info = replace(INFO, headline=name, description=words, areas=[where])
    assert wrong(cap.render(replace(MESSAGE, infos=[info]))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<sent>2026-11-24T10:31:07+08:00", b"<sent>2026-11-24T02:31:07Z"),
        (b"<status>Actual</status>", b"<status>Real</status>"),
        (b"<identifier>0199.1", b"<identifier>01 99"),
        (b"<sender>westlake</sender>", b""),
        (b"30.274100,120.155100 0.015", b"120.155100,30.274100 0.015"),
        (b"<scope>Restricted</scope>", b"<scope>Private</scope>"),
        (b"<urgency>Immediate</urgency>", b"<urgency>Now</urgency>"),
    ],
)
def test_the_check_sees_what_is_wrong(old: bytes, new: bytes) -> None:
    text = cap.render(MESSAGE)
    assert old in text
    assert wrong(text.replace(old, new)) != []


def test_the_check_sees_a_wrong_order() -> None:
    text = cap.render(MESSAGE)
    status, kind = b"<status>Actual</status>", b"<msgType>Alert</msgType>"
    swapped = text.replace(status, b"@").replace(kind, status).replace(b"@", kind)
    assert any(one.startswith("order") for one in cap_schema.wrong(swapped))
