"""Photos on badges: one at a time, sealed, gone when nobody needs them."""

import threading

import pytest
from sqlalchemy import func, select

from core.actor import Actor
from core.errors import Conflict, NotFound
from core.words import Role
from credentials import badges, photos
from models import AuditRow, Badge, BadgePhoto
from tests.support.databases import Database
from tests.support.street import Street

FACE, OTHER = b"a face in a JPEG", b"another face"


@pytest.fixture
def admin(street: Street) -> Actor:
    """Who gives out badges."""
    return street.make.actor(street.make.user(street.organisation, Role.ADMIN))


@pytest.fixture
def badge(street: Street) -> Badge:
    """A collector's badge without a photo."""
    return street.make.badge(street.chen)


def put(street: Street, admin: Actor, badge: Badge, picture: bytes = FACE) -> None:
    """Give the badge a photo now."""
    now = street.make.clock.now()
    photos.put(street.session, admin, badge.id, picture=picture, now=now)


def kept(street: Street) -> int:
    """How many photos there are."""
    return street.session.scalars(select(func.count(BadgePhoto.id))).one()


def actions(street: Street, badge: Badge) -> list[str]:
    """What was recorded of this badge, in order."""
    query = select(AuditRow.action).where(AuditRow.subject_id == badge.id)
    return list(street.session.scalars(query.order_by(AuditRow.id)))


def test_a_photo_reads_back_and_is_recorded(street: Street, admin: Actor, badge: Badge):
    put(street, admin, badge)
    assert photos.of(street.session, admin, badge.id) == FACE
    [row] = street.session.scalars(select(BadgePhoto))
    assert row.id == badge.photo_id
    assert row.set_by == admin.user_id
    assert FACE not in bytes(row.image_sealed)
    assert actions(street, badge) == ["badge.photo_set"]


def test_a_second_photo_replaces_the_first(street: Street, admin: Actor, badge: Badge):
    put(street, admin, badge)
    first = badge.photo_id
    put(street, admin, badge, OTHER)
    assert photos.of(street.session, admin, badge.id) == OTHER
    assert kept(street) == 1
    assert badge.photo_id != first


def test_a_removed_photo_is_gone(street: Street, admin: Actor, badge: Badge):
    put(street, admin, badge)
    now = street.make.clock.now()
    photos.remove(street.session, admin, badge.id, now=now)
    assert kept(street) == 0
    assert actions(street, badge) == ["badge.photo_set", "badge.photo_removed"]
    for act in (
        lambda: photos.of(street.session, admin, badge.id),
        lambda: photos.remove(street.session, admin, badge.id, now=now),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_revoked_badge_loses_its_photo_and_takes_none(
    street: Street, admin: Actor, badge: Badge
):
    put(street, admin, badge)
    now = street.make.clock.now()
    photos.revoke(street.session, admin, badge.id, reason="left us", now=now)
    assert kept(street) == 0
    assert badge.photo_id is None
    with pytest.raises(Conflict):
        put(street, admin, badge)
    assert kept(street) == 0


def test_a_suspended_badge_keeps_its_photo(street: Street, admin: Actor, badge: Badge):
    put(street, admin, badge)
    now = street.make.clock.now()
    badges.suspend(street.session, admin, badge.id, reason="under review", now=now)
    assert photos.of(street.session, admin, badge.id) == FACE


def test_another_tenants_badge_has_no_photo_for_us(street: Street, badge: Badge):
    other = street.make.organisation()
    stranger = street.make.actor(street.make.user(other, Role.ADMIN))
    owner = street.make.actor(street.make.user(street.organisation, Role.ADMIN))
    put(street, owner, badge)
    now = street.make.clock.now()
    for act in (
        lambda: photos.of(street.session, stranger, badge.id),
        lambda: photos.remove(street.session, stranger, badge.id, now=now),
        lambda: put(street, stranger, badge, OTHER),
    ):
        with pytest.raises(NotFound):
            act()
    assert photos.of(street.session, owner, badge.id) == FACE


def test_a_damaged_photo_is_left_out_and_the_others_shown(
    street: Street, admin: Actor, badge: Badge
):
    second, bare = street.make.badge(street.wu), street.make.badge(street.zhou)
    put(street, admin, badge)
    put(street, admin, second, OTHER)
    row = street.session.get_one(BadgePhoto, badge.photo_id)
    row.image_sealed = street.session.get_one(BadgePhoto, second.photo_id).image_sealed
    street.session.flush()
    assert photos.shown(street.session, [bare, second, badge]) == [None, OTHER, None]


def test_of_two_photos_at_once_one_is_left(
    street: Street, admin: Actor, badge: Badge, database: Database
):
    street.session.commit()
    badge_id, now = badge.id, street.make.clock.now()
    ready, failed = threading.Barrier(2), []

    def work(picture: bytes) -> None:
        ready.wait(10)
        try:
            with database.sessions.begin() as session:
                photos.put(session, admin, badge_id, picture=picture, now=now)
        except Exception as error:
            failed.append(error)

    both = [threading.Thread(target=work, args=(one,)) for one in (FACE, OTHER)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    street.session.expire_all()
    assert failed == []
    assert kept(street) == 1
    assert photos.of(street.session, admin, badge_id) in {FACE, OTHER}
