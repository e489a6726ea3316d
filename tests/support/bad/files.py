"""Files that are no case file and no photo."""

import gzip
import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image

from credentials import pictures
from server import callbacks
from server.endpoint import Contract
from server.sizes import LARGEST_IMPORT
from tests.support.bad.asking import JSON, Bad, Ids
from tests.support.bad.bodies import NOT_OBJECTS, UNREADABLE
from tests.support.samples import picture

IMPORT = ("POST", "/v1/imports")
OTHER_TYPES = (None, "", "image/gif", "image/svg+xml", "application/json", "text/html")
NO_LENGTHS = ("1", "0", "-1", "many")
NO_SECRETS = (None, "", "Bearer", "Bearer \xff", "Basic x", "Basic Onk=", "Digest")


def files(contract: Contract, _: Ids) -> Iterator[Bad]:
    """Uploads: broken, cut off, dressed up, too large, of another length than said."""
    if contract.upload is callbacks.fields:
        yield from _callbacks(contract)
    elif contract.upload is not None:
        yield from _photos(contract)
    elif (contract.method, contract.path) == IMPORT:
        yield from _case_files(contract)


def _callbacks(contract: Contract) -> Iterator[Bad]:
    """What a provider sends: no JSON object and no form, or without our secret."""
    good = b'{"id": "1"}'
    for kind in (None, "", "text/plain", "text/xml", "image/jpeg"):
        yield Bad(contract, f"as {kind}", {"data": good, "content_type": kind}, (415,))
    for what, body in UNREADABLE.items():
        sent = {"data": body, "content_type": JSON}
        yield Bad(contract, what, sent, (400,))
    for body in (*NOT_OBJECTS, b'{"id": 1'):
        yield Bad(contract, str(body), {"data": body, "content_type": JSON}, (400,))
    for body in (b"a=%ff", b"\xff=1", b"a=1&a=2", b"a=1&" * 101, b"a=%00"):
        sent = {"data": body, "content_type": callbacks.FORM}
        yield Bad(contract, f"form {body[:20]!r}", sent, (400,))
    for token in NO_SECRETS:
        sent = {"json": {"id": "1"}, "headers": {"Authorization": token}}
        yield Bad(contract, f"Authorization: {token}", sent, (401,))


def _photos(contract: Contract) -> Iterator[Bad]:
    good = picture()
    for kind in OTHER_TYPES:
        sent = {"data": good, "content_type": kind}
        yield Bad(contract, f"as {kind}", sent, (415,))
    for what, data in no_photos(good).items():
        for kind in pictures.KINDS:
            sent = {"data": data, "content_type": kind}
            yield Bad(contract, f"{what} as {kind}", sent, (422,))
    large = {"data": good + b"\0" * pictures.LARGEST, "content_type": "image/jpeg"}
    yield Bad(contract, "more than 2 MB", large, (413,))
    yield from _lengths(
        contract, {"data": good, "content_type": "image/jpeg"}, len(good)
    )


def no_photos(good: bytes) -> dict[str, bytes]:
    """What is no picture, or one that nobody should open."""
    png = io.BytesIO()
    Image.new("RGB", (240, 320)).save(png, "PNG")
    return {
        "nothing": b"",
        "a zero": b"\0",
        "text": b"a picture",
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "GIF": b"GIF89a" + b"\0" * 200,
        "JPEG cut off": good[: len(good) // 2],
        "JPEG's start": good[:3],
        "PNG cut off": png.getvalue()[:-20],
        "PNG's start": png.getvalue()[:8],
        "JPEG with a page in it": good + b"<script>",
        "gzip": gzip.compress(good),
        "bomb": bomb(60_000),
        "no pixel": bomb(0),
    }


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that says it has ``side`` times ``side`` pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    black = zlib.compress(b"\0" * 1_000_000)
    parts = ((b"IHDR", head), (b"IDAT", black), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(*one) for one in parts)


def _part(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def _case_files(contract: Contract) -> Iterator[Bad]:
    for kind in (None, "", "application/json", "application/zip", "text/html"):
        sent = {"data": b"case_id\n", "content_type": kind}
        yield Bad(contract, f"as {kind}", sent, (415,))
    nothing = {**UNREADABLE, "a zero": b"\0", "gzip": gzip.compress(b"case_id\n" * 9)}
    for what, data in nothing.items():
        for kind in ("text/csv", "application/x-ndjson"):
            sent = {"data": data, "content_type": kind}
            yield Bad(contract, f"{what} as {kind}", sent, (400, 422))
    large: dict[str, Any] = {"data": b"", "content_type": "text/csv"}
    large["environ_overrides"] = {"CONTENT_LENGTH": str(LARGEST_IMPORT + 1)}
    yield Bad(contract, "more than 200 MB", large, (413,))
    head = b"case_id,creditor\n"
    yield from _lengths(contract, {"data": head, "content_type": "text/csv"}, len(head))


def _lengths(contract: Contract, sent: dict[str, Any], right: int) -> Iterator[Bad]:
    """The file is said to be longer or shorter than it is."""
    for length in (str(right - 1), str(right + 9), *NO_LENGTHS):
        lie = {**sent, "environ_overrides": {"CONTENT_LENGTH": length}}
        yield Bad(contract, f"length {length}", lie, (400, 422))
