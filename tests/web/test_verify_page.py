"""The borrower's page in a real browser: who is at the door, and nothing else."""

import unicodedata
from datetime import timedelta

import pytest
from sqlalchemy import select

from credentials import visit_codes
from credentials.visit_codes import Issued
from models import Badge, Visitor
from tests.support.site import Site, press
from tests.support.street import Street

pytestmark = pytest.mark.web
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
PAGE_LIMIT = 60_000


@pytest.fixture
def issued(street: Street) -> Issued:
    """The code of the pair's visit, which begins in ten minutes."""
    found = visit_codes.issue(street.session, street.visit, now=street.make.clock.now())
    street.session.commit()
    return found


def public_names(street: Street) -> list[str]:
    """What stands on the badges of the pair."""
    query = select(Badge).join(Visitor, Visitor.badge_id == Badge.id)
    badges = street.session.scalars(query.where(Visitor.visit_id == street.visit.id))
    names = [badge.public_name or "" for badge in badges]
    assert len(names) == 2
    return names


def overflow(page: object) -> int:
    """By how many pixels the page is wider than its window."""
    script = "document.documentElement.scrollWidth - window.innerWidth"
    return int(page.evaluate(script))  # type: ignore[attr-defined]


def test_an_expected_visitor_is_vouched_for_with_all_that_helps(
    site: Site, street: Street, issued: Issued
):
    site.world.clock.forward(minutes=12)
    with site.page() as page:
        site.check(page, issued.letters)
        answer = page.inner_text(".expected_now")
        assert "Genuine, and expected now" in answer
        for fact in (*public_names(street), street.organisation.public_name, "B-"):
            assert fact in answer
        for fact in ("2026-11-24", "10:10 – 10:40", "local time, Asia/Shanghai"):
            assert fact in answer
        assert page.inner_text(".word") == issued.doorstep_word.en


def test_a_genuine_code_at_another_time_gives_no_doorstep_word(
    site: Site, street: Street, issued: Issued
):
    street.visit.planned_start += timedelta(hours=5)
    street.visit.planned_end += timedelta(hours=5)
    with site.page() as page:
        site.check(page, issued.digits)
        answer = page.inner_text(".not_now")
        assert "Genuine, but not expected now" in answer
        assert "15:10 – 15:40" in answer
        assert page.locator(".word").count() == 0


@SQLITE
def test_every_way_of_typing_the_code_is_understood(site: Site, issued: Issued):
    letters, digits = issued.letters, issued.digits
    site.world.clock.forward(minutes=12)
    with site.page() as page:
        for typed in (
            letters,
            letters.lower(),
            letters.replace("-", ""),
            f"  {letters.replace('-', ' ')} ",
            digits,
            digits.replace(" ", ""),
            digits.translate(WIDE),
        ):
            assert len(typed) <= 64
            site.check(page, typed)
            assert page.locator(".expected_now").count() == 1, typed


def test_an_unknown_code_names_nobody(site: Site, street: Street, issued: Issued):
    with site.page() as page:
        site.check(page, "00000-00000")
        assert "Unknown code" in page.inner_text(".unknown")
        body = page.content()
        assert street.organisation.public_name not in body
        assert not [name for name in public_names(street) if name in body]


def test_an_ended_code_says_do_not_open(site: Site, street: Street, issued: Issued):
    now = street.make.clock.now()
    visit_codes.end(street.session, street.visit.id, reason="cancelled", now=now)
    with site.page() as page:
        site.check(page, issued.letters)
        assert "Do not open" in page.inner_text(".not_valid")


@SQLITE
@pytest.mark.usefixtures("street")
def test_guessing_ends_with_too_many_tries(site: Site):
    with site.page() as page:
        for number in range(10):
            form = {"code": f"{number:05d}-00000"}
            assert page.context.request.post("/verify", form=form).ok
        site.check(page, "99999-00000")
        assert "Too many wrong codes" in page.inner_text(".too_many_tries")


@SQLITE
def test_the_code_is_nowhere_after_it_was_sent(site: Site, issued: Issued):
    with site.page() as page:
        for code in (issued.letters, issued.digits):
            site.check(page, code)
            shown = unicodedata.normalize("NFKC", page.content() + page.title())
            assert code not in shown
            assert code.replace("-", "").replace(" ", "") not in shown
            assert page.url == f"{site.url}/verify"
            assert page.input_value("#code") == ""
            assert page.context.cookies() == []


@SQLITE
@pytest.mark.parametrize(
    ("locale", "lang", "title"),
    [
        ("zh-CN", "zh", "核验访客"),
        ("zh-TW", "zh", "核验访客"),
        ("en-US", "en", "Check your visitor"),
        ("fr-FR", "zh", "核验访客"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(
    site: Site, locale: str, lang: str, title: str
):
    with site.page(locale=locale) as page:
        page.goto("/verify")
        assert page.get_attribute("html", "lang") == lang
        assert page.inner_text("h1") == title


@SQLITE
def test_the_switch_changes_the_language_and_the_answer_keeps_it(
    site: Site, issued: Issued
):
    site.world.clock.forward(minutes=12)
    with site.page(java_script_enabled=False) as page:
        page.goto("/verify")
        press(page, "header button")
        assert page.inner_text("h1") == "核验访客"
        page.fill("#code", issued.letters)
        press(page, "main button")
        assert page.get_attribute("html", "lang") == "zh"
        assert "访客属实，现为约定时间" in page.inner_text(".expected_now")
        assert page.inner_text(".word") == issued.doorstep_word.zh


@SQLITE
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_fits_a_narrow_phone_and_a_doubled_text(
    site: Site, issued: Issued, lang: str
):
    site.world.clock.forward(minutes=12)
    narrow = {"width": 320, "height": 568}
    with site.page(locale=lang, viewport=narrow) as page:
        page.goto("/verify")
        assert overflow(page) <= 0
        site.check(page, issued.letters)
        assert overflow(page) <= 0
        assert page.locator("main button").bounding_box()["height"] >= 44
    with site.page(locale=lang, viewport={"width": 640, "height": 480}) as page:
        site.check(page, issued.letters)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert overflow(page) <= 0


@SQLITE
def test_nothing_foreign_is_loaded_and_nothing_runs(site: Site, issued: Issued):
    asked, complaints = [], []
    with site.page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        answer = page.goto("/verify")
        site.check(page, issued.letters)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert page.locator("script").count() == 0
        assert len(page.content().encode()) < PAGE_LIMIT
    assert [url for url in asked if not url.startswith(site.url)] == []
    assert complaints == []


@SQLITE
def test_headings_and_labels_say_what_they_belong_to(site: Site, issued: Issued):
    site.world.clock.forward(minutes=12)
    with site.page() as page:
        site.check(page, issued.letters)
        assert page.locator("h1").count() == 1
        assert page.get_by_label("Code", exact=True).count() == 1
        assert page.get_by_role("button", name="Check").count() == 1
        region = page.get_by_role("region", name="Genuine, and expected now")
        assert region.count() == 1
        assert page.title().startswith("✓ Genuine, and expected now")
        assert page.get_by_role("button", name="中文").get_attribute("lang") == "zh"
