"""Whoever imports case files in the tests of services."""

import pytest

from core.words import Role
from planning import import_jobs
from tests.support.case_file import a_file


@pytest.fixture
def actor(make):
    """A dispatcher of an agency."""
    return make.actor(make.user(make.organisation(), Role.DISPATCHER))


@pytest.fixture
def take(session, actor, clock, database):
    """Import these lines as the dispatcher."""

    def _take(*lines, by=actor, tell=lambda *_: None, dry_run=False):
        session.commit()
        sessions, chunks = database.sessions, [a_file(*lines)]
        session.expire_all()
        return import_jobs.take(
            sessions,
            by,
            chunks=chunks,
            clock_now=clock.now,
            tell=tell,
            dry_run=dry_run,
        )

    return _take
