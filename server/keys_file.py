"""The keys file: read by every process, replaced as a whole while they run."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from core.errors import Misconfigured
from core.keyring import Keyring

log = structlog.get_logger("vouchsafe.keys")
Stamp = tuple[int, int, int]


class KeysFile:
    """One process's view of the file; it notices when the file is another one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: Stamp | None = None
        self._root: bytes | None = None

    def read(self) -> Keyring:
        """The keyring in the file; ``Misconfigured`` where it holds none."""
        self._seen = self._stamp()
        keyring = Keyring.parse(self.path.read_text(errors="replace"))
        self._root = keyring.root_key
        return keyring

    def newer(self) -> Keyring | None:
        """What the file holds since it was last read; ``None`` where it is the same.

        A file that is gone or unreadable, or that belongs to another installation,
        changes nothing: the process goes on with the keys that it has.
        """
        try:
            if self._stamp() == self._seen:
                return None
            return self._again()
        except (OSError, Misconfigured) as error:
            log.error("the keys file was not read", error=type(error).__name__)
            return None

    def _again(self) -> Keyring | None:
        root, self._seen = self._root, self._stamp()
        found = Keyring.parse(self.path.read_text(errors="replace"))
        if found.root_key != root:
            raise Misconfigured("The keys file is another installation's.")
        log.info("the keys file was read again", current=found.current)
        return found

    def _stamp(self) -> Stamp:
        facts = self.path.stat()
        return facts.st_ino, facts.st_mtime_ns, facts.st_size


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One at a time changes the file; ``Misconfigured`` while another command does."""
    with path.with_suffix(".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Misconfigured(
                "Another command is at the keys: wait for it."
            ) from error
        yield


def keep(path: Path, *, name: str) -> Path:
    """The file as it is, under that name beside it, whatever takes its place."""
    kept = path.with_name(name)
    kept.unlink(missing_ok=True)  # of a command that was killed in between
    os.link(path, kept)
    return kept


def replace(path: Path, keyring: Keyring) -> None:
    """The file is the old one or the new one at any instant, whatever breaks off."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)  # half a file of a command that was killed
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
    with os.fdopen(number, "w") as file:
        file.write(keyring.dump())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
