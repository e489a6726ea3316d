"""Photos: what is kept of a good one, and why a bad one is refused."""

import io
import struct
import zlib

import pytest
from PIL import Image

from core.errors import Invalid
from credentials import pictures
from credentials.pictures import NoPicture

PNG, JPEG = "image/png", "image/jpeg"


def picture(size: tuple[int, int] = (400, 300), colour: object = "red") -> Image.Image:
    """A plain one."""
    return Image.new("RGB", size, colour)  # type: ignore[arg-type]


def file_of(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def seen(data: bytes) -> Image.Image:
    """What came out, decoded."""
    return Image.open(io.BytesIO(data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        mark = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + mark

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def why(data: bytes, kind: str = JPEG) -> str:
    """The words of the refusal."""
    with pytest.raises(Invalid) as refused:
        pictures.clean(data, kind=kind)
    assert set(refused.value.fields) == {"photo"}
    return refused.value.detail


@pytest.mark.parametrize(("kind", "mime"), [("JPEG", JPEG), ("PNG", PNG)])
def test_a_good_photo_becomes_a_small_jpeg(kind: str, mime: str):
    kept = seen(pictures.clean(file_of(picture((2000, 1500)), kind), kind=mime))
    assert (kept.format, kept.size) == ("JPEG", (800, 600))


def test_nothing_is_kept_but_what_can_be_seen():
    exif = Image.Exif()
    exif[0x010E] = "secret words"
    exif[0x8825] = {1: "N", 2: (30.0, 16.0, 0.0)}
    options = {"exif": exif, "comment": b"secret words", "icc_profile": b"secret words"}
    data = file_of(picture(), **options)
    assert b"secret words" in data
    kept = pictures.clean(data, kind=JPEG)
    assert b"secret words" not in kept
    assert not seen(kept).getexif()
    assert set(seen(kept).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_taken_sideways_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = pictures.clean(file_of(picture((400, 200)), exif=exif), kind=JPEG)
    assert seen(kept).size == (200, 400)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1", "I;16", "CMYK"])
def test_every_kind_of_colour_is_taken(mode: str):
    kind, mime = ("JPEG", JPEG) if mode == "CMYK" else ("PNG", PNG)
    data = file_of(Image.new(mode, (200, 200)), kind)
    assert seen(pictures.clean(data, kind=mime)).mode == "RGB"


def test_what_is_transparent_becomes_white():
    data = file_of(Image.new("RGBA", (200, 200), (0, 0, 0, 0)), "PNG")
    pixel = seen(pictures.clean(data, kind=PNG)).getpixel((100, 100))
    assert min(pixel) > 250  # type: ignore[type-var, arg-type]


def test_a_bomb_is_refused_before_it_is_decoded():
    assert "million pixels" in why(bomb(60_000, 60_000), PNG)


@pytest.mark.parametrize(("kind", "mime"), [("JPEG", JPEG), ("PNG", PNG)])
def test_a_file_that_breaks_off_anywhere_is_refused(kind: str, mime: str):
    data = file_of(Image.effect_noise((200, 200), 50).convert("RGB"), kind)
    for length in range(20, len(data) - 1, 997):
        assert "photo: " in why(data[:length], mime)


@pytest.mark.parametrize(("kind", "mime"), [("JPEG", JPEG), ("PNG", PNG)])
@pytest.mark.parametrize("more", [b"PK\x03\x04 a zip", b"<script>", b"\0"])
def test_a_file_with_something_behind_its_end_is_refused(kind, mime, more):
    assert "after its end" in why(file_of(picture(), kind) + more, mime)


def test_a_moving_picture_is_refused():
    frames = [picture(colour="blue")]
    moving = file_of(picture(), "PNG", save_all=True, append_images=frames)
    assert "moves" in why(moving, PNG)


def test_a_picture_that_is_too_small_is_refused():
    assert "100 pixels" in why(file_of(picture((99, 500))))


def test_hundreds_of_scans_are_refused():
    plain = file_of(picture(), progressive=True)
    scan = plain.rindex(b"\xff\xda")
    many = plain[:scan] + plain[scan:-2] * 100 + plain[-2:]
    assert "too many scans" in why(many)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "BMP", "TIFF"])
def test_another_kind_of_picture_is_refused_whatever_it_is_called(kind: str):
    assert "is no image/jpeg" in why(file_of(picture(), kind))


def test_what_is_called_something_else_is_refused():
    for data, kind in (
        (file_of(picture(), "PNG"), JPEG),
        (file_of(picture()), PNG),
        (b"", JPEG),
        (b"<svg/>", PNG),
    ):
        assert f"is no {kind}" in why(data, kind)


@pytest.mark.parametrize("kind", ["image/gif", "image/svg+xml", "text/html", ""])
def test_another_type_is_refused_whatever_is_in_it(kind: str):
    with pytest.raises(NoPicture):
        pictures.clean(file_of(picture()), kind=kind)


def test_rubbish_behind_a_right_beginning_is_refused():
    for start, kind in ((b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8", JPEG)):
        for rest in (b"", b"\xff", b"\xff\xd9", b"\xff" * 99, b"\0" * 99, b"x" * 99):
            assert "photo: " in why(start + rest, kind)
