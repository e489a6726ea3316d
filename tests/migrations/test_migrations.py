"""Migrations: from empty they give the models, and they can go back and forth."""

import pytest
from alembic import command
from sqlalchemy.exc import IntegrityError

from core.words import Role
from models import Visitor, migrate
from tests.support.databases import Database
from tests.support.make import Make


def test_upgrade_leaves_nothing_to_generate(database: Database):
    command.check(migrate.config(database.engine))


def test_supported_revisions_end_with_the_head(database: Database):
    assert migrate.head(database.engine) == migrate.SUPPORTED[-1]
    assert migrate.current(database.engine) == migrate.head(database.engine)


def test_down_and_up_again(database: Database):
    migrate.downgrade(database.engine, "base")
    assert migrate.current(database.engine) is None
    migrate.upgrade(database.engine)
    command.check(migrate.config(database.engine))


def test_the_database_refuses_overlapping_visits(make: Make):
    organisation = make.organisation()
    collector = make.user(organisation, Role.COLLECTOR)
    place = make.place(make.case(organisation))
    first = make.visit(place, [collector])
    again = Visitor(
        organisation_id=organisation.id,
        visit_id=make.visit(place, []).id,
        user_id=collector.id,
        badge_id=make.badge(collector).id,
        planned_start=first.planned_start,
        planned_end=first.planned_end,
    )
    make.session.add(again)
    with pytest.raises(IntegrityError, match="ex_visitors_no_overlap"):
        make.session.flush()
