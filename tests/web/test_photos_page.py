"""The photos on the borrower's page, in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from core.words import Role
from credentials import badges, photos, visit_codes
from credentials.visit_codes import Issued
from models import Badge
from tests.support.samples import picture
from tests.support.site import Site
from tests.support.street import Street
from tests.web.test_verify_page import overflow

pytestmark = pytest.mark.web
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WIDTHS = "images => images.map(image => image.complete ? image.naturalWidth : 0)"


@pytest.fixture
def issued(street: Street) -> Issued:
    """The code of the pair's visit, which begins in ten minutes."""
    found = visit_codes.issue(street.session, street.visit, now=street.make.clock.now())
    street.session.commit()
    return found


@pytest.fixture
def worn(street: Street) -> list[Badge]:
    """The badges of the pair, each with a photo of its own width."""
    admin = street.make.actor(street.make.user(street.organisation, Role.ADMIN))
    found = [badge for _, badge in badges.worn(street.session, street.visit)]
    now = street.make.clock.now()
    for badge, width in zip(found, (240, 300), strict=True):
        face = picture("steelblue", size=(width, 320))
        photos.put(street.session, admin, badge.id, picture=face, now=now)
    street.session.commit()
    return found


def widths(page: Page) -> list[int]:
    """Of the pictures that the browser has really shown, in their order."""
    found: list[int] = page.eval_on_selector_all(".faces img", WIDTHS)
    return found


def test_a_good_check_shows_who_is_expected(
    site: Site, issued: Issued, worn: list[Badge]
):
    site.world.clock.forward(minutes=12)
    complaints: list[str] = []
    with site.page() as page:
        page.on("console", lambda message: complaints.append(message.text))
        site.check(page, issued.letters)
        assert widths(page) == [240, 300]
        for badge in worn:
            alt = f"Photo of {badge.public_name}"
            assert page.get_by_role("img", name=alt).count() == 1
        assert "Compare the face with the photo" in page.inner_text(".expected_now")
    assert complaints == []


def test_who_has_no_photo_is_named_without_one(
    site: Site, street: Street, issued: Issued, worn: list[Badge]
):
    admin = street.make.actor(street.make.user(street.organisation, Role.ADMIN))
    now = street.make.clock.now()
    photos.remove(street.session, admin, worn[0].id, now=now)
    site.world.clock.forward(minutes=12)
    with site.page() as page:
        site.check(page, issued.letters)
        assert widths(page) == [300]
        assert page.inner_text(".faces") == worn[1].public_name
        assert worn[0].public_name in page.inner_text(".expected_now dl")


@pytest.mark.usefixtures("worn")
def test_before_its_time_a_visit_shows_no_face(
    site: Site, street: Street, issued: Issued
):
    street.visit.planned_start += timedelta(hours=5)
    street.visit.planned_end += timedelta(hours=5)
    with site.page() as page:
        site.check(page, issued.letters)
        assert "Genuine, but not expected now" in page.inner_text(".not_now")
        assert "data:image" not in page.content()


@pytest.mark.parametrize("act", [badges.suspend, badges.revoke])
def test_a_badge_that_was_taken_away_shows_no_face(
    site: Site, street: Street, issued: Issued, worn: list[Badge], act
):
    admin = street.make.actor(street.make.user(street.organisation, Role.ADMIN))
    now = street.make.clock.now()
    act(street.session, admin, worn[0].id, reason="under review", now=now)
    site.world.clock.forward(minutes=12)
    with site.page() as page:
        site.check(page, issued.letters)
        assert "Do not open" in page.inner_text(".not_valid")
        assert "data:image" not in page.content()


@SQLITE
@pytest.mark.usefixtures("worn")
def test_pictures_inside_the_page_are_let_in_only_where_there_are_some(
    site: Site, issued: Issued
):
    site.world.clock.forward(minutes=12)
    with site.page() as page:
        form = {"code": issued.letters}
        plain = page.context.request.get("/verify")
        good = page.context.request.post("/verify", form=form)
    assert "data:" not in plain.headers["content-security-policy"]
    policy = good.headers["content-security-policy"]
    assert "img-src 'self' data:;" in policy
    assert policy.startswith("default-src 'none'")
    assert good.headers["cache-control"] == "no-store"


@SQLITE
@pytest.mark.usefixtures("worn")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_faces_fit_a_narrow_phone(site: Site, issued: Issued, lang: str):
    site.world.clock.forward(minutes=12)
    narrow = {"width": 320, "height": 568}
    with site.page(locale=lang, viewport=narrow) as page:
        site.check(page, issued.letters)
        assert widths(page) == [240, 300]
        assert overflow(page) <= 0
