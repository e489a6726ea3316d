"""Web, worker, sentinel, and all three under one parent."""

import socket
import threading
from collections.abc import Callable

import click
import structlog
from flask import Flask

from server import metrics, tracing
from server import runtime as runtimes
from server.commands import console, keys, setup
from server.processes import door, parent, stopping, web
from server.processes.crew import Crew
from server.processes.pulse import WebPulse
from server.processes.sentinel import Sentinel
from server.processes.worker import Worker
from server.runtime import Runtime
from server.settings import Settings, from_environment

log = structlog.get_logger("vouchsafe.start")
Make = Callable[[Runtime], Flask]


@click.command("web")
def web_command() -> None:
    """Serve HTTP; VOUCHSAFE_PROCESSES, or more of these elsewhere, to scale."""
    make = _routes()
    settings = from_environment()
    doors = door.sockets(settings)
    if settings.processes == 1:
        serve(make, settings, doors, stopping.event())
        return
    runtimes.start(settings).engine.dispose()  # what is wrong is said once
    crew = Crew(settings.processes, doors)
    place = crew.lead()
    if place is not None:
        serve(make, metrics.at_place(settings, place), doors, crew.told())


def _routes() -> Make:
    """Read here, before a fork and for web alone: they are a third of a start."""
    from server.app import create_app  # noqa: PLC0415

    return create_app


def serve(
    make: Make,
    settings: Settings,
    doors: list[socket.socket],
    asked: threading.Event,
) -> None:
    """One web process, from its start to its end."""
    runtime = runtimes.start(settings)
    if settings.leads_nowhere:
        log.warning(
            "notices and log-in pages lead to this machine alone: set "
            "VOUCHSAFE_PUBLIC_URL to the address that people can open",
            public_url=settings.public_url,
        )
    metrics.serve(runtime)
    tracing.start(runtime, "web")
    with WebPulse(runtime):
        web.serve(settings, make(runtime), doors, asked)


@click.command("worker")
def worker_command() -> None:
    """Open alerts, escalate them, send messages, seal the audit."""
    runtime = runtimes.start(from_environment())
    metrics.serve(runtime)
    tracing.start(runtime, "worker")
    Worker(runtime).run()


@click.command("sentinel")
def sentinel_command() -> None:
    """Watch the workers and the alerts."""
    runtime = runtimes.start(from_environment())
    metrics.serve(runtime, tells_of_database=True)
    tracing.start(runtime, "sentinel")
    Sentinel(runtime).run()


@click.command("run")
def run_command() -> None:
    """Run web, worker and sentinel; make keys and database if they are missing."""
    settings = from_environment()
    door.close(door.sockets(settings))
    if not settings.keys_file.exists():
        keys.write(settings)
    setup.prepare(settings)
    runtimes.start(settings).engine.dispose()
    logs = settings.home / "logs"
    console.print(f"Serving at {settings.public_url}; logs in {logs}. Ctrl-C stops it.")
    parent.serve({}, logs, webs=settings.processes)
    console.print("Stopped.")
