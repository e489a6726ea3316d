"""How a provider is spoken to and believed: templates, paths, words."""

import json
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact import providers
from contact.providers import Provider, Reports, Settings
from core.errors import Invalid
from core.provider_words import Encoding, Reported

BODY = {"To": "{to}", "Text": "{text}", "options": {"ids": ["{reference}"], "n": 1}}
VALUES = {
    "to": "+8613800001234",
    "to_digits": "8613800001234",
    "text": "请立即打开应用",
    "reference": "01a2",
    "secret": "the-key",
}


def test_a_json_template_is_filled_at_every_depth():
    assert json.loads(providers.filled(Provider(BODY), VALUES)) == {
        "To": "+8613800001234",
        "Text": "请立即打开应用",
        "options": {"ids": ["01a2"], "n": 1},
    }


def test_a_form_is_filled_and_encoded():
    form = Provider({"to": "{to}", "m": "{text} ({reference})"}, Encoding.FORM)
    found = parse_qs(providers.filled(form, VALUES).decode("ascii"))
    assert found == {"to": ["+8613800001234"], "m": ["请立即打开应用 (01a2)"]}


@given(st.text(alphabet='{}"\\secrto_&=\n', max_size=40))
def test_what_is_put_in_is_never_read_as_a_template(words: str):
    values = {**VALUES, "text": words}
    found = json.loads(providers.filled(Provider({"a": "x{text}y"}), values))
    assert found == {"a": f"x{words}y"}
    form = providers.filled(Provider({"a": "{text}"}, Encoding.FORM), values)
    assert parse_qs(form.decode(), keep_blank_values=True) == {"a": [words]}


@pytest.mark.parametrize(
    ("provider", "says"),
    [
        (Provider({"to": "{to}"}), "must hold {text}"),
        (Provider({"m": "{text} {name}"}), "nothing to put in for {name}"),
        (Provider({"m": "{text}"}, auth_header=None), "needs a header"),
        (Provider({"m": {"n": "{text}"}}, Encoding.FORM), "only fields with text"),
        (Provider({"m": "{text}" + "x" * 4000}), "at most 4000"),
        (Provider({"m": [[[[[["{text}"]]]]]]}), "too deeply"),
    ],
)
def test_a_template_that_could_not_be_sent_is_refused(provider, says):
    with pytest.raises(Invalid) as refused:
        providers.check(provider, names=providers.SMS_NAMES, needs=("text",))
    assert says in str(refused.value.fields)


def test_settings_come_back_as_they_were_sealed():
    whole = Settings(
        Provider(BODY, Encoding.FORM, None, "a.0.id", "code", ("OK",)),
        Reports(20, "MessageSid", "MessageStatus", ("delivered",), ("undelivered",)),
    )
    again = providers.settings(whole.dump())
    assert again.dump() == whole.dump()
    assert providers.settings(None) == providers.settings(Settings().dump())


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", "7"),
        ("b.c", "deep"),
        ("b.d.1.id", "second"),
        ("b.d.2.id", None),
        ("b.d.id", None),
        ("b", None),
        ("no.where", None),
        ("yes", None),
    ],
)
def test_a_path_leads_to_a_text_or_number_or_nowhere(path, found):
    body = {"a": 7, "b": {"c": "deep", "d": [{"id": 1}, {"id": "second"}]}, "yes": True}
    assert providers.at(body, path) == found


@pytest.mark.parametrize("name", ["", "with space", "x" * 121, "名", "a\nb"])
def test_a_name_of_a_message_that_is_none_is_not_kept(name):
    assert providers.carrier_id({"id": name}, "id") is None
    assert providers.carrier_id(None, "id") is None
    assert providers.carrier_id({"id": "SM-1"}, None) is None
    assert providers.carrier_id({"id": "SM-1"}, "id") == "SM-1"


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("delivered", Reported.DELIVERED),
        ("read", Reported.DELIVERED),
        ("undelivered", Reported.FAILED),
        ("sent", None),
        (None, None),
        (True, None),
    ],
)
def test_a_word_means_delivered_failed_or_nothing_yet(word, means):
    reports = Reports(delivered=("delivered", "read"), failed=("undelivered",))
    assert providers.reported(reports, {"state": word}) is means
