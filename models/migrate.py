"""Move a database to the schema revision that this version of the program speaks.

Revisions are four digits and only grow. A database may be ahead of a program: what was
added does not disturb it, until a migration takes something away and says so in
``installation.oldest_program``: its module says ``contracts = True``, ``env.py`` does
the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

MIGRATIONS = Path(__file__).parent / "migrations"


def config(engine: Engine) -> Config:
    """Alembic's configuration in code; there is no ini file to get lost."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.attributes["engine"] = engine
    return settings


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply every migration up to ``revision``."""
    command.upgrade(config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Undo migrations down to ``revision``; data of dropped tables is gone."""
    command.downgrade(config(engine), revision)


def current(engine: Engine) -> str | None:
    """The revision the database is at; ``None`` when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@dataclass(frozen=True, slots=True)
class Step:
    """One migration; one that ``contracts`` takes away what older programs need."""

    revision: str
    what: str
    contracts: bool


@cache
def head() -> str:
    """The newest revision this program knows."""
    return _steps()[-1].revision


@cache
def needed() -> str:
    """The oldest database this program serves: what it will only take away may wait."""
    return next(step.revision for step in reversed(_steps()) if not step.contracts)


def plan(engine: Engine) -> list[Step]:
    """What ``upgrade`` would do, oldest first; nothing where the database is ahead."""
    revision = current(engine) or ""
    return [step for step in _steps() if step.revision > revision]


def oldest_program(revision: str) -> str:
    """The oldest program that a database at that revision serves."""
    contracting = (step.revision for step in _steps() if step.contracts)
    return max((one for one in contracting if one <= revision), default="0001")


@cache
def _steps() -> tuple[Step, ...]:
    """Every migration this program knows, oldest first."""
    return tuple(reversed([*_scripts()]))


def _scripts() -> Iterator[Step]:
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    for script in ScriptDirectory.from_config(settings).walk_revisions():
        contracts = getattr(script.module, "contracts", False)
        yield Step(script.revision, script.doc, contracts)


def obstacle(engine: Engine) -> str | None:
    """Why this program may not serve this database, as a sentence; ``None``: it may."""
    revision = current(engine)
    if revision is None or revision < needed():
        return (
            f"The database is at revision {revision}; this version needs {needed()}: "
            "run `vouchsafe migrate`."
        )
    query = text("SELECT oldest_program FROM installation")
    with engine.connect() as connection:
        oldest = connection.scalar(query)
    if oldest is not None and oldest > head():
        return (
            f"The database serves programs from revision {oldest} on; this one knows "
            f"{head()}: start the newer version."
        )
    return None
