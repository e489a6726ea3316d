"""The page that is read to the police, in a real browser and in both languages."""

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from core.words import AlertKind, Harm, IncidentCategory, Role
from credentials import photos
from models import Alert, Badge, Organisation, User
from safety import incidents, vehicles
from safety.incidents import Account
from tests.support import samples
from tests.support.make import HANGZHOU
from tests.support.site import Site, press
from tests.support.street import Street

pytestmark = pytest.mark.web
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CAR = "white VW Polo, 浙A·12345"


@pytest.fixture
def alert(street: Street) -> Alert:
    """Chen calls for help at a door where a knife was drawn before."""
    session, make = street.session, street.make
    now, chen = make.clock.now(), make.actor(street.chen)
    admin = make.actor(make.user(street.organisation, Role.ADMIN))
    badge = session.scalars(select(Badge).where(Badge.user_id == street.chen.id)).one()
    photos.put(session, admin, badge.id, picture=samples.picture("teal"), now=now)
    vehicles.put(session, chen, street.chen.id, words=CAR, now=now)
    said = Account(IncidentCategory.WEAPON, Harm.SHAKEN, now, "a knife was drawn", ())
    about = {"alert_id": None, "visit_id": street.visit.id, "place_id": None}
    incidents.report(session, chen, said, **about, now=now)
    street.phone(street.chen).check_in(street.visit)
    make.clock.forward(minutes=4)
    street.phone(street.chen).sos(
        street.visit, position=HANGZHOU, words="他不让我走。He does not let me go."
    )
    session.commit()
    make.clock.forward(seconds=50)
    return street.alerts(AlertKind.SOS)[0]


def enter(site: Site, page: Page, user: User) -> None:
    """Log in as that user."""
    session = site.world.make.session
    slug = session.get_one(Organisation, user.organisation_id).slug
    login = user.login or ""
    session.commit()
    site.log_in(page, slug, login)


def test_an_officer_opens_it_from_the_alert_and_reads_everything(
    site: Site, street: Street, alert: Alert
):
    chen = street.chen
    facts = [chen.name, chen.phone, CAR, street.place.address, street.wu.name]
    with site.page() as page:
        enter(site, page, street.officer)
        page.goto(f"/safety/{alert.id}")
        press(page, page.get_by_role("link", name="Facts for the police call"))
        text = page.inner_text("main")
        assert [fact for fact in facts if fact not in text] == []
        assert "Call 110." in text
        assert "He does not let me go." in text
        assert "30.27410, 120.15510" in text
        assert "50 s old" in text
        assert "within about 15 m" in text
        assert "weapon · shaken" in text
        assert "a knife was drawn" in text
        width = "document.querySelector('.faces img').naturalWidth"
        assert page.evaluate(width) > 0
        assert page.locator("form").count() == 1  # to log out: nothing here acts
        press(page, page.get_by_role("link", name="Back to the alert"))
        assert page.url.endswith(str(alert.id))


@SQLITE
def test_it_fits_a_phone_in_chinese_and_says_all_of_it(
    site: Site, street: Street, alert: Alert
):
    narrow = {"width": 320, "height": 568}
    script = "document.documentElement.scrollWidth - window.innerWidth"
    with site.page(locale="zh-CN", viewport=narrow) as page:
        enter(site, page, street.officer)
        page.goto(f"/safety/{alert.id}/handover")
        text = page.inner_text("main")
        assert "请拨打 110" in text
        assert "误差约 15 米" in text
        assert "持械 · 受惊" in text
        assert page.evaluate(script) <= 0


@SQLITE
def test_nobody_reads_it_without_a_log_in_nor_from_another_organisation(
    site: Site, street: Street, alert: Alert
):
    stranger = street.make.user(street.make.organisation(), Role.SAFETY_OFFICER)
    with site.page() as page:
        page.goto(f"/safety/{alert.id}/handover")
        assert page.url.endswith("/safety/login")
        enter(site, page, stranger)
        answer = page.goto(f"/safety/{alert.id}/handover")
        assert answer is not None
        assert answer.status == 404
        assert street.chen.name not in page.inner_text("body")


@SQLITE
def test_an_old_position_and_a_missing_one_say_what_they_are_worth(
    site: Site, street: Street, alert: Alert
):
    street.make.clock.forward(hours=3)
    street.phone(street.zhou).sos(None)
    query = select(Alert).where(Alert.user_id == street.zhou.id)
    other = street.session.scalars(query).one()
    street.session.commit()
    with site.page() as page:
        enter(site, page, street.officer)
        page.goto(f"/safety/{alert.id}/handover")
        assert "3 h 0 min old" in page.inner_text(".positions")
        page.goto(f"/safety/{other.id}/handover")
        text = page.inner_text("main")
        assert "There is no position at all" in text
        assert "There is no place of a visit" in text
