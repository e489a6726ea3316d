"""Codes, digits and what a call says."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact import answering, call_documents, spoken
from contact.carriers import Outgoing
from core import ids
from core.provider_words import ReplyResult
from core.words import Lane, Language, MessageKind

AT = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4821", "4821"),
        (" ok 4821!", "4821"),
        ("回复4821，谢谢", "4821"),
        ("４８２１", "4821"),
        ("٤٨٢١", "4821"),
        ("0042 or 1234", "0042"),
        ("48215", None),
        ("482", None),
        ("+8613800004821", None),
        ("48 21", None),
        ("stop", None),
        ("", None),
        ("x" * 2000 + "4821", None),
    ],
)
def test_a_code_is_four_digits_that_stand_alone(text, code):
    assert answering.code_in(text) == code


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text):
    code = answering.code_in(text)
    assert code is None or (len(code) == 4 and code.isascii() and code.isdigit())


def test_codes_and_digits_belong_to_one_message():
    messages = [ids.new() for _ in range(2000)]
    codes = [answering.code(one) for one in messages]
    assert codes == [answering.code(one) for one in messages]
    assert len(set(codes)) > 1700
    assert all(answering.code_in(one) == one for one in codes)
    digits = [answering.digit(one) for one in messages]
    assert set(digits) == set("123456789")
    assert max(map(digits.count, set(digits))) < 320


def outgoing(**facts: object) -> Outgoing:
    """A call for help on its way."""
    usual = {"reference": ids.new(), "organisation_id": ids.new()}
    usual |= {"kind": MessageKind.ALERT_STEP, "lane": Lane.SOS, "at": AT}
    usual |= {"recipient": "+8613800001234", "body": "警报<A&B>：", **facts}
    return Outgoing(**usual)


def test_a_call_says_its_words_twice_and_waits_for_the_digit():
    where = call_documents.callback("https://v.example", ids.new(), "a-secret~x")
    sent = outgoing(digit="7", language=Language.ZH)
    root = ElementTree.fromstring(call_documents.of(sent, callback=where).encode())
    [gather] = root
    assert gather.attrib["action"] == f"{where}?reference={sent.reference}"
    assert where.startswith("https://vouchsafe:a-secret~x@v.example/v1/channels/")
    assert [one.text for one in gather] == ["警报<A&B>：请按7接手此警报。"] * 2
    assert {one.attrib["language"] for one in gather} == {"zh-CN"}


def test_who_may_not_take_it_hears_it_and_presses_nothing():
    where = call_documents.callback("https://v.example", ids.new(), "a-secret")
    document = call_documents.of(outgoing(), callback=where)
    root = ElementTree.fromstring(document.encode())
    assert [one.tag for one in root] == ["Say", "Say"]
    assert "a-secret" not in document


@pytest.mark.parametrize("language", list(Language))
def test_only_who_has_taken_it_hears_so(language):
    words = {one: spoken.heard(one, language=language) for one in ReplyResult}
    yes = words[ReplyResult.ACKNOWLEDGED]
    assert {one for one in ReplyResult if words[one] == yes} == {
        ReplyResult.ACKNOWLEDGED,
        ReplyResult.SPENT,
    }
    for text in words.values():
        ElementTree.fromstring(call_documents.farewell(text, language).encode())
