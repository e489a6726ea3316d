"""The words of the pages: each language says all of it, and in its own script."""

import re
from collections.abc import Iterator, Mapping

import pytest

from core.words import Language
from server.pages import account_words, handover_words, words

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = ("other", "other_lang")  # the switch names the other language
TABLES = (
    *("VERIFY", "ANSWERS", "DESK", "KINDS", "ENTRIES", "ACTS", "ERRORS"),
    "ACCOUNT",
    *("HANDOVER", "LEVELS", "CATEGORIES", "HARMS", "SOURCES"),
)


def leaves(table: Mapping[object, object], *path: object) -> Iterator[tuple]:
    """Every text of a table with the keys that lead to it."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from leaves(value, *path, key)
        else:
            yield (*path, key), value


@pytest.mark.parametrize("name", TABLES)
def test_each_language_says_all_of_it_in_its_own_script(name: str):
    pages = (words, account_words, handover_words)
    table = next(getattr(one, name) for one in pages if hasattr(one, name))
    chinese, english = (
        dict(leaves(table[language])) for language in (Language.ZH, Language.EN)
    )
    assert chinese.keys() == english.keys()
    for path in chinese:
        if path[-1] not in SAME_IN_BOTH:
            assert CHINESE.search(chinese[path]), path
            assert not CHINESE.search(english[path]), path


@pytest.mark.parametrize("language", list(Language))
def test_an_error_without_words_of_its_own_is_still_explained(language: Language):
    known = words.ERRORS[language]["alert"]
    assert words.explain(language, "alert", "conflict") == known["conflict"]
    assert words.explain(language, "alert", "cannot_open") == known["other"]
