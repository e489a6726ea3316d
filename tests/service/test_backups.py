"""What backup and restore refuse, what they keep, and what they say."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.keyring import Keyring
from models import migrate
from tests.service.test_cli import ADMIN, Shell, ready, shell

__all__ = ["ready", "shell"]


@pytest.fixture
def kept(ready: Shell, tmp_path: Path) -> Path:
    """A backup of an installation that has an admin."""
    ready.works(*ADMIN)
    file = tmp_path / "kept"
    said = ready.works("backup", str(file))
    assert "NOT in it" in said
    assert str(ready.home / "keys.json") in said
    return file


def place(shell: Shell) -> Path:
    """The database."""
    return shell.home / "vouchsafe.sqlite3"


def admins(path: Path) -> int:
    """How many people the database knows."""
    with closing(sqlite3.connect(path)) as connection:
        count: int = connection.execute("SELECT count(*) FROM users").fetchone()[0]
    return count


def test_a_backup_is_whole_and_for_its_owner_alone(ready: Shell, kept: Path):
    assert kept.stat().st_mode & 0o777 == 0o600
    assert admins(kept) == 1
    assert [path.name for path in kept.parent.iterdir() if path.is_file()] == ["kept"]


def test_a_backup_into_a_folder_names_itself_and_none_is_written_over(
    ready: Shell, kept: Path, tmp_path: Path
):
    folder = tmp_path / "backups"
    folder.mkdir()
    ready.works("backup", str(folder))
    [made] = folder.iterdir()
    assert made.name.startswith("vouchsafe-")
    before = kept.read_bytes()
    assert "exists already" in ready.fails("backup", str(kept))
    assert "no folder" in ready.fails("backup", str(tmp_path / "nowhere" / "kept"))
    assert kept.read_bytes() == before


def test_a_lost_database_comes_back_and_its_restoring_is_on_record(
    ready: Shell, kept: Path
):
    place(ready).unlink()
    said = ready.works("restore", str(kept))
    assert "NOT watched" in said
    assert "kept as" not in said
    assert admins(place(ready)) == 1
    with closing(sqlite3.connect(place(ready))) as connection:
        rows = connection.execute("SELECT action FROM audit_rows ORDER BY id")
        assert [action for (action,) in rows][-1] == "installation.restored"
    assert "wait for a seal" in ready.works("audit", "verify")
    assert place(ready).stat().st_uid == os.geteuid()


def test_what_is_newer_goes_only_if_it_is_said_and_is_kept_aside(
    ready: Shell, kept: Path
):
    another = ["second" if word == "admin" else word for word in ADMIN]
    ready.works(*another)
    before = admins(place(ready))
    words = ready.fails("restore", str(kept))
    assert "is newer" in words
    assert "--discard-newer" in words
    assert admins(place(ready)) == before == 2
    place(ready).chmod(0o644)
    ready.works("restore", "--discard-newer", str(kept))
    assert admins(place(ready)) == 1
    [aside] = ready.home.glob("vouchsafe.sqlite3.before-restore-*")
    assert aside.stat().st_mode & 0o777 == 0o600
    assert admins(aside) == 2


def test_a_broken_database_is_replaced_and_kept_aside(ready: Shell, kept: Path):
    place(ready).write_bytes(b"not a database" * 1000)
    ready.works("restore", str(kept))
    [aside] = ready.home.glob("vouchsafe.sqlite3.before-restore-*")
    assert aside.read_bytes().startswith(b"not a database")
    assert admins(place(ready)) == 1


def test_a_file_that_is_cut_short_or_something_else_is_refused(
    ready: Shell, kept: Path, tmp_path: Path
):
    before = place(ready).read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    other = tmp_path / "other"
    other.write_text("case,borrower\n", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.touch()
    for file in (cut, other, empty):
        assert "not a whole database" in ready.fails("restore", str(file))
    assert place(ready).read_bytes() == before


def test_with_other_keys_nothing_is_backed_up_or_restored(
    ready: Shell, kept: Path, tmp_path: Path
):
    file = tmp_path / "other.json"
    file.write_text(Keyring.generate().dump(), encoding="utf-8")
    file.chmod(0o600)
    other = {"VOUCHSAFE_KEYS": str(file)}
    assert "do not belong" in ready.fails("restore", str(kept), **other)
    file = tmp_path / "never"
    assert "do not belong" in ready.fails("backup", str(file), **other)
    assert not file.exists()


def test_a_data_key_that_is_missing_is_named(ready: Shell, kept: Path):
    keys = ready.home / "keys.json"
    ring = Keyring.parse(keys.read_text(encoding="utf-8"))
    fresh = Keyring.generate()
    later = Keyring(fresh.current, fresh.data_keys, ring.root_key)
    keys.write_text(later.dump(), encoding="utf-8")
    assert ring.current in ready.fails("restore", str(kept))


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    ready: Shell, tmp_path: Path
):
    file = tmp_path / "older"
    ready.works("backup", str(file))
    downgrade(file, "0001")
    place(ready).unlink()
    ready.works("restore", str(file))
    assert migrate.head() in ready.works("migrate")
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version")
        assert found.fetchone() == ("0001",)


def test_a_backup_of_a_version_that_this_one_does_not_know_is_refused(
    ready: Shell, kept: Path
):
    with closing(sqlite3.connect(kept)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("UPDATE installation SET oldest_program = '9999'")
        connection.commit()
    place(ready).unlink()
    assert "start the newer version" in ready.fails("restore", str(kept))
    assert not place(ready).exists()


def downgrade(path: Path, revision: str) -> None:
    """The file as an older version would have written it."""
    from models import database

    engine = database.connect(f"sqlite:///{path}")
    migrate.downgrade(engine, revision)
    engine.dispose()


def test_postgresql_has_tools_of_its_own(ready: Shell, tmp_path: Path):
    url = {"DATABASE_URL": "postgresql+psycopg://127.0.0.1:1/x"}
    file = tmp_path / "file"
    assert "pg_dump" in ready.fails("backup", str(file), **url)
    file.touch()
    assert "pg_restore" in ready.fails("restore", str(file), **url)
