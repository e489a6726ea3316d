"""A body on disk: the same bytes come back, and the disk shows none of them."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.processes.spool import Sealed, Spool

SMALL = 10_000


def on_disk(sealed: Sealed) -> bytes:
    """What somebody reads who takes the disk away."""
    place = sealed.file.tell()
    sealed.file.seek(0)
    content = sealed.file.read()
    sealed.file.seek(place)
    return content


@given(
    st.lists(st.binary(max_size=5_000), max_size=12),
    st.lists(st.integers(1, 9_000), min_size=1, max_size=30),
)
def test_what_was_written_is_read_in_whatever_pieces(
    written: list[bytes], reads: list[int]
):
    spool, content = Spool(SMALL), b"".join(written)
    for piece in written:
        spool.append(piece)
    file, read = spool.getfile(), b""
    for size in reads:
        read += file.read(size)
    assert content.startswith(read)
    assert read + file.read() == content
    spool.close()


def test_the_disk_shows_nothing_of_it():
    spool = Spool(SMALL)
    for _ in range(40):
        spool.append(b"Wang Lei, 13800000000" * 40)
    file: Any = spool.getfile()
    assert isinstance(file, Sealed)
    kept = on_disk(file)
    assert len(kept) == 40 * 40 * 21
    assert b"Wang" not in kept
    assert len(set(kept[:4096])) > 200
    again = Sealed()
    again.write(b"Wang Lei, 13800000000" * 40 * 40)
    assert on_disk(again) != kept
    again.close()
    spool.close()
    assert file.file.closed


def test_no_byte_is_written_over_another():
    sealed = Sealed()
    sealed.write(b"abc")
    sealed.seek(1)
    with pytest.raises(io.UnsupportedOperation):
        sealed.write(b"x")
    sealed.close()
