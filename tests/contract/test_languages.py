"""Every text of an error that the code can raise stands in every language."""

import re
from collections.abc import Iterator

import werkzeug.exceptions
from marshmallow import fields, validate

from core.words import Language
from server import languages, problems
from server.contracts import CONTRACTS, OTHERWISE, TITLES
from server.routes import ROOMS
from tests.support import texts

KNOWN = {
    english: own
    for table in languages.TABLES.values()
    for english, own in table.items()
}
FOUND = texts.all_of_them()
# words for machines that stand where texts are looked for
NO_TEXTS = {"enabled", "disabled", "too_many_requests"}
HAN = re.compile("[\u4e00-\u9fff]")


def marshmallows() -> Iterator[str]:
    """What marshmallow says of the fields and checks that our schemas have."""
    assert ROOMS
    for contract in CONTRACTS:
        for schema in (contract.body, contract.query):
            for field in schema().fields.values() if schema else ():
                yield from _of(field)
    for check in (
        validate.Length(1, 9),
        validate.Length(min=1),
        validate.Length(max=9),
        validate.Range(1, 9),
        validate.Range(min=1),
        validate.Range(max=9),
        validate.Regexp("x"),
        validate.Equal(1),
        validate.OneOf(["a"]),
    ):
        yield _refusal(check)


def _refusal(check: validate.Validator) -> str:
    for wrong in ("", "x" * 10, "yy", 0, 10):
        try:
            check(wrong)
        except validate.ValidationError as error:
            return str(error.messages[0])
        except TypeError:
            continue
    raise AssertionError(check)


def _of(field: fields.Field) -> Iterator[str]:  # type: ignore[type-arg]
    facts = {"obj_type": "datetime", "awareness": "aware"}
    if isinstance(field, fields.Enum):
        facts["choices"] = "{choices}"
    for name, message in field.error_messages.items():
        if name not in ("format", "validator_failed", "required_by_schema"):
            yield (
                str(message).format(**facts)
                if facts.keys() & {*_named(message)}
                else message
            )
    if isinstance(field, fields.List):
        yield from _of(field.inner)
    if isinstance(field, fields.Nested):
        for inner in field.schema.fields.values():
            yield from _of(inner)


def _named(text: object) -> list[str]:
    return languages.BRACES.findall(str(text))


def test_every_text_that_the_code_raises_has_a_chinese_one():
    assert len(FOUND) > 180
    silent = {text: at for text, at in FOUND.items() if text not in KNOWN}
    assert silent.keys() == NO_TEXTS, silent


def test_every_text_of_marshmallow_has_a_chinese_one():
    said = set(marshmallows())
    assert len(said) > 10
    assert {
        text for text in said if not HAN.search(languages.say(text, Language.ZH))
    } == set()


def test_both_languages_speak_of_the_same():
    for table in languages.TABLES.values():
        for english, own in table.items():
            assert sorted(_named(english)) == sorted(_named(own)), english
            assert len(set(_named(own))) == len(_named(own)), own
            bare = BARE.sub("", english).strip(" :")
            assert HAN.search(own) or not bare, english


BARE = re.compile(r"\{\w+\}")


def test_whatever_the_framework_raises_has_a_title_and_a_text():
    for status, error in werkzeug.exceptions.default_exceptions.items():
        title = TITLES.get(status, OTHERWISE)
        text = problems._described(error(), status)
        for said in (title, text):
            assert HAN.search(languages.say(said, Language.ZH)), (status, said)
