"""The language of a request, and what people read of an error in it.

The English text of the code is the key: ``zh.toml`` has the Chinese one, as gettext
would. What a text speaks of is read back out of it by its template.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from werkzeug.datastructures import LanguageAccept

from core.words import Language

TABLES: Mapping[str, Mapping[str, str]] = tomllib.loads(
    (Path(__file__).parent / "zh.toml").read_text(encoding="utf-8")
)
PRIMARY = re.compile("[-_]")
BRACES = re.compile(r"\{(\w+)\}")
ACCEPTED: dict[str, object] = {
    "in": "header",
    "name": "Accept-Language",
    "schema": {"type": "string"},
    "description": "The language of problem documents, zh or en; English without it.",
}


def asked(accepted: LanguageAccept) -> Language:
    """What a request prefers (RFC 9110, 12.5.4); English where it names none of ours.

    Of two that it likes as much, the one that it names first.
    """
    named: dict[str, float] = {}
    for tag, quality in accepted:
        named.setdefault(PRIMARY.split(tag.lower())[0], quality)
    others = named.get("*", 0)
    ours = [Language(one) for one in named if one in [*Language]]
    ours += [Language.EN, Language.ZH]
    best = max(ours, key=lambda one: named.get(one, others))
    return best if named.get(best, others) > 0 else Language.EN


def say(text: str, language: Language) -> str:
    """An English text of ours in that language; one that no table has stays English."""
    if language is Language.EN:
        return text
    for table in TABLES.values():
        if plain := table.get(text):
            return plain
    for template, pattern in _patterns():
        if found := pattern.fullmatch(text):
            facts = {
                name: say(fact, language) for name, fact in found.groupdict().items()
            }
            return TABLES["texts"][template].format_map(facts)
    return text


def say_all(messages: object, language: Language) -> object:
    """The messages of fields, however deep they are nested."""
    if isinstance(messages, str):
        return say(messages, language)
    if isinstance(messages, Mapping):
        return {name: say_all(one, language) for name, one in messages.items()}
    if isinstance(messages, list | tuple):
        return [say_all(one, language) for one in messages]
    return messages


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Templates with what stands in braces; those that say the most come first."""
    found = [one for one in TABLES["texts"] if BRACES.search(one)]
    found.sort(key=lambda one: len(BRACES.sub("", one)), reverse=True)
    return [(one, _pattern(one)) for one in found]


def _pattern(template: str) -> re.Pattern[str]:
    parts = BRACES.split(template)
    made = (
        f"(?P<{one}>.+?)" if at % 2 else re.escape(one) for at, one in enumerate(parts)
    )
    return re.compile("".join(made), re.DOTALL)
