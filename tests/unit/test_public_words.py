"""Words of debt are found however they are dressed; ordinary names are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import public_words
from core.public_words import EN_STEMS, EN_WORDS, ZH


def test_both_lists_have_at_least_forty_words():
    assert len(set(ZH)) >= 40
    assert len(set(EN_STEMS + EN_WORDS)) >= 40


@given(st.sampled_from(ZH), st.text("西湖服务中心", max_size=5))
def test_a_chinese_word_is_found_anywhere(word: str, around: str):
    assert public_words.found_in(around + word + around) is not None


@given(st.sampled_from(EN_STEMS + EN_WORDS), st.sampled_from(["", "City ", "a-", "3"]))
def test_an_english_word_is_found_in_any_case(word: str, before: str):
    assert public_words.found_in(before + word.upper()) == word
    assert public_words.found_in(before + word.title() + " Ltd") == word


@pytest.mark.parametrize(
    ("dressed", "word"),
    [
        ("Westlake Loans", "loan"),
        ("westlakeLoans", "loan"),
        ("Ｄｅｂｔ Help", "debt"),  # full-width letters
        ("de\u200bbt help", "debt"),  # a zero-width space inside
        ("催 收 中 心", "催收"),
        ("某某催\n收", "催收"),
        ("西湖貸款", "貸"),
        ("Money owed", "owed"),
        ("_collections_", "collect"),
    ],
)
def test_disguises_do_not_help(dressed: str, word: str):
    assert public_words.found_in(dressed) == word


@pytest.mark.parametrize(
    "name",
    [
        "Westlake Field Service（虚构）",
        "西湖上门服务",
        "Owen & Dunstan",
        "Courteous Visits",
        "Bill Wong",
        "Lentil Kitchen",
        "Duet",
        "Upcoming Accreditation",  # not at a word's start
        "张先生",
        "",
    ],
)
def test_ordinary_names_pass(name: str):
    assert public_words.found_in(name) is None


@given(st.text())
def test_any_text_gets_an_answer(text: str):
    found = public_words.found_in(text)
    assert found is None or found in ZH + EN_STEMS + EN_WORDS
