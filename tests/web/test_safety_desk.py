"""The safety desk in a real browser: see it, take it, say it, end it; nobody else."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from core.geo import Position
from core.words import AlertKind, Language, Role
from models import Alert, LoginSession, Organisation, User
from models.sealed import Envelope
from server.app import create_app
from server.pages.words import ERRORS
from server.runtime import Runtime
from tests.support.databases import Database
from tests.support.make import PASSWORD
from tests.support.site import Site, press
from tests.support.street import Street
from tests.support.world import SETTINGS, World

pytestmark = pytest.mark.web
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def alert(street: Street) -> Alert:
    """Chen did not check out: his alert."""
    street.phone(street.chen).check_in(street.visit)
    street.forward(minutes=31)
    [found] = street.alerts()
    street.session.commit()
    return found


def enter(site: Site, page: Page, user: User) -> None:
    """Log in as that user."""
    session = site.world.make.session
    slug = session.get_one(Organisation, user.organisation_id).slug
    login = user.login or ""
    session.commit()
    site.log_in(page, slug, login)


def test_an_officer_sees_takes_notes_and_closes(
    site: Site, street: Street, alert: Alert
):
    facts = (street.chen.name, street.chen.phone, "nobody yet")
    officer = street.officer.name
    with site.page() as page:
        enter(site, page, street.officer)
        assert page.inner_text("h1") == "Open alerts: 1"
        card = page.inner_text(".alert.open")
        assert [fact for fact in facts if fact not in card] == []
        assert "10:31:00" in card
        assert "Asia/Shanghai" in card
        press(page, page.get_by_role("link", name="Open"))
        press(page, page.get_by_role("button", name="Acknowledge"))
        assert officer in page.inner_text(".alert.owned dl")
        page.fill("#note", "他的手机关机了。\nCalling the partner.")
        press(page, "text=Add note")
        assert "Calling the partner." in page.inner_text(".timeline")
        page.fill("#close", "He is with me, unhurt.")
        press(page, "text=Close the alert")
        assert "He is with me, unhurt." in page.inner_text(".alert.done")
        press(page, "text=Back to all alerts")
        assert page.inner_text("main .card") == "No alert is open."
    street.session.expire_all()
    ended = street.alerts()[0]
    assert (ended.closed_by, ended.next_action_at) == (street.officer.id, None)


@SQLITE
def test_the_board_renews_itself_and_the_page_for_words_does_not(
    site: Site, street: Street, alert: Alert
):
    with site.page() as page:
        enter(site, page, street.officer)
        assert page.locator("meta[http-equiv=refresh]").count() == 1
        assert page.locator("textarea").count() == 0
        page.goto(f"/safety/{alert.id}")
        assert page.locator("meta[http-equiv=refresh]").count() == 0
        assert page.locator("textarea").count() == 2


@SQLITE
def test_the_desk_works_without_javascript_and_in_chinese_on_a_phone(
    site: Site, street: Street, alert: Alert
):
    narrow = {"width": 320, "height": 568}
    script = "document.documentElement.scrollWidth - window.innerWidth"
    with site.page(locale="zh-CN", viewport=narrow) as page:
        enter(site, page, street.officer)
        assert page.get_attribute("html", "lang") == "zh"
        assert page.evaluate(script) <= 0
        press(page, "text=查看与处理")
        assert "超时未签退" in page.inner_text("h1")
        assert page.evaluate(script) <= 0
    with site.page(java_script_enabled=False) as page:
        enter(site, page, street.officer)
        press(page, page.get_by_role("button", name="Acknowledge"))
        assert page.locator(".alert.owned").count() == 1


@SQLITE
def test_the_log_in_says_for_whom_it_is_and_its_language_holds_at_the_desk(
    site: Site, street: Street, alert: Alert
):
    with site.page(locale="zh-CN") as page:
        page.goto("/safety/login")
        assert "安全员和管理员" in page.inner_text(".lead")
        assert "绑定" in page.inner_text(".lead")
        press(page, page.get_by_role("button", name="English"))
        assert "safety officers and admins" in page.inner_text(".lead")
        assert "sets up the authenticator" in page.inner_text(".lead")
        enter(site, page, street.officer)
        assert page.get_attribute("html", "lang") == "en"
        page.goto("/safety/login")
        press(page, page.get_by_role("button", name="中文"))
        assert page.get_attribute("html", "lang") == "zh"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words_that_are_refused_stay_in_their_field(
    site: Site, street: Street, alert: Alert, lang: str
):
    words = ERRORS[Language(lang)]["alert"]["invalid"]
    with site.page(locale=lang) as page:
        enter(site, page, street.officer)
        page.goto(f"/safety/{alert.id}")
        page.fill("#close", "  x  ")
        press(page, "form[action$=close] button")
        assert page.inner_text("[role=alert]") == words
        assert page.input_value("#close") == "  x  "
    street.session.expire_all()
    assert street.alerts()[0].closed_at is None


@SQLITE
@pytest.mark.parametrize("role", ["collector", "dispatcher", "contact_desk", "auditor"])
def test_only_safety_officers_get_in(site: Site, street: Street, role: str):
    stranger = street.make.user(street.organisation, Role(role))
    with site.page() as page:
        enter(site, page, stranger)
        assert "for safety officers" in page.inner_text("[role=alert]")
        assert page.inner_text("h1") == "Safety desk"
        names = [cookie["name"] for cookie in page.context.cookies()]
        assert "access_token_cookie" not in names
    assert street.session.scalars(select(LoginSession)).all() == []


def test_a_wrong_password_and_odd_input_are_answered_in_words(
    site: Site, street: Street
):
    with site.page() as page:
        page.goto("/safety/login")
        token = page.get_attribute("input[name=login_token]", "value")
        for login in (street.officer.login, "nobody", "\x00", "x" * 500):
            form = {"organisation": street.organisation.slug, "login": login}
            form |= {"password": "wrong", "login_token": token or ""}
            answer = page.context.request.post("/safety/login", form=form)
            assert answer.status == 401
            assert "机构、账号或密码有误。" in answer.text()
        english = {"Accept-Language": "en"}
        answer = page.context.request.post("/safety/login", form=form, headers=english)
        assert "is wrong" in answer.text()


@SQLITE
def test_a_forged_act_changes_nothing(site: Site, street: Street, alert: Alert):
    with site.page() as page:
        enter(site, page, street.officer)
        send = page.context.request.post
        for path in ("acknowledge", "note", "close"):
            for forged in ({}, {"csrf_token": "forged"}):
                form = {"words": "all is well", **forged}
                answer = send(f"/safety/{alert.id}/{path}", form=form, max_redirects=0)
                assert answer.status == 303
                assert answer.headers["location"] == "/safety/login"
        assert send("/safety/logout", max_redirects=0).status == 303
        page.goto("/safety")
        assert "nobody yet" in page.inner_text(".alert.open")
    street.session.expire_all()
    assert (street.alerts()[0].owner_id, street.alerts()[0].closed_at) == (None, None)


@SQLITE
def test_nobody_can_log_a_browser_in_as_somebody_else(site: Site, street: Street):
    form = {
        "organisation": street.organisation.slug,
        "login": street.officer.login or "",
        "password": PASSWORD,
    }
    with site.page() as page:
        for forged in ({}, {"login_token": ""}, {"login_token": "forged"}):
            answer = page.context.request.post("/safety/login", form={**form, **forged})
            assert answer.status == 400
        page.goto("/safety/login")
        answer = page.context.request.post("/safety/login", form=form)
        assert answer.status == 400
        names = [cookie["name"] for cookie in page.context.cookies()]
        assert names == ["vouchsafe_login"]


@SQLITE
def test_a_log_out_ends_the_session_and_not_just_the_cookie(
    site: Site, street: Street, alert: Alert
):
    with site.page() as page:
        enter(site, page, street.officer)
        kept = page.context.cookies()
        press(page, "text=Log out")
        assert page.url == f"{site.url}/safety/login"
        assert "access_token_cookie" not in [c["name"] for c in page.context.cookies()]
        page.context.add_cookies(kept)
        page.goto("/safety")
        assert page.url == f"{site.url}/safety/login"


@SQLITE
def test_another_organisations_alert_does_not_exist(
    site: Site, street: Street, alert: Alert
):
    make = street.make
    stranger = make.user(make.organisation(), Role.SAFETY_OFFICER)
    with site.page() as page:
        enter(site, page, stranger)
        assert page.inner_text("main .card") == "No alert is open."
        answer = page.goto(f"/safety/{alert.id}")
        assert answer is not None
        assert answer.status == 404
        assert street.chen.name not in page.content()


@SQLITE
@pytest.mark.parametrize("url", ["https://check.example", "http://127.0.0.1:8000"])
def test_cookies_are_guarded(
    database: Database, world: World, street: Street, url: str
):
    settings = replace(SETTINGS, public_url=url)
    app = create_app(
        Runtime(settings, database.engine, database.sessions, world.clock, demo=False)
    )
    client = app.test_client()
    form = client.get("/safety/login", base_url=url)
    token = form.text.partition('name="login_token" value="')[2].partition('"')[0]
    body = {"organisation": street.organisation.slug, "password": PASSWORD}
    body |= {"login": street.officer.login, "login_token": token}
    done = client.post("/safety/login", data=body, base_url=url)
    assert done.status_code == 303
    cookies = form.headers.getlist("Set-Cookie") + done.headers.getlist("Set-Cookie")
    access = [one for one in cookies if one.startswith(("access", "vouchsafe"))]
    given = [one for one in access if "Max-Age=0" not in one]
    assert len(given) == 3  # log-in form, log-in, browser
    for one in given:
        assert {"HttpOnly", "SameSite=Strict"} <= set(one.split("; "))
        assert ("Secure" in one) == url.startswith("https")
        assert "Path=/safety" in one


@SQLITE
def test_an_officer_reads_where_to_send_help_whom_to_call_and_what_was_said(
    site: Site, street: Street
):
    street.place.address = "杭州市虚构路1号"
    phone = street.phone(street.chen)
    phone.depart(street.visit, street.zhou)
    phone.check_in(street.visit, position=Position(120.16, 30.28))
    phone.sos(street.visit, words="三楼，请快来", position=Position(120.17, 30.29))
    street.wu.phone_sealed = Envelope(bytes(street.wu.phone_sealed or b"")[:13])
    street.session.commit()
    [alert] = street.alerts(AlertKind.SOS)
    with site.page() as page:
        enter(site, page, street.officer)
        page.goto(f"/safety/{alert.id}")
        card = page.inner_text(".alert")
    expected = ("杭州市虚构路1号", "30.29000, 120.17000", "三楼，请快来")
    people = (street.zhou.name, street.zhou.phone, street.wu.name)
    assert [one for one in (*expected, *people) if one not in card] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_whoever_guesses_is_told_when_to_come_back_and_a_known_browser_enters(
    site: Site, street: Street, lang: str
):
    words = ERRORS[Language(lang)]["login"]["too_many_tries"].format(seconds=1)
    with site.page(locale=lang) as known, site.page(locale=lang) as page:
        enter(site, known, street.officer)
        press(known, "header button")
        for _ in range(6):
            page.goto("/safety/login")
            page.fill("#organisation", street.organisation.slug)
            page.fill("#login", street.officer.login or "")
            page.fill("#password", "not the password")
            press(page, "main button")
        assert page.inner_text("[role=alert]") == words
        enter(site, known, street.officer)
        assert known.locator("h1").inner_text() != ""
        assert known.url.endswith("/safety")
