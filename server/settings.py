"""What the environment says, read once; wrong values are named, not guessed."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from core.errors import Misconfigured

KEYS_FILE = "keys.json"
DATABASE_FILE = "vouchsafe.sqlite3"
WATCHDOG_TIMEOUT_S = 5
MANY_PROXIES = 9
MANY_THREADS = 20
REQUESTS_PER_MINUTE = 1200
MANY_PROCESSES = 64
MANY_REQUESTS = 1_000_000
PREFIX = "VOUCHSAFE_"
KNOWN = frozenset(
    PREFIX + name
    for name in (
        *("HOME", "KEYS", "PUBLIC_URL", "HOST", "PORT", "THREADS", "PROCESSES"),
        *("TRUSTED_PROXIES", "CORS_ORIGINS", "REQUESTS_PER_MINUTE", "METRICS"),
        *("PHOTOS", "WEBHOOK_TARGETS", "WATCHDOG_URL", "ADMIN_PASSWORD"),
    )
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Settings:
    """``home`` holds the keys and, by default, the SQLite database.

    ``trusted_proxies``: how many of ours stand before ``web``, each adding the address
    of its client to ``X-Forwarded-For``. ``processes``: of ``web`` behind one port.
    ``cors_origins``: whose pages may call the API from a browser.
    ``requests_per_minute``: of one log-in at one process, 0 for any.
    ``metrics``: where this process answers Prometheus.
    ``photos``: the folder of badge photos, as an address; None for the database.
    ``webhooks_anywhere``: they may lead into private networks, by http too.
    ``unknown``: variables with our prefix that mean nothing: misspelt, or of another
    version.
    """

    home: Path
    database_url: str
    keys_file: Path
    public_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    processes: int = 1
    watchdog_url: str | None = None
    trusted_proxies: int = 0
    cors_origins: tuple[str, ...] = ()
    requests_per_minute: int = 0
    metrics: tuple[str, int] | None = None
    webhooks_anywhere: bool = False
    photos: str | None = None
    unknown: tuple[str, ...] = ()

    @property
    def verify_url(self) -> str:
        """The bare address of the borrower's check, as notices carry it."""
        return f"{self.public_url}/verify"

    @property
    def leads_nowhere(self) -> bool:
        """Is it a larger installation whose addresses only this machine can open?"""
        here = urlsplit(self.public_url).hostname in LOOPBACK
        return here and not self.database_url.startswith("sqlite:")


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from ``DATABASE_URL`` and the ``VOUCHSAFE_*`` variables (README)."""
    home = Path(environ.get("VOUCHSAFE_HOME", "var")).absolute()
    host = environ.get("VOUCHSAFE_HOST", "127.0.0.1")
    port = _number(environ, "VOUCHSAFE_PORT", 8000)
    url = environ.get("DATABASE_URL", f"sqlite:///{home / DATABASE_FILE}")
    public = environ.get("VOUCHSAFE_PUBLIC_URL", f"http://{host}:{port}")
    watchdog = environ.get("VOUCHSAFE_WATCHDOG_URL")
    return Settings(
        home=home,
        database_url=_database(url),
        keys_file=Path(environ.get("VOUCHSAFE_KEYS", home / KEYS_FILE)),
        public_url=_address("VOUCHSAFE_PUBLIC_URL", public),
        host=_host(host),
        port=port,
        threads=_threads(environ),
        processes=_processes(environ, url),
        watchdog_url=_address("VOUCHSAFE_WATCHDOG_URL", watchdog) if watchdog else None,
        trusted_proxies=_proxies(environ),
        cors_origins=_origins(environ),
        requests_per_minute=_requests(environ),
        metrics=_metrics(environ),
        webhooks_anywhere=_targets(environ),
        photos=_photos(environ),
        unknown=tuple(
            sorted(
                one for one in environ if one.startswith(PREFIX) and one not in KNOWN
            )
        ),
    )


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Misconfigured(f"{name} must be a whole number from 1 to 65535.")
    return int(text)


def _threads(environ: Mapping[str, str]) -> int:
    """With the kept lanes no more than a process has connections to the database."""
    text = environ.get("VOUCHSAFE_THREADS", "8")
    if not text.isdecimal() or not 0 < int(text) <= MANY_THREADS:
        raise Misconfigured(
            f"VOUCHSAFE_THREADS must be a whole number from 1 to {MANY_THREADS}: with "
            "more an SOS would wait for a connection. VOUCHSAFE_PROCESSES gives more."
        )
    return int(text)


def _processes(environ: Mapping[str, str], url: str) -> int:
    """On SQLite they would only wait for the one writer, and for each other."""
    text = environ.get("VOUCHSAFE_PROCESSES", "1")
    if not text.isdecimal() or not 0 < int(text) <= MANY_PROCESSES:
        raise Misconfigured(
            f"VOUCHSAFE_PROCESSES must be a whole number from 1 to {MANY_PROCESSES}."
        )
    if int(text) > 1 and url.startswith("sqlite:"):
        raise Misconfigured(
            "VOUCHSAFE_PROCESSES above 1 needs PostgreSQL: SQLite has one writer at a "
            "time, more processes would only wait for it."
        )
    return int(text)


def _metrics(environ: Mapping[str, str]) -> tuple[str, int] | None:
    text = environ.get("VOUCHSAFE_METRICS")
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Misconfigured("VOUCHSAFE_METRICS must be like 127.0.0.1:9100.")
    return host, int(port)


def _proxies(environ: Mapping[str, str]) -> int:
    text = environ.get("VOUCHSAFE_TRUSTED_PROXIES", "0")
    if not text.isdecimal() or int(text) > MANY_PROXIES:
        raise Misconfigured(
            "VOUCHSAFE_TRUSTED_PROXIES must be a whole number from 0 to "
            f"{MANY_PROXIES}."
        )
    return int(text)


def _origins(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Scheme, host and port of each; a star would let any page in."""
    text = environ.get("VOUCHSAFE_CORS_ORIGINS", "")
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(ORIGIN.fullmatch(one) for one in origins):
        raise Misconfigured(
            "VOUCHSAFE_CORS_ORIGINS must be origins like https://desk.example, with "
            "commas between them."
        )
    return origins


