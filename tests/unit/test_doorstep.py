"""Doorstep words are many, distinct in both languages, harmless and short."""

from core import public_words
from credentials import doorstep


def test_there_are_at_least_128_words_distinct_in_both_languages() -> None:
    assert len(doorstep.WORDS) >= 128
    assert len({word.en for word in doorstep.WORDS}) == len(doorstep.WORDS)
    assert len({word.zh for word in doorstep.WORDS}) == len(doorstep.WORDS)


def test_every_word_is_short_and_says_nothing_of_debt() -> None:
    for word in doorstep.WORDS:
        assert word.en.isascii()
        assert word.en.isalpha()
        assert len(word.en) <= 10
        assert 1 <= len(word.zh) <= 3
        assert all("\u4e00" <= sign <= "\u9fff" for sign in word.zh)
        assert public_words.found_in(f"{word.en} {word.zh}") is None


def test_what_is_picked_can_be_spoken_and_varies() -> None:
    picked = {doorstep.pick() for _ in range(200)}
    assert all(doorstep.spoken(key).en == key for key in picked)
    assert len(picked) > 50
