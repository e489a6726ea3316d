"""A photo made safe to show: decoded, turned upright, made small, written anew.

Nothing of the file that came is kept but what can be seen. It is work for the CPU and
runs outside any transaction.
"""

import io
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from core.errors import Invalid, VouchsafeError, one_field
from credentials import picture_ends

LARGEST = 2_000_000  # bytes of the file that comes
MOST_PIXELS = 20_000_000
TOO_MANY = f"has more than {MOST_PIXELS // 1_000_000} million pixels"
LEAST_SIDE = 100
SIDE = 800  # the longest of what is kept
QUALITY = 80
KINDS = {"image/png": "PNG", "image/jpeg": "JPEG"}
AT_ONCE, PATIENCE_S = 1, 5.0
_desk = BoundedSemaphore(AT_ONCE)


class NoPicture(VouchsafeError):
    """It is said to be neither a PNG nor a JPEG."""

    code = "no_picture"


class Busy(VouchsafeError):
    """Another picture is being read."""

    code = "busy"


def clean(data: bytes, *, kind: str) -> bytes:
    """A JPEG of at most 800 pixels a side, without metadata; ``kind`` is a MIME type.

    ``NoPicture`` for another type; ``Invalid`` names what is wrong with the file;
    ``Busy`` where another has been in hand for seconds.
    """
    if kind not in KINDS:
        raise NoPicture("Send the photo as image/png or image/jpeg.")
    if _format(data) != KINDS[kind]:
        raise _wrong(f"is no {kind}")
    if _end(data) != len(data):
        raise _wrong("has something after its end: save it again as a plain picture")
    if not _desk.acquire(timeout=PATIENCE_S):
        raise Busy("Another photo is being read. Please try again.")
    try:
        return _written(_opened(data))
    except VouchsafeError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _wrong(TOO_MANY) from error
    except Exception as error:  # whatever a decoder says of a broken file
        raise _wrong("cannot be read: save it again") from error
    finally:
        _desk.release()


def _format(data: bytes) -> str | None:
    if data.startswith(picture_ends.PNG_START):
        return "PNG"
    return "JPEG" if data.startswith(picture_ends.JPEG_START) else None


def _end(data: bytes) -> int:
    png = data.startswith(picture_ends.PNG_START)
    try:
        return picture_ends.of_png(data) if png else picture_ends.of_jpeg(data)
    except picture_ends.Unreadable as error:
        raise _wrong(str(error)) from error


def _opened(data: bytes) -> Image.Image:
    """The picture, judged by its header before a pixel is decoded."""
    picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise _wrong(TOO_MANY)
    if min(width, height) < LEAST_SIDE:
        raise _wrong(f"needs at least {LEAST_SIDE} pixels on each side")
    if getattr(picture, "n_frames", 1) > 1:
        raise _wrong("moves: send a still picture")
    return picture


def _written(picture: Image.Image) -> bytes:
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded smaller at once
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((SIDE, SIDE))
    seen = upright.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")  # takes nothing over but what is seen
    paper.paste(seen, mask=seen.getchannel("A"))
    file = io.BytesIO()
    paper.save(file, "JPEG", quality=QUALITY, optimize=True)
    return file.getvalue()


def _wrong(what: str) -> Invalid:
    return one_field("photo", what)
