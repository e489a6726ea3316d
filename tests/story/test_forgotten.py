"""Whoever is in our files may have a copy, and be forgotten."""

from sqlalchemy import select

from accounts import sealer
from core.words import Role
from models import Borrower, Erasure
from tests.support.case_file import a_file
from tests.support.street import Street
from tests.support.world import World

CSV = {"content_type": "text/csv"}


def test_a_borrower_gets_his_copy_is_erased_and_no_file_brings_him_back(
    street: Street, world: World
):
    admin = world.client_as(street.make.user(street.organisation, Role.ADMIN))
    desk = world.client_as(street.make.user(street.organisation, Role.CONTACT_DESK))
    auditor = world.client_as(street.make.user(street.organisation, Role.AUDITOR))
    file = {"data": a_file({}), "headers": admin.headers, **CSV}
    assert admin.client.post("/v1/imports", **file).status_code == 202
    world.take_files()
    [case] = desk.get("/v1/cases", external_id="C-1").json["items"]
    borrower = desk.get(f"/v1/cases/{case['id']}").json["borrower"]["id"]
    mine = f"/v1/borrowers/{borrower}"

    copy = desk.post(f"{mine}/export").json
    assert copy["borrower"]["name"] == "王某"
    assert admin.put(f"{mine}/erasure").json["erased_at"]

    assert admin.client.post("/v1/imports", **file).status_code == 202
    world.take_files()
    assert desk.get("/v1/cases", external_id="C-1").json["items"] == []
    street.session.expire_all()
    erased = street.session.scalars(
        select(Borrower).where(Borrower.erased_at.is_not(None))
    )
    [receipt] = auditor.get("/v1/erasures").json["items"]
    assert [str(one.id) for one in erased] == [receipt["borrower_id"]] == [borrower]
    street.session.commit()
    sealer.seal(world.database.sessions, clock_now=world.clock.now)
    assert sealer.verify(street.session).broken is None
    assert len(street.session.scalars(select(Erasure)).all()) == 1
