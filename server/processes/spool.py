"""Bodies that do not fit in memory: on disk under a key that only this process has.

A case file is full of people. What is left of its temporary file on a disk is noise,
because the key was made for that one file and never written anywhere.
"""

import io
import os
import secrets
import tempfile
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from waitress.buffers import OverflowableBuffer, TempfileBasedBuffer

KEY_BYTES, BLOCK = 32, 16  # AES-256
COUNTERS = 2**128


class Sealed(io.RawIOBase):
    """A temporary file that only grows: no byte of its key stream is used twice."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile("w+b", buffering=0)  # noqa: SIM115 - ours
        self.key, self.first = secrets.token_bytes(KEY_BYTES), secrets.randbits(128)
        self.size = 0

    def _stream(self, place: int) -> Any:
        """The key stream from there on; sealing and opening are the same."""
        blocks, within = divmod(place, BLOCK)
        counter = ((self.first + blocks) % COUNTERS).to_bytes(BLOCK, "big")
        stream = Cipher(algorithms.AES(self.key), modes.CTR(counter)).encryptor()
        stream.update(bytes(within))
        return stream

    def write(self, content: Any) -> int:
        """Append, and nothing else."""
        place = self.file.tell()
        if place != self.size:
            raise io.UnsupportedOperation("a sealed file only grows")
        sealed = memoryview(self._stream(place).update(bytes(content)))
        while sealed:
            sealed = sealed[self.file.write(sealed) :]
        self.size = self.file.tell()
        return self.size - place

    def readinto(self, into: Any) -> int:
        """Open the next bytes."""
        place = self.file.tell()
        content = self.file.read(len(into))
        into[: len(content)] = self._stream(place).update(content)
        return len(content)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of any file."""
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """As of any file."""
        return self.file.tell()

    def readable(self) -> bool:
        """Yes."""
        return True

    def writable(self) -> bool:
        """Yes, at its end."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def close(self) -> None:
        """It is gone: it never had a name."""
        self.file.close()
        super().close()


class _OnDisk(TempfileBasedBuffer):  # type: ignore[misc]
    def newfile(self) -> Sealed:
        """Where it is kept."""
        return Sealed()


class Spool(OverflowableBuffer):  # type: ignore[misc]
    """waitress's buffer of a body: in memory while it is small."""

    buf: Any

    def _set_large_buffer(self) -> None:
        before = self.buf
        self.buf = _OnDisk(before)
        if before is not None:
            before.close()
        self.overflowed = True
