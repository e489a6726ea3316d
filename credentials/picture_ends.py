"""Where a PNG or JPEG file ends by its own account: what follows is something else."""

import struct

PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8"
MOST_SCANS = 60  # a progressive picture has about ten; hundreds only cost time
ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
SCAN, END = 0xDA, 0xD9


class Unreadable(ValueError):
    """The file breaks off, or does not follow its format."""


def of_png(data: bytes) -> int:
    """The offset after the last chunk."""
    at = len(PNG_START)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if kind == b"IEND":
            break
    else:
        raise Unreadable("the file breaks off")
    if at > len(data):
        raise Unreadable("the file breaks off")
    return int(at)


def of_jpeg(data: bytes) -> int:
    """The offset after the first picture's end; too many scans are ``Unreadable``."""
    at, scans = len(JPEG_START), 0
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            raise Unreadable("the file does not follow its format")
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker == END:
            return at + 2
        elif marker in ALONE:
            at += 2
        else:
            at = _after_segment(data, at)
            scans += marker == SCAN
            if scans > MOST_SCANS:
                raise Unreadable("the picture has too many scans")
            if marker == SCAN:
                at = _after_scan(data, at)
    raise Unreadable("the file breaks off")


def _after_segment(data: bytes, at: int) -> int:
    if at + 4 > len(data):
        raise Unreadable("the file breaks off")
    length: int = struct.unpack_from(">H", data, at + 2)[0]
    return at + 2 + length


def _after_scan(data: bytes, at: int) -> int:
    """The next marker that is neither a stuffed byte nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Unreadable("the file breaks off")
        if data[at + 1] != 0 and data[at + 1] not in ALONE:
            return at
        at += 2
