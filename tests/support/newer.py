"""A newer version of this very program: two more migrations, and code that goes along.

The first adds a column, the second takes ``process_pulses.program`` away, so that this
program cannot beat on that database any more.
"""

import shutil
from pathlib import Path

from models import migrate
from tests.support.premises import Premises, Process, until

ROOT = Path(__file__).parents[2]
ROOMS = ("core", "models", "accounts", "gate", "credentials", "planning", "contact")
EXPAND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9001", "{head}"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("process_pulses", sa.Column("place", sa.String(4)))


def downgrade() -> None:
    op.drop_column("process_pulses", "place")
"""
CONTRACT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9002", "9001"
branch_labels = depends_on = None
contracts = True


def upgrade() -> None:
    op.drop_column("process_pulses", "program")


def downgrade() -> None:
    op.add_column("process_pulses", sa.Column("program", sa.String(4)))
"""


class Newer:
    """The newer program in a folder of its own, over the same database and keys."""

    def __init__(self, premises: Premises, folder: Path) -> None:
        self.premises, self.folder = premises, folder
        for room in (*ROOMS, "safety", "server"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / room, folder / room, ignore=ignored)
        versions = folder / "models" / "migrations" / "versions"
        expand = EXPAND.format(head=migrate.head())
        (versions / "9001_place.py").write_text(f'"""Add a place."""\n{expand}')
        (versions / "9002_program.py").write_text(
            f'"""Drop the program."""\n{CONTRACT}'
        )
        model = folder / "models" / "processes.py"
        text, old = (
            model.read_text("utf-8"),
            "program: Mapped[str | None] = mapped_column(",
        )
        assert old in text
        model.write_text(text.replace(old, f'{old}"place", '), "utf-8")

    def run(self, *words: str, port: int) -> Process:
        """One of its commands or processes."""
        environ = {
            **self.premises.environ,
            "PYTHONPATH": str(self.folder),
            "VOUCHSAFE_PORT": str(port),
        }
        log = self.folder / f"{words[0]}{len(self.premises.started)}.log"
        process = Process(["-P", "-m", "server.cli", *words], environ, log, fresh=True)
        self.premises.started.append(process)
        return process

    def migrate(self, *options: str) -> str:
        """Run its migrate; what it printed."""
        process = self.run("migrate", *options, port=1)
        assert process.ends() == 0, process.said()
        return process.said()

    def start(self, role: str, *, port: int) -> Process:
        """A worker, sentinel or web of the newer version, once it works."""
        process = self.run(role, port=port)
        if role == "web":
            url = f"http://127.0.0.1:{port}"
            until(role, lambda: self.premises.status("/healthz", base=url) == 200)
        else:
            until(role, lambda: f"{role} started" in process.said())
        return process
