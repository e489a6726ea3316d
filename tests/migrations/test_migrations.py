"""Migrations: from empty they give the models, and they can go back and forth."""

import pytest
from alembic import command
from sqlalchemy import Engine, delete, inspect, text
from sqlalchemy.exc import IntegrityError

from core.words import Role
from models import Installation, Visitor, migrate
from models.base import Base
from tests.support.databases import Database
from tests.support.make import Make


def test_upgrade_leaves_nothing_to_generate(database: Database):
    command.check(migrate.config(database.engine))


def test_upgrade_ends_at_the_head(database: Database):
    assert migrate.current(database.engine) == migrate.head()


def test_a_database_that_is_behind_names_the_command(database: Database):
    migrate.downgrade(database.engine, "0001")
    words = migrate.obstacle(database.engine)
    assert words is not None
    assert "run `vouchsafe migrate`" in words


@pytest.mark.parametrize(("oldest", "fits"), [("0001", True), ("9999", False)])
def test_a_program_serves_until_the_database_asks_for_a_newer_one(
    database: Database, oldest: str, fits: bool
):
    installation = Installation(
        number=1, demo=False, keyring_check="", oldest_program=oldest
    )
    with database.sessions.begin() as session:
        session.execute(delete(Installation))
        session.add(installation)
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert (migrate.obstacle(database.engine) is None) == fits


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


def guards(engine: Engine) -> dict[str, str]:
    """Every CHECK and every index with its predicate, as the database has them."""
    look = inspect(engine)
    found = {
        str(check["name"]): plain(check["sqltext"])
        for table in Base.metadata.tables
        for check in look.get_check_constraints(table)
    }
    indexes = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index'",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = 'public'",
    }
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(indexes[engine.dialect.name])
        found |= {name: plain(sql) for name, sql in rows if sql is not None}
    ours = {"alembic_version_pkc", "ex_visitors_no_overlap"}  # by hand, not by models
    return {name: sql for name, sql in found.items() if name not in ours}


def plain(sql: str) -> str:
    """One spelling, however it was laid out."""
    return " ".join(sql.split())


def test_checks_and_indexes_are_those_of_the_models(database: Database):
    migrated = guards(database.engine)
    migrate.downgrade(database.engine, "base")
    Base.metadata.create_all(database.engine)
    assert "ck_alerts_no_silent_end" in migrated
    assert "final_at IS NULL" in migrated["ix_messages_waiting"]
    assert migrated == guards(database.engine)
