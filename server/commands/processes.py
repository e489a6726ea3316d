"""Web, worker, sentinel, and all three under one parent."""

import socket

import click

from core.errors import Misconfigured
from server import metrics, tracing
from server import runtime as runtimes
from server.app import create_app
from server.commands import console, keys, setup
from server.processes import parent, web
from server.processes.pulse import WebPulse
from server.processes.sentinel import Sentinel
from server.processes.worker import Worker
from server.settings import Settings, from_environment


@click.command("web")
def web_command() -> None:
    """Serve HTTP; start more of these on other ports or hosts to scale."""
    settings = from_environment()
    require_free(settings)
    runtime = runtimes.start(settings)
    metrics.serve(runtime)
    tracing.start(runtime, "web")
    with WebPulse(runtime):
        web.serve(settings, create_app(runtime))


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
    require_free(settings)
    if not settings.keys_file.exists():
        keys.write(settings)
    setup.prepare(settings)
    runtimes.start(settings).engine.dispose()
    logs = settings.home / "logs"
    console.print(f"Serving at {settings.public_url}; logs in {logs}. Ctrl-C stops it.")
    parent.serve({}, logs)
    console.print("Stopped.")


def require_free(settings: Settings) -> None:
    """``Misconfigured`` where somebody else listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Misconfigured(
                f"Cannot listen on {settings.host}:{settings.port} "
                f"({error.strerror}): set VOUCHSAFE_HOST or VOUCHSAFE_PORT."
            ) from error
