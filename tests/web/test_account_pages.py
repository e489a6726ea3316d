"""The pages that a code from a message opens, in a real browser."""

import pytest
from playwright.sync_api import Page

from accounts import invitations, resets
from core.words import ResetKind, Role
from models import User
from tests.support.site import Site, press
from tests.support.street import Street

pytestmark = [
    pytest.mark.web,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
NEW = "a password of my own"
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
NARROW = {"width": 320, "height": 568}


def invited(street: Street) -> str:
    """The code of a collector to be."""
    admin = street.make.user(street.organisation, Role.ADMIN)
    sent = invitations.invite(
        street.session,
        street.make.actor(admin),
        login="lina",
        name="李娜",
        phone="13812345678",
        role=Role.COLLECTOR,
        now=street.make.clock.now(),
    )
    return sent.code


def sent(street: Street, user: User, kind: ResetKind) -> str:
    """The code that an officer sent."""
    actor, now = street.make.actor(street.officer), street.make.clock.now()
    return resets.send(street.session, actor, user.id, kind=kind, now=now).code


def fill(page: Page, **fields: str) -> None:
    """Type and send."""
    for name, value in fields.items():
        page.fill(f"#{name}", value)
    press(page, "main button")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_an_invited_collector_opens_his_account(
    site: Site, street: Street, locale: str
):
    code = invited(street)
    options = {"locale": locale, "viewport": NARROW, "java_script_enabled": True}
    with site.page(**options) as page:
        page.goto("/account/invitation")
        assert page.get_attribute("html", "lang") == locale[:2]
        assert page.evaluate(OVERFLOW) <= 0
        fill(page, code=code, password=NEW, pin="1234")
        assert "PIN" in page.inner_text("[role=alert]")
        assert page.input_value("#password") == ""
        fill(page, code=code, password=NEW, pin="1357")
        shown = page.inner_text("[role=status]")
        assert street.organisation.slug in shown
        assert "lina" in shown
        assert code not in page.url


def test_a_password_is_set_anew_without_javascript(site: Site, street: Street):
    code = sent(street, street.officer, ResetKind.PASSWORD)
    login, slug = street.officer.login or "", street.organisation.slug
    with site.page(java_script_enabled=False) as page:
        page.goto("/safety/login")
        press(page, "text=Password forgotten")
        fill(page, organisation=slug, login="nobody")
        assert "If this login exists" in page.inner_text("[role=status]")
        press(page, "text=I have a code")
        fill(page, code="AAAA-BBBB-CCCC", new=NEW)
        assert "Ask for another" in page.inner_text("[role=alert]")
        fill(page, code=code, new=NEW)
        assert login in page.inner_text("[role=status]")


def test_a_pin_is_set_anew(site: Site, street: Street):
    code = sent(street, street.chen, ResetKind.PIN)
    with site.page() as page:
        page.goto("/account/pin")
        fill(page, code=code, pin="7913")
        assert "next check-in" in page.inner_text("[role=status]")
