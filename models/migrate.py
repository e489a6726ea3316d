"""Move a database to the schema revision that this version of the program speaks."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

SUPPORTED = ("0001",)  # the revisions on which this version may serve, newest last


def config(engine: Engine) -> Config:
    """Alembic's configuration in code; there is no ini file to get lost."""
    settings = Config()
    settings.set_main_option(
        "script_location", str(Path(__file__).parent / "migrations")
    )
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


def head(engine: Engine) -> str | None:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(config(engine)).get_current_head()
