"""Passwords and PINs: what is refused, what verifies, and what a hash tells."""

import pytest
from argon2 import extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from accounts import passwords
from accounts.passwords import Pins
from core.errors import Invalid
from core.words import PinVerdict
from tests.support.make import (
    DURESS_PIN,
    DURESS_PIN_HASH,
    PASSWORD,
    PASSWORD_HASH,
    PIN,
    PIN_HASH,
)


@pytest.mark.parametrize("pin", ["2580", "1212", "1123", "13579", "90210001"])
def test_a_good_pin_is_taken_and_verifies(pin: str):
    hashed = passwords.hash_pin(pin)
    assert passwords.verify(hashed, pin)
    assert not passwords.verify(hashed, pin[::-1] + "0")
    assert pin not in hashed


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "123",
        "258",
        "258025802",  # nine digits
        "25 80",
        "25a0",
        "0000",
        "99999999",
        "1234",
        "4321",
        "6789012",  # counts on past nine
        "3210987",
        "２５８０",  # full-width digits have another length on the wire
        "²⁵⁸⁰",
    ],
)
def test_a_pin_that_is_no_pin_or_easily_guessed_is_refused(pin: str):
    with pytest.raises(Invalid) as caught:
        passwords.hash_pin(pin)
    assert list(caught.value.fields) == ["pin"]
    assert not pin or pin not in caught.value.detail


@given(st.integers(0, 9), st.integers(4, 8), st.sampled_from([-1, 0, 1]))
def test_no_run_and_no_repetition_is_a_pin(first: int, length: int, step: int):
    pin = "".join(str((first + step * place) % 10) for place in range(length))
    with pytest.raises(Invalid):
        passwords.hash_pin(pin)


@pytest.mark.parametrize("duress_pin", ["1470", "2571", "8250", "0825"])
def test_a_duress_pin_differs_in_two_digits(duress_pin: str):
    passwords.check_pins(PIN, duress_pin)


@pytest.mark.parametrize("duress_pin", ["2580", "2581", "3580", "25801", "258"])
def test_a_duress_pin_that_a_slip_could_make_of_the_pin_is_refused(duress_pin: str):
    with pytest.raises(Invalid) as caught:
        passwords.check_pins(PIN, duress_pin)
    assert list(caught.value.fields) == ["duress_pin"]


@pytest.mark.parametrize("pins", [(PIN, None), (None, PIN), (None, None), ("", "")])
def test_without_two_pins_there_is_nothing_to_compare(pins: tuple[str | None, ...]):
    passwords.check_pins(*pins)


PINS = Pins(PIN_HASH, DURESS_PIN_HASH)
VERDICTS = [
    (PINS, PIN, PinVerdict.NORMAL),
    (PINS, DURESS_PIN, PinVerdict.DURESS),
    (PINS, "9999", PinVerdict.WRONG),
    (Pins(PIN_HASH, None), PIN, PinVerdict.NORMAL),
    (Pins(PIN_HASH, None), DURESS_PIN, PinVerdict.WRONG),
    (Pins(None, None), PIN, PinVerdict.WRONG),
]


@pytest.mark.parametrize(("pins", "given", "verdict"), VERDICTS)
def test_which_pin_it_was(pins: Pins, given: str, verdict: PinVerdict):
    proof = passwords.prove(pins, given)
    assert proof.verdict(pins) is verdict
    elsewhere = Pins(DURESS_PIN_HASH, PIN_HASH)
    assert proof.verdict(elsewhere) is PinVerdict.WRONG  # replaced meanwhile


def test_a_pin_is_held_against_both_hashes_whichever_is_right(
    monkeypatch: pytest.MonkeyPatch,
):
    asked: list[str | None] = []

    def verify(hashed: str | None, secret: str) -> bool:
        asked.append(hashed)
        return real(hashed, secret)

    real = passwords.verify
    monkeypatch.setattr(passwords, "verify", verify)
    for pin in (PIN, DURESS_PIN, "9999"):
        passwords.prove(PINS, pin)
    assert asked == [PIN_HASH, DURESS_PIN_HASH] * 3
    passwords.prove(Pins(PIN_HASH, None), PIN)
    assert len(asked) == 8  # a decoy stands in for the one that is missing
    assert extract_parameters(asked[-1] or "").memory_cost == 19 * 1024


@pytest.mark.parametrize("password", ["x" * 11, "x" * 201, ""])
def test_a_password_has_12_to_200_characters(password: str):
    with pytest.raises(Invalid, match="new"):
        passwords.hash_password(password, field="new")


@pytest.mark.parametrize(
    "password", ["x" * 12, "长" * 12, "x" * 200, "half \ud800 pair!"]
)
def test_a_password_verifies_and_no_other_does(password: str):
    hashed = passwords.hash_password(password)
    assert passwords.verify(hashed, password)
    assert not passwords.verify(hashed, password + "x")


def test_the_same_password_typed_full_width_is_the_same():
    hashed = passwords.hash_password("correct horse 42")
    assert passwords.verify(hashed, "correct horse ４２")


def test_a_pin_costs_less_than_a_password_and_no_less_than_owasp_asks():
    pin = extract_parameters(passwords.hash_pin(PIN))
    password = extract_parameters(passwords.hash_password(PASSWORD))
    assert (pin.memory_cost, pin.time_cost, pin.parallelism) == (19456, 2, 1)
    assert password.memory_cost > pin.memory_cost
    assert str(pin.type) == str(password.type) == "Type.ID"


def test_hashes_made_with_other_settings_verify():
    assert passwords.verify(PASSWORD_HASH, PASSWORD)
    assert passwords.verify(PIN_HASH, PIN)


@pytest.mark.parametrize("hashed", [None, "", "not a hash", "$argon2id$broken"])
def test_without_a_hash_nothing_is_right(hashed: str | None):
    assert not passwords.verify(hashed, PASSWORD)
    assert not passwords.verify(hashed, "")


def test_the_decoy_costs_what_a_password_costs():
    decoy = extract_parameters(passwords._decoy)
    assert decoy == extract_parameters(passwords.hash_password(PASSWORD))
