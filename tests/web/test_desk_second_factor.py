"""The second factor at the safety desk, in a real browser."""

import pytest
from playwright.sync_api import Page

from models import User
from tests.support.authenticator import Authenticator, set_up
from tests.support.make import PASSWORD
from tests.support.site import Site, press
from tests.support.street import Street

pytestmark = [
    pytest.mark.web,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def enter(site: Site, page: Page, user: User, code: str) -> None:
    """Log in at the desk with a code."""
    slug, login = site.world.make.slug_of(user), user.login or ""
    site.world.make.session.commit()
    page.goto("/safety/login")
    page.fill("#organisation", slug)
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.fill("#code", code)
    press(page, "main button")


def test_an_officer_scans_types_keeps_his_codes_and_sees_the_alerts(
    site: Site, street: Street
):
    street.organisation.second_factor_required = True
    with site.page(java_script_enabled=False) as page:
        enter(site, page, street.officer, "")
        assert page.inner_text("h1") == "Set up your authenticator"
        assert page.locator(".qr svg").bounding_box()["width"] > 150  # type: ignore[index]
        page.goto("/safety")
        assert page.inner_text("h1") == "Set up your authenticator"
        app = Authenticator(page.inner_text(".secret").replace(" ", ""))
        page.fill("#code", app.wrong())
        press(page, "main button")
        assert "not the code" in page.inner_text("[role=alert]")
        page.fill("#code", app.code())
        press(page, "main button")
        codes = page.locator(".codes li").all_inner_texts()
        assert len(set(codes)) == 10
        press(page, "main a.button")
        assert page.inner_text("h1") == "Open alerts: 0"
        press(page, "header button")
        enter(site, page, street.officer, codes[0])
        assert page.inner_text("h1") == "Open alerts: 0"


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_form_asks_for_the_code_and_keeps_what_is_no_secret(
    site: Site, street: Street, locale: str
):
    app, _ = set_up(street.make, street.officer)
    script = "document.documentElement.scrollWidth - window.innerWidth"
    narrow = {"width": 320, "height": 568}
    with site.page(locale=locale, viewport=narrow) as page:
        enter(site, page, street.officer, "")
        assert page.locator("[role=alert]").count() == 1
        assert page.input_value("#login") == street.officer.login
        assert page.input_value("#password") == ""
        assert page.evaluate(script) <= 0
        enter(site, page, street.officer, app.code())
        assert page.url.endswith("/safety")
