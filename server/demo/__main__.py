"""``make demo``: a fresh database, three processes, the day, then serve on."""

import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import requests
from rich.console import Console

from accounts import organisations, passwords, users
from core.errors import VouchsafeError
from core.instants import Interval, zone
from core.words import Channel, Role
from gate import hours, packs
from safety import policies
from server import runtime as runtimes
from server.commands import keys, setup
from server.demo import house
from server.demo.client import Person, StoryFailed, until
from server.demo.story import STEPS, Story
from server.demo.telling import HANGZHOU, Telling
from server.processes.parent import Parent
from server.settings import Settings, from_environment

console = Console()


@click.command()
@click.option("--exit", "exits", is_flag=True, help="end after the story")
def main(exits: bool) -> None:
    """Play the day; status 0 only if every step was seen through the API."""
    home = Path(tempfile.mkdtemp(prefix="vouchsafe-demo-"))
    settings = _settings(home)
    offset = _until_morning()
    _prepare(settings, offset)
    parent = Parent(_environment(settings), home / "logs")
    parent.start()
    try:
        seen = _play(settings, offset)
        if seen and not exits:
            _farewell(settings, home, seen.code_left)
            _wait()
    finally:
        parent.stop()
    if seen:
        shutil.rmtree(home)
    else:
        console.print(f"Messages and logs are kept in {home}.")
    sys.exit(0 if seen else 1)


def _settings(home: Path) -> Settings:
    port = _free_port()
    return Settings(
        home=home,
        database_url=f"sqlite:///{home / 'vouchsafe.sqlite3'}",
        keys_file=home / "keys.json",
        public_url=f"http://127.0.0.1:{port}",
        port=port,
    )


def _free_port() -> int:
    """``VOUCHSAFE_PORT`` or 8000 where it is free, else any."""
    for wanted in (from_environment().port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
    raise StoryFailed("there is no free port on 127.0.0.1")


def _until_morning() -> timedelta:
    """From now to the beginning of the next lawful window of visits in Hangzhou."""
    now = datetime.now(UTC)
    pack = packs.shipped()["CN"]
    span = Interval(now, now + timedelta(days=3))
    windows = hours.lawful(pack, zone(str(HANGZHOU)), span, Channel.VISIT)
    return next(window.start for window in windows if window.start > now) - now


def _prepare(settings: Settings, offset: timedelta) -> None:
    """Keys, database with its constant offset, the organisation and its admin."""
    keys.write(settings)
    setup.prepare(settings, demo=True, offset_s=offset.total_seconds())
    runtime = runtimes.start(settings)
    password = passwords.hash_password(house.PASSWORD)
    with runtime.sessions.begin() as session:
        now = runtime.clock.now(session)
        organisation = organisations.create(
            session,
            slug=house.SLUG,
            name="Hangzhou Demo Agency（虚构）",
            public_name="Westlake Field Service（虚构）",
            country="CN",
            fallback_phones=["+8657188880000"],
            emergency_phone="110",
            second_factor_required=False,
            now=now,
        )
        policies.install(session, organisation)
        users.create(
            session,
            organisation_id=organisation.id,
            login="admin",
            name="Admin",
            phone="+8613800000099",
            role=Role.ADMIN,
            password=password,
            created_by=None,
            now=now,
        )
    runtime.engine.dispose()


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "VOUCHSAFE_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "VOUCHSAFE_KEYS": str(settings.keys_file),
        "VOUCHSAFE_PUBLIC_URL": settings.public_url,
        "VOUCHSAFE_PORT": str(settings.port),
    }


def _play(settings: Settings, offset: timedelta) -> Story | None:
    """The story, if every step of it was seen."""
    began = time.monotonic()
    telling = Telling(console, STEPS)
    base = settings.public_url
    try:
        with console.status("Starting web server, worker and sentinel"):
            until("web, worker and database", 30, lambda: _ready(base))
        story = Story(
            house=house.build(base, offset),
            borrower=Person(base, offset, "borrower"),
            messages=settings.home / "messages",
            telling=telling,
        )
        telling.step(
            story.borrower.now(),
            "admin",
            "set up people, badges and an escalation policy",
        )
        story.play()
    except (StoryFailed, requests.RequestException, VouchsafeError) as error:
        console.print(f"[red]The story stopped:[/red] {error}", highlight=False)
        return None
    took = time.monotonic() - began
    complete = telling.seen == STEPS
    verdict = "every step was seen" if complete else f"{telling.seen} of {STEPS} seen"
    console.print(f"[bold green]{verdict}[/bold green] in {took:.0f} s")
    return story if complete else None


def _ready(base: str) -> bool:
    try:
        return requests.get(f"{base}/readyz", timeout=2).ok
    except requests.RequestException:
        return False


def _farewell(settings: Settings, home: Path, code: str) -> None:
    base = settings.public_url
    roles = ", ".join(f"{login} ({role})" for role, login, _ in house.STAFF)
    for line in (
        f"\nBorrower's check   {base}/verify  (type {code}, good for an hour)",
        f"Safety desk        {base}/safety  (log in as shen)",
        f"API                {base}/openapi.json",
        f"Messages and logs  {home}  (removed at the end)",
        f"Organisation       {house.SLUG}",
        f"Accounts           admin (admin), {roles}",
        f"Password, PIN      {house.PASSWORD}, {house.PIN}",
        "Serving until you press Ctrl-C.",
    ):
        console.print(line, highlight=False, soft_wrap=True)


def _wait() -> None:
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    done.wait()


if __name__ == "__main__":
    main()
