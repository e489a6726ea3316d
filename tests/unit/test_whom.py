"""Whom a step names: what is stored reads back, also by programs that know words."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.words import Role
from safety import whom
from safety.whom import InRole, Nearest, OnRota, Person

ONE = UUID(int=1)
# what the first programs know: these words, and no others
KNOWN = {"collector", "buddy", "nearest_two", "on_call", "all_safety_officers"}
recipients = st.one_of(
    st.sampled_from([whom.COLLECTOR, whom.BUDDY]),
    st.builds(
        Nearest,
        st.integers(1, whom.MOST_NEAREST),
        st.none() | st.integers(whom.NEAREST_M, whom.FARTHEST_M),
    ),
    st.builds(OnRota, st.none() | st.uuids()),
    st.builds(InRole, st.sampled_from(sorted(whom.CALLED))),
    st.builds(Person, st.uuids()),
)
steps = st.lists(recipients, min_size=1, max_size=6, unique=True)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["kind", "count", "within_m", "role", "user_id", "rota_id"]
            ),
            inner | st.sampled_from(["nearest", "rota", "role", "person", "buddy"]),
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(steps)
def test_what_is_stored_reads_back(named):
    written = json.loads(json.dumps([whom.as_json(one) for one in named]))
    assert whom.stored(written, whom.as_words(named)) == tuple(named)


@given(steps)
def test_an_older_program_knows_every_word_that_stands_beside(named):
    words = whom.as_words(named)
    assert words
    assert set(words) <= KNOWN
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("recipient", "word"),
    [
        (whom.COLLECTOR, "collector"),
        (whom.BUDDY, "buddy"),
        (Nearest(2), "nearest_two"),
        (Nearest(5, 1000), "nearest_two"),
        (OnRota(), "on_call"),
        (OnRota(ONE), "on_call"),
        (InRole(Role.SAFETY_OFFICER), "all_safety_officers"),
        (InRole(Role.DISPATCHER), "on_call"),
        (Person(ONE), "on_call"),
    ],
)
def test_where_a_word_cannot_say_the_same_it_reaches_an_officer(recipient, word):
    assert whom.as_words([recipient]) == [word]


def test_words_of_an_older_program_are_read():
    assert set(whom.WORDS) == KNOWN
    for word, recipient in whom.WORDS.items():
        assert whom.stored(None, [word]) == (recipient,)
        assert whom.as_words([recipient]) == [word]


@pytest.mark.parametrize(
    "strange",
    [
        "buddy",
        {},
        {"kind": "drone"},
        {"kind": "nearest"},
        {"kind": "nearest", "count": 0},
        {"kind": "nearest", "count": 2, "within_m": 5},
        {"kind": "rota", "rota_id": "tomorrow"},
        {"kind": "role", "role": "collector"},
        {"kind": "role", "role": "auditor"},
        {"kind": "person", "user_id": None},
        None,
        7,
    ],
)
def test_what_cannot_be_read_reaches_all_safety_officers(strange):
    assert whom.stored([strange], ["buddy"]) == (whom.ALL_SAFETY_OFFICERS,)


@given(anything, anything)
def test_reading_what_is_stored_never_fails(found, words):
    assert all(isinstance(one, whom.Recipient) for one in whom.stored(found, words))
    assert whom.stored(None, "drone") == (whom.ALL_SAFETY_OFFICERS,)


@pytest.mark.parametrize("role", sorted(set(Role) - whom.CALLED))
def test_no_step_calls_everybody_of_a_role_that_could_not_help(role):
    with pytest.raises(ValueError, match="no step calls"):
        InRole(role)
