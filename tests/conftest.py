"""Fixtures: two real databases for each test, a clock, and builders."""

from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from accounts import event_types
from core.keyring import Keyring
from models import AuditRow
from models.sealed import ring
from tests.support.clock import FakeClock
from tests.support.databases import Database, PostgresFactory, SqliteFactory
from tests.support.make import Make
from tests.support.postgres import Cluster
from tests.support.street import Street

KEYRING = Keyring.generate()
CLUSTER = pytest.StashKey[Cluster]()


def pytest_configure(config: pytest.Config) -> None:
    """One cluster for the whole run; xdist's workers get its address.

    How soon Hypothesis finds its inputs says something of the machine and nothing of
    the code: it fails no test.
    """
    slow = [HealthCheck.too_slow]
    settings.register_profile("anywhere", deadline=None, suppress_health_check=slow)
    settings.load_profile("anywhere")
    ring.use(KEYRING)
    if not hasattr(config, "workerinput"):
        try:
            config.stash[CLUSTER] = Cluster().start()
        except RuntimeError as error:
            raise pytest.UsageError(str(error)) from error


def pytest_configure_node(node: object) -> None:
    """Called by xdist in the controller for each of its workers."""
    cluster = node.config.stash[CLUSTER]  # type: ignore[attr-defined]
    node.workerinput["postgres"] = cluster.dsn("postgres")  # type: ignore[attr-defined]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The cluster ends with the run; the last line counts."""
    if cluster := config.stash.get(CLUSTER, None):
        cluster.stop()
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput"):
        reporter.ensure_newline()
        reporter.write_line(counts(reporter.stats))


def counts(stats: Mapping[str, Sequence[object]]) -> str:
    """What became of the tests; an error in a fixture is a failure."""
    passed, skipped = (len(stats.get(word, ())) for word in ("passed", "skipped"))
    failed = len(stats.get("failed", ())) + len(stats.get("error", ()))
    return f"{passed} passed, {failed} failed, {skipped} skipped"


@pytest.fixture(scope="session")
def sqlite_factory(tmp_path_factory: pytest.TempPathFactory) -> SqliteFactory:
    """Makes SQLite databases."""
    return SqliteFactory(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_factory(request: pytest.FixtureRequest) -> PostgresFactory:
    """Makes PostgreSQL databases."""
    worker = getattr(request.config, "workerinput", None)
    if worker is None:
        dsn = request.config.stash[CLUSTER].dsn("postgres")
        return PostgresFactory(dsn, "main")
    return PostgresFactory(worker["postgres"], worker["workerid"])


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh, migrated, empty database; the test runs once on each kind."""
    name = "sqlite_factory" if request.param == "sqlite" else "postgres_factory"
    factory = request.getfixturevalue(name)
    made = factory.new()
    yield made
    unlisted = unlisted_events(made)
    factory.drop(made)
    assert unlisted == set(), "list them in accounts/event_types.py"


def unlisted_events(made: Database) -> set[str]:
    """Types of audit rows that this test has left and no list names.

    What a test about the audit itself writes has no dot.
    """
    with made.engine.connect() as connection:
        if not inspect(connection).has_table("audit_rows"):
            return set()
        found = set(connection.scalars(select(AuditRow.action).distinct()))
    known = (event_types.FOR_STAFF, event_types.FOR_OFFICERS)
    named = {*event_types.OF_THE_INSTALLATION, *(one for of in known for one in of)}
    return {one for one in found - named if "." in one}


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session of the test's own; it commits only where the test says so."""
    with database.sessions() as session:
        yield session


@pytest.fixture
def clock() -> FakeClock:
    """10:00 on a Tuesday in Hangzhou."""
    return FakeClock()


@pytest.fixture
def make(session: Session, clock: FakeClock) -> Make:
    """Builders in the test's session."""
    return Make(session, clock)


@pytest.fixture
def street(make: Make, database: Database) -> Street:
    """A pair of collectors at a door, with colleagues and officers on duty."""
    return Street(make, database)


@pytest.fixture
def world(database: Database, make: Make, clock: FakeClock) -> Iterator[object]:
    """The server (``tests.support.world.World``) over this database and clock."""
    from tests.support.world import World

    made = World(database, make, clock)
    yield made
    made.close()
