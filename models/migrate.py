"""Move a database to the schema revision that this version of the program speaks.

Revisions are four digits and only grow. A database may be ahead of a program: what was
added does not disturb it, until a migration takes something away and says so in
``installation.oldest_program``.
"""

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


@cache
def head() -> str:
    """The newest revision this program knows."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(settings).get_current_head()
    assert newest is not None
    return newest


def obstacle(engine: Engine) -> str | None:
    """Why this program may not serve this database, as a sentence; ``None``: it may."""
    revision = current(engine)
    if revision is None or revision < head():
        return (
            f"The database is at revision {revision}; this version needs {head()}: "
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