def _requests(environ: Mapping[str, str]) -> int:
    text = environ.get("VOUCHSAFE_REQUESTS_PER_MINUTE", str(REQUESTS_PER_MINUTE))
    if not text.isdecimal() or int(text) > MANY_REQUESTS:
        raise Misconfigured(
            "VOUCHSAFE_REQUESTS_PER_MINUTE must be a whole number from 0 to "
            f"{MANY_REQUESTS}; 0 sets no limit."
        )
    return int(text)


def _targets(environ: Mapping[str, str]) -> bool:
    """True where webhooks may lead anywhere."""
    word = environ.get("VOUCHSAFE_WEBHOOK_TARGETS", "public")
    if word not in ("public", "any"):
        raise Misconfigured("VOUCHSAFE_WEBHOOK_TARGETS must be public or any.")
    return word == "any"


def _photos(environ: Mapping[str, str]) -> str | None:
    where = environ.get("VOUCHSAFE_PHOTOS", "database")
    if where == "database":
        return None
    if "://" not in where:
        raise Misconfigured(
            "VOUCHSAFE_PHOTOS must be database, or an address like file:///srv/photos."
        )
    return where


def _database(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise Misconfigured(
            "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://."
        )
    try:
        make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Misconfigured("DATABASE_URL is not an address of a database.") from error
    return url


def _host(host: str) -> str:
    if not host.strip():
        raise Misconfigured("VOUCHSAFE_HOST must name an address, like 127.0.0.1.")
    return host


def _address(name: str, url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise Misconfigured(f"{name} must begin with http:// or https://.")
    return url.rstrip("/")
