"""Badge photos in a folder or an object store, each sealed by a key of its own.

The row of a photo holds its key, itself sealed like every personal value. So turning
the installation's keys leaves the files alone, and a file whose row is gone is noise.
Everything here is slow or stuck when the folder is; nothing runs in a transaction.
"""

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fsspec import AbstractFileSystem, url_to_fs
from fsspec.implementations.local import LocalFileSystem

from core import ids
from core.deadlines import Desks, Late
from core.errors import Misconfigured, VouchsafeError
from core.keyring import KEY_BYTES, NONCE_BYTES
from models import backups
from models.badges import Filed

PATIENCE_S = 3.0  # nobody waits longer at a door for a picture
AT_ONCE = 4
NOT_NOW = "The photos cannot be reached now. Please try again."
END = ".sealed"

T = TypeVar("T")
log = structlog.get_logger("vouchsafe.photos")


class Away(VouchsafeError):
    """The folder of photos does not answer, or a file in it is not ours."""

    code = "photos_away"


class Folder:
    """A place for photos at any address that ``fsspec`` knows, like ``file:///…``."""

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        self.files, self.path = _reached(url)
        self.patience_s = patience_s
        self._desks = Desks(AT_ONCE)
        self._probe = threading.Lock()
        self._hangs = False

    def put(self, picture: bytes) -> Filed:
        """Keep a photo in a file of its own; ``Away`` where that cannot be done."""
        filed = Filed(ids.new(), secrets.token_bytes(KEY_BYTES))
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(filed.key).encrypt(nonce, picture, filed.name.bytes)
        self._patiently(lambda: self._write(filed.name, nonce + sealed))
        return filed

    def read(self, filed: Filed) -> bytes:
        """The photo, or ``Away``."""
        sealed = self._patiently(lambda: self.files.cat_file(self._place(filed.name)))
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(filed.key).decrypt(nonce, rest, filed.name.bytes)
        except (InvalidTag, ValueError) as error:
            raise Away("The file of this photo is damaged: set the photo anew.") from (
                error
            )

    def names(self, *, before: datetime) -> set[UUID]:
        """The files that are older; one that came just now may wait for its row."""
        found, earliest = self._patiently(self._names), ids.earliest(before)
        return {name for name in found if name < earliest}

    def delete(self, name: UUID) -> None:
        """Remove a file, if it is still there; nobody could open it any more."""

        def gone() -> None:
            with suppress(FileNotFoundError):
                self.files.rm_file(self._place(name))

        self._patiently(gone)

    def _place(self, name: UUID) -> str:
        return f"{self.path}/{name}{END}"

    def _names(self) -> list[UUID]:
        """Of our files; whatever else lies there stays."""
        self.files.makedirs(self.path, exist_ok=True)
        self.files.invalidate_cache(self.path)  # object stores remember old listings
        found = [path.rsplit("/", 1)[-1] for path in self.files.ls(self.path, False)]
        return [UUID(one.removesuffix(END)) for one in found if _is_ours(one)]

    def _write(self, name: UUID, sealed: bytes) -> None:
        self.files.makedirs(self.path, exist_ok=True)
        self.files.pipe_file(self._place(name), sealed)
        if isinstance(self.files, LocalFileSystem):
            backups.sync(Path(self._place(name)))
            backups.sync(Path(self.path))

    def _patiently(self, work: Callable[[], T]) -> T:
        """The work's result, unless it takes too long; then nobody waits for it.

        While the folder hangs one at a time tries it: others are told so at once.
        """
        probing = self._hangs
        if probing and not self._probe.acquire(blocking=False):
            raise Away(NOT_NOW)
        try:
            return self._waited_for(work)
        finally:
            if probing:
                self._probe.release()

    def _waited_for(self, work: Callable[[], T]) -> T:
        half = self.patience_s / 2  # for a desk, then for the result
        try:
            result = self._desks.within(half, work, waiting=half)
        except Late as error:
            self._hangs = True
            raise Away(NOT_NOW) from error
        except Exception as error:  # whatever the file system's own library raises
            self._hangs = False
            log.error("photo file failed", error=type(error).__name__)
            raise Away(NOT_NOW) from error
        self._hangs = False
        return result


def _reached(url: str) -> tuple[AbstractFileSystem, str]:
    try:
        files, path = url_to_fs(url)
    except ImportError as error:
        raise Misconfigured(
            f"VOUCHSAFE_PHOTOS needs a package that is not installed: {error}"
        ) from error
    except ValueError as error:
        raise Misconfigured(
            "VOUCHSAFE_PHOTOS must be database, or an address that fsspec knows, like "
            "file:///srv/photos."
        ) from error
    return files, path.rstrip("/")


def _is_ours(name: str) -> bool:
    try:
        return name == f"{UUID(name.removesuffix(END))}{END}"
    except ValueError:
        return False
