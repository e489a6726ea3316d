"""Visit codes: both spellings, every typo that people make, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials import codes

numbers = st.integers(0, 2**50 - 1)


@given(numbers)
def test_letters_and_digits_mean_the_same_number(n: int) -> None:
    assert codes.parse(codes.letters(n)) == n
    assert codes.parse(codes.digits(n)) == n


@given(numbers, st.sampled_from([" ", "-", "–", " - ", "\u3000", "\u00a0", "\u200b"]))
def test_spacing_hyphens_and_case_do_not_matter(n: int, gap: str) -> None:
    letters = codes.letters(n).replace("-", "")
    assert codes.parse(gap.join(letters.lower())) == n
    assert codes.parse(gap.join(codes.digits(n).replace(" ", ""))) == n


@given(numbers)
def test_look_alikes_are_read_as_what_was_meant(n: int) -> None:
    letters = codes.letters(n)
    for right, wrong in (("0", "O"), ("0", "o"), ("1", "I"), ("1", "l")):
        assert codes.parse(letters.replace(right, wrong)) == n


@given(numbers)
def test_full_width_characters_of_a_chinese_keyboard_are_read(n: int) -> None:
    wide = {i: i + 0xFEE0 for i in range(0x21, 0x7F)}
    assert codes.parse(codes.letters(n).translate(wide)) == n
    assert codes.parse(codes.digits(n).translate(wide)) == n


@given(st.text(max_size=40))
def test_whatever_is_typed_gives_a_number_of_50_bits_or_nothing(text: str) -> None:
    n = codes.parse(text)
    assert n is None or 0 <= n < 2**50


@pytest.mark.parametrize(
    ("n", "letters", "digits"),
    [
        (0, "00000-00000", "0000 0000 0000 0000"),
        (31, "00000-0000Z", "0000 0000 0000 0031"),
        (2**45, "10000-00000", "0035 1843 7208 8832"),
        (2**50 - 1, "ZZZZZ-ZZZZZ", "1125 8999 0684 2623"),
    ],
)
def test_the_spellings_are_these(n: int, letters: str, digits: str) -> None:
    assert (codes.letters(n), codes.digits(n)) == (letters, digits)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ABCDE",
        "ABCDEFGHJKM",
        "UUUUUUUUUU",
        "1125899906842624",  # 2**50
        "9999999999999999",
        "112589990684262",
        "٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠",
        "ABCDE_FGHJK",
    ],
)
def test_anything_else_is_no_code(text: str) -> None:
    assert codes.parse(text) is None


def test_ten_digits_are_letters() -> None:
    assert codes.parse("0000000010") == 32


@pytest.mark.parametrize("n", [-1, 2**50])
def test_only_numbers_of_50_bits_can_be_written(n: int) -> None:
    with pytest.raises(ValueError, match="50 bits"):
        codes.letters(n)
    with pytest.raises(ValueError, match="50 bits"):
        codes.digits(n)


def test_fresh_numbers_use_all_50_bits_and_do_not_repeat() -> None:
    drawn = [codes.fresh() for _ in range(400)]
    assert len(set(drawn)) == 400
    union = 0
    for n in drawn:
        assert 0 <= n < 2**50
        union |= n
    assert union == 2**50 - 1
