"""Every text that we send: complete, local, and silent about why somebody comes."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from contact import wording
from core import public_words
from core.instants import Interval
from core.words import SILENT, AlertKind, Language, Role
from server.compose import checking

START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
WINDOW = Interval(START, START + timedelta(minutes=30))
URL = "https://check.example/verify"
RESERVED = {"【", "】"}  # the sender's name goes there: gateways put it in
LANGUAGES = pytest.mark.parametrize("language", list(Language))


def notice(language: Language, window: Interval = WINDOW) -> str:
    """A notice of two visitors in Hangzhou."""
    return wording.visit_notice(
        public_names=("Zhang", "Wang"),
        employer="Westlake Service",
        window=window,
        time_zone="Asia/Shanghai",
        letters="ABCDE-FGHJK",
        digits="0123 4567 8901 2345",
        check_url=URL,
        language=language,
    )


def cancelled(language: Language) -> str:
    """The same visit, called off."""
    return wording.visit_cancelled(
        employer="Westlake Service",
        window=WINDOW,
        time_zone="Asia/Shanghai",
        language=language,
    )


@LANGUAGES
def test_what_goes_to_borrowers_has_no_word_of_debt(language: Language) -> None:
    checked = [words[language is Language.ZH] for words in checking.WORDS.values()]
    for text in (notice(language), cancelled(language), *checked):
        assert public_words.found_in(text) is None, text


@LANGUAGES
def test_a_notice_names_visitors_employer_code_and_the_bare_address(
    language: Language,
) -> None:
    text = notice(language)
    for part in ("Zhang", "Wang", "Westlake Service", "ABCDE-FGHJK", "0123 4567 8901"):
        assert part in text
    assert re.search(rf"{URL}(?![/?#\w])", text)


@LANGUAGES
def test_times_are_local_to_the_place(language: Language) -> None:
    for text in (notice(language), cancelled(language)):
        assert "14:00" in text
        assert "14:30" in text
        assert ("11月24日（周二）" if language is Language.ZH else "Tue 24 Nov") in text


def test_a_window_over_midnight_names_both_days() -> None:
    late = Interval(START + timedelta(hours=9, minutes=45), START + timedelta(hours=11))
    text = wording.when(late, time_zone="Asia/Shanghai", language=Language.EN)
    assert text == "Tue 24 Nov 23:45 to Wed 25 Nov 01:00 local time"


def test_a_name_with_braces_is_shown_as_it_is() -> None:
    assert wording.departure(name="{name} {0}", language=Language.EN).startswith(
        "{name} {0} has left"
    )


@LANGUAGES
@pytest.mark.parametrize("kind", sorted(SILENT))
def test_a_silent_alert_asks_officers_not_to_call_him_and_has_no_words_for_others(
    language: Language, kind: AlertKind
) -> None:
    def said(role: Role) -> str:
        return wording.alert_step(
            kind=kind,
            role=role,
            is_subject=False,
            reference="A1B2C3",
            language=language,
        )

    text = said(Role.SAFETY_OFFICER)
    assert "A1B2C3" in text
    assert {Language.ZH: "切勿致电", Language.EN: "Do NOT call"}[language] in text
    with pytest.raises(KeyError):
        said(Role.COLLECTOR)


@LANGUAGES
@pytest.mark.parametrize("kind", sorted(set(AlertKind) - SILENT))
def test_each_person_is_told_his_own_part_of_an_alert(
    language: Language, kind: AlertKind
) -> None:
    texts = [
        wording.alert_step(
            kind=kind,
            role=role,
            is_subject=subject,
            reference="A1B2C3",
            language=language,
        )
        for role, subject in (
            (Role.COLLECTOR, True),
            (Role.COLLECTOR, False),
            (Role.SAFETY_OFFICER, False),
        )
    ]
    assert len(set(texts)) == 3
    assert all("A1B2C3" in text for text in texts)
    assert not [text for text in texts if RESERVED & set(text)]


@LANGUAGES
def test_all_other_texts_exist_in_both_languages(language: Language) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    texts = [
        *(
            wording.all_clear(
                reference="A1B2C3",
                is_subject=subject,
                watched_on=watched,
                language=language,
            )
            for subject, watched in wording.ENDED
        ),
        wording.departure(name="N", language=language),
        wording.withdrawal(name="N", language=language),
        wording.check_failed(reference="A1B2C3", language=language),
        wording.sentinel_warning(language=language),
        *(
            wording.account_code(
                what=what, employer="W", code="A", url=URL, language=language
            )
            for what in wording.ACCOUNT_CODES
        ),
        *(
            wording.account_news(what=what, language=language)
            for what in wording.ACCOUNT_NEWS
        ),
        *(
            wording.dispatcher_note(what=what, reference="A1B2C3", language=language)
            for what in wording.DISPATCHER_NOTES
        ),
    ]
    for text in texts:
        assert bool(chinese.search(text)) is (language is Language.ZH)
        assert not (RESERVED | {"{"}) & set(text)


def test_staff_is_told_in_the_language_of_the_country() -> None:
    assert wording.staff_language("CN") is Language.ZH
    assert wording.staff_language("GB") is Language.EN
