"""The keyring: what is sealed opens only where it was sealed, with the right key."""

import pytest

from core.errors import Misconfigured
from core.keyring import CannotOpen, Keyring


def test_a_sealed_value_opens_where_it_was_sealed():
    ring = Keyring.generate()
    sealed = ring.seal("李四", bound_to="borrowers.name.1")
    assert ring.open(sealed, bound_to="borrowers.name.1") == "李四"
    assert "李四".encode() not in sealed


def test_a_value_moved_to_another_row_does_not_open():
    ring = Keyring.generate()
    sealed = ring.seal("李四", bound_to="borrowers.name.1")
    with pytest.raises(CannotOpen, match="changed or moved"):
        ring.open(sealed, bound_to="borrowers.name.2")


def test_one_changed_byte_does_not_open():
    ring = Keyring.generate()
    sealed = bytearray(ring.seal("x", bound_to="a"))
    sealed[-1] ^= 1
    with pytest.raises(CannotOpen):
        ring.open(bytes(sealed), bound_to="a")


def test_an_old_key_still_opens_and_the_current_one_seals():
    old = Keyring.generate()
    sealed = old.seal("x", bound_to="a")
    fresh = Keyring.generate()
    both = Keyring(fresh.current, {**old.data_keys, **fresh.data_keys}, old.root_key)
    assert both.open(sealed, bound_to="a") == "x"
    with pytest.raises(CannotOpen, match="not in the keys file"):
        old.open(both.seal("y", bound_to="a"), bound_to="a")


def test_the_same_value_never_seals_to_the_same_bytes():
    ring = Keyring.generate()
    assert ring.seal("x", bound_to="a") != ring.seal("x", bound_to="a")


def test_digests_differ_by_purpose_and_by_installation():
    ring = Keyring.generate()
    assert ring.digest("phone", "1") != ring.digest("login", "1")
    assert ring.digest("phone", "1") != Keyring.generate().digest("phone", "1")


def test_a_keyring_survives_its_file_and_hides_itself():
    ring = Keyring.generate()
    assert Keyring.parse(ring.dump()) == ring
    assert ring.root_key.hex() not in repr(ring)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"current":"a","data_keys":{"a":"AA=="},"root_key":"AA=="}'],
)
def test_anything_else_is_not_a_keys_file(text: str):
    with pytest.raises(Misconfigured, match="keys file"):
        Keyring.parse(text)
