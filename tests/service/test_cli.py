"""The operator's commands as an operator types them: one clear line for each error."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from core.errors import Misconfigured
from core.keyring import Keyring
from gate import packs
from models import migrate
from server import runtime
from server.commands import keys, setup
from server.settings import from_environment
from tests.support import forked
from tests.support.make import PASSWORD
from tests.support.premises import free_port

ROOT = Path(__file__).parents[2]
ADMIN = [
    "create-admin",
    "--organisation",
    "westlake",
    "--name",
    "Westlake",
    "--public-name",
    "Westlake",
    "--fallback-phone",
    "+8657188880000",
    "--login",
    "admin",
    "--phone",
    "+8613800000000",
]
IMPORT = ["import", "--organisation", "westlake", "--login", "Admin"]


@dataclass
class Shell:
    """One installation's folder and environment."""

    home: Path
    port: int = field(default_factory=free_port)

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of the machine's own but the path."""
        kept = {"PATH": os.environ["PATH"], "VOUCHSAFE_HOME": str(self.home)}
        own = {"VOUCHSAFE_PORT": str(self.port), "VOUCHSAFE_ADMIN_PASSWORD": PASSWORD}
        return {**kept, **own, **more}

    def __call__(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return forked.run(*words, environ=self.environment(**more), timeout=60)

    def fails(self, *words: str, **more: str) -> str:
        """Run a command that must fail with one line; that line."""
        done = self(*words, **more)
        assert done.returncode == 1, done.stderr
        assert done.stdout == ""
        [line] = done.stderr.strip().splitlines()
        return line

    def works(self, *words: str, **more: str) -> str:
        """Run a command that must work; what it printed."""
        done = self(*words, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An empty home."""
    return Shell(tmp_path / "home")


@pytest.fixture
def ready(shell: Shell) -> Shell:
    """Keys and database are there."""
    settings = from_environment(shell.environment())
    kept = runtime.ring.keyring
    keys.write(settings)
    setup.prepare(settings)
    runtime.ring.use(kept)
    return shell


def test_from_nothing_to_an_admin_and_a_record_that_holds(shell: Shell):
    assert "keys generate" in shell.fails("migrate")
    shell.works("keys", "generate")
    keys = shell.home / "keys.json"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert "vouchsafe migrate" in shell.fails("audit", "verify")
    shell.works("migrate")
    assert migrate.head() in shell.works("migrate")
    assert "admin can now log in to westlake" in shell.works(*ADMIN)
    assert "wait for a seal" in shell.works("audit", "verify")


def test_keys_are_never_written_over(ready: Shell):
    keys = ready.home / "keys.json"
    before = keys.read_bytes()
    assert "exists" in ready.fails("keys", "generate")
    assert keys.read_bytes() == before


def test_no_new_keys_are_written_beside_a_database_that_has_its_own(ready: Shell):
    (ready.home / "keys.json").rename(ready.home / "mislaid.json")
    for command in (["keys", "generate"], ["run"]):
        assert "keys of its own" in ready.fails(*command)
    assert not (ready.home / "keys.json").exists()


def test_other_keys_open_nothing(ready: Shell, tmp_path: Path):
    file = tmp_path / "other.json"
    file.write_text(Keyring.generate().dump(), encoding="utf-8")
    file.chmod(0o600)
    other = {"VOUCHSAFE_KEYS": str(file)}
    for command in (["migrate"], ["audit", "verify"], ["worker"], ["run"]):
        assert "do not belong" in ready.fails(*command, **other)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VOUCHSAFE_PORT", "http", "VOUCHSAFE_PORT"),
        ("VOUCHSAFE_PUBLIC_URL", "check.example", "VOUCHSAFE_PUBLIC_URL"),
        ("VOUCHSAFE_WATCHDOG_URL", "nonsense", "VOUCHSAFE_WATCHDOG_URL"),
        ("VOUCHSAFE_HOST", "", "VOUCHSAFE_HOST"),
        ("DATABASE_URL", "postgresql+psycopg://127.0.0.1:abc/x", "DATABASE_URL"),
        ("DATABASE_URL", "mysql://db/x", "DATABASE_URL"),
        ("DATABASE_URL", "postgresql+psycopg://127.0.0.1:1/x", "Database error"),
        ("DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3", "unable to open"),
        ("VOUCHSAFE_KEYS", "/nowhere/keys.json", "no keys at /nowhere/keys.json"),
    ],
)
def test_a_wrong_setting_is_named(ready: Shell, name: str, value: str, said: str):
    assert said in ready.fails("migrate", **{name: value})


def test_a_place_that_cannot_be_served_is_named(ready: Shell):
    assert "999.1.1.1" in ready.fails("web", VOUCHSAFE_HOST="999.1.1.1")


def test_keys_that_are_no_text_are_named(ready: Shell):
    (ready.home / "keys.json").write_bytes(bytes(range(128, 256)))
    assert "keys file" in ready.fails("worker")


def test_a_home_that_cannot_be_made_is_named(shell: Shell):
    place = "/proc/nowhere"
    assert place in shell.fails("keys", "generate", VOUCHSAFE_HOME=place)


def test_a_second_admin_and_a_weak_password_change_nothing(ready: Shell):
    weak = ready.fails(*ADMIN, VOUCHSAFE_ADMIN_PASSWORD="short")
    assert "12 to 200" in weak
    assert "0 sealed rows hold; 0 wait" in ready.works("audit", "verify")
    ready.works(*ADMIN)
    before = ready.works("audit", "verify")
    assert "taken" in ready.fails(*ADMIN)
    assert ready.works("audit", "verify") == before


def test_a_password_comes_from_a_terminal_or_the_environment_and_no_option(
    ready: Shell,
):
    said = ready.fails(*ADMIN, VOUCHSAFE_ADMIN_PASSWORD="")
    assert "no terminal" in said
    assert "set VOUCHSAFE_ADMIN_PASSWORD" in said
    told = ready.works("create-admin", "--help")
    assert "VOUCHSAFE_ADMIN_PASSWORD" in told
    assert "--password" not in told


def test_an_admin_where_there_are_no_rules_is_told_so(ready: Shell):
    assert "rule pack" not in ready.works(*ADMIN)
    berlin = ["berlin" if word == "westlake" else word for word in ADMIN]
    said = ready.works(*berlin, "--country", "DE")
    assert "There is no rule pack for DE: no visit there" in said
    assert "admin can now log in to berlin" in said


def test_the_last_admins_lost_authenticator_is_taken_away(ready: Shell):
    assert "/safety" in ready.works(*ADMIN)
    reset = ["reset-second-factor", "--organisation", "westlake", "--login"]
    assert "There is no such user." in ready.fails(*reset, "nobody")
    assert "has no second factor" in ready.fails(*reset, "admin")
    with sqlite3.connect(ready.home / "vouchsafe.sqlite3") as database:
        database.execute(
            "INSERT INTO second_factors (id, organisation_id, user_id, secret, "
            "created_at, confirmed_at) SELECT id, organisation_id, id, x'00', "
            "created_at, created_at FROM users"
        )
    assert "at the next log-in" in ready.works(*reset, "Admin")
    with sqlite3.connect(ready.home / "vouchsafe.sqlite3") as database:
        left = database.execute("SELECT count(*) FROM second_factors").fetchone()
        told = database.execute("SELECT kind, lane FROM messages").fetchall()
    assert (left, told) == ((0,), [("account", "ordinary")])


def test_an_import_names_lines_it_cannot_take_and_files_it_cannot_read(
    ready: Shell, tmp_path: Path
):
    ready.works(*ADMIN)
    file = tmp_path / "cases.csv"
    file.write_text("case,borrower\n1,2\n", encoding="utf-8")
    refused = ready.fails(*IMPORT, str(file))
    assert "cannot be read as a case file. file: Missing columns: case_id, " in refused
    assert refused.endswith("wish_avoid. Unknown columns, by position: 1, 2.")
    assert "no user admin in the organisation eastlake" in ready.fails(
        *["import", "--organisation", "eastlake", "--login", "admin"], str(file)
    )
    manual = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    example = manual.partition("```csv\n")[2].partition("```")[0]
    bad = example.splitlines()[1].replace("HZ-0001", "HZ-0002").replace(",60,", ",x,")
    file.write_text(f"{example}{bad}\n", encoding="utf-8")
    done = ready(*IMPORT, str(file))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1] == "1 new, 0 changed, 0 unchanged, 1 refused"
    assert "line 4, days_past_due: " in done.stdout
    file.write_text(example, encoding="utf-8")
    assert "1 unchanged, 0 refused" in ready.works(*IMPORT, str(file))


def test_a_taken_port_is_named_and_serving_ends_cleanly_on_ctrl_c(shell: Shell):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.listen()
        assert port in shell.fails("run", VOUCHSAFE_PORT=port)
    server = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "run"],
        env=shell.environment(VOUCHSAFE_PORT=port),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=0o022,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        seen = modes(shell.home)
    finally:
        server.send_signal(signal.SIGINT)
        out, said = server.communicate(timeout=30)
    assert server.returncode == 0
    assert out.splitlines()[-1] == "Stopped."
    assert said == ""
    assert {"vouchsafe.sqlite3", "vouchsafe.sqlite3-wal", "logs/web.log"} <= seen.keys()
    assert {name: mode for name, mode in seen.items() if mode & 0o077} == {}
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2)


def modes(home: Path) -> dict[str, int]:
    """The home and all in it by path, with their permissions."""
    found = [home, *home.rglob("*")]
    return {str(path.relative_to(home)): path.stat().st_mode for path in found}


def wait_for(url: str) -> None:
    """Until it answers 200; half a minute at most."""
    for _ in range(150):
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{url} did not become ready")


def test_a_rule_pack_that_is_wrong_stops_the_start(
    ready: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "xx.toml").write_text("rules = 7\n", encoding="utf-8")
    kept = runtime.ring.keyring
    settings = from_environment(ready.environment())
    runtime.start(settings).engine.dispose()
    monkeypatch.setattr(packs, "FOLDER", tmp_path)
    packs.shipped.cache_clear()
    try:
        with pytest.raises(Misconfigured, match=r"xx\.toml"):
            runtime.start(settings)
    finally:
        packs.shipped.cache_clear()
        runtime.ring.use(kept)
