"""Telephone numbers: E.164 or refused, never repeated in the error."""

import pytest

from accounts import phones
from core.errors import Invalid


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("138 0000 0001", "CN", "+8613800000001"),
        ("+86 138-0000-0001", "GB", "+8613800000001"),
        ("0571-8888 0000", "CN", "+8657188880000"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("＋８６１３８０００００００１", "CN", "+8613800000001"),
    ],
)
def test_numbers_become_e164(text: str, country: str, expected: str):
    assert phones.e164(text, country) == expected


@pytest.mark.parametrize("text", ["", "110", "hello", "+999123", "1" * 40, "+", "\x00"])
def test_what_nobody_can_have_is_refused(text: str):
    with pytest.raises(Invalid) as caught:
        phones.e164(text, "CN", field="fallback_phones")
    assert list(caught.value.fields) == ["fallback_phones"]
    assert len(text) < 4 or text not in caught.value.detail


@pytest.mark.parametrize("text", ["110", "999", "911", "112", "95588"])
def test_short_numbers_are_kept(text: str):
    assert phones.emergency(text) == text


@pytest.mark.parametrize("text", ["", "1", "+110", "11 0", "１１０", "1234567", "SOS"])
def test_an_emergency_number_is_digits_only(text: str):
    with pytest.raises(Invalid):
        phones.emergency(text)


def test_countries_are_iso_codes():
    for code in ("CN", "AQ"):
        assert phones.known_country(code)
    for code in ("cn", "XX", "AC", "TA", "XK"):
        assert not phones.known_country(code)


def test_without_a_country_a_number_needs_its_plus():
    assert phones.e164("+8613800000001", None) == "+8613800000001"
    with pytest.raises(Invalid):
        phones.e164("13800000001", None)
