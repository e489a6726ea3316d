"""Fixtures of the tests that run real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.databases import Database
from tests.support.gateway import Gateway
from tests.support.missed import Missed
from tests.support.premises import Premises


@pytest.fixture
def empty_premises(database: Database, tmp_path: Path) -> Iterator[Premises]:
    """A home folder and a database that know nothing of each other yet."""
    premises = Premises(database, tmp_path)
    yield premises
    premises.close()


@pytest.fixture
def premises(empty_premises: Premises) -> Premises:
    """An installation whose processes can start."""
    return empty_premises.install()


@pytest.fixture
def missed(premises: Premises, session: Session) -> Missed:
    """The people of the missed check-out, and its steps."""
    return Missed(premises, session)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway that hangs until it is told to answer."""
    gateway = Gateway()
    yield gateway
    gateway.close()
