"""What kind of case file it is: found out while it comes in, before a line is taken.

CSV in UTF-8 or GB18030 with comma, semicolon or tab, or JSON lines in UTF-8. The rules
stand in ``docs/import.md``.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Invalid
from planning.case_rows import COLUMNS, READERS

LONGEST_LINE = 10_000  # bytes; all columns at their longest take less than half
BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SEPARATORS = ",;\t"
JSON_TYPES = frozenset({"application/x-ndjson", "application/jsonl"})


class Encoding(StrEnum):
    """How the characters are written."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"


@dataclass(frozen=True, slots=True)
class Format:
    """``separator`` is empty for JSON lines, which have no ``header`` either."""

    encoding: Encoding
    separator: str
    header: tuple[str, ...]

    @property
    def is_json(self) -> bool:
        """JSON lines."""
        return not self.separator

    def as_json(self) -> dict[str, object]:
        """As it is kept with the import."""
        return {
            "encoding": self.encoding.value,
            "separator": self.separator,
            "header": list(self.header),
        }

    @classmethod
    def parse(cls, raw: dict[str, object]) -> "Format":
        """The inverse of ``as_json``."""
        header = raw["header"]
        assert isinstance(header, list)
        names = tuple(str(name) for name in header)
        return cls(Encoding(str(raw["encoding"])), str(raw["separator"]), names)


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The file's lines without LF, however it is cut into chunks.

    Of a line that is too long only its beginning is kept, so that it can be told.
    """
    rest = b""
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        rest = (rest + first)[: LONGEST_LINE + 1]
        for line in others:
            yield rest
            rest = line[: LONGEST_LINE + 1]
    yield rest


class Probe:
    """Looks at every line once as it passes and says at the end what the file is."""

    def __init__(self) -> None:
        self.first: bytes | None = None
        self.rows = 0  # lines that say something, the header left out
        self.utf8 = self.gb18030 = self.neither = 0

    def watch(self, chunks: Iterable[bytes]) -> None:
        """Look at all lines of the file; ``chunks`` may be kept on the way."""
        for line in lines(chunks):
            if self.first is None:
                self.first = line.removesuffix(b"\r")
                if self.first.startswith(UTF_16):
                    raise unreadable("The file is UTF-16: save it as UTF-8.")
                self.rows += self._is_json()
            elif line.strip():
                self.rows += 1
            if not line.isascii():
                self._judge(line)

    def _judge(self, line: bytes) -> None:
        for encoding in Encoding:
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                continue
            if encoding is Encoding.UTF_8:
                self.utf8 += 1
            else:
                self.gb18030 += 1
            return
        self.neither += 1

    def _is_json(self) -> bool:
        assert self.first is not None
        return self.first.removeprefix(BOM).lstrip().startswith(b"{")

    def format(self) -> Format:
        """What the lines have shown; ``Invalid`` where it is no case file."""
        assert self.first is not None
        if not self.rows and not self.first.removeprefix(BOM).strip():
            raise unreadable("The file is empty.")
        encoding = self._encoding()
        if self._is_json():
            return self._json_lines()
        if len(self.first) > LONGEST_LINE:
            raise unreadable(f"The header is longer than {LONGEST_LINE} bytes.")
        try:
            text = self.first.removeprefix(BOM).decode(encoding)
        except UnicodeDecodeError:
            raise unreadable(f"The header is not {encoding.upper()}.") from None
        separator = max(SEPARATORS, key=text.count)
        return Format(encoding, separator, tuple(_header(text, separator)))

    def _json_lines(self) -> Format:
        """The first line stands for a header: it must be one of ours."""
        assert self.first is not None
        try:
            named(self.first.removeprefix(BOM).decode(Encoding.UTF_8))
        except UnicodeDecodeError:
            raise unreadable("JSON lines must be UTF-8.") from None
        except ValueError as error:
            raise unreadable(f"The first line {error}.") from None
        return Format(Encoding.UTF_8, "", ())

    def _encoding(self) -> Encoding:
        """By most of the lines that tell: a few broken ones are refused alone."""
        assert self.first is not None
        if self.first.startswith(BOM):
            return Encoding.UTF_8
        if self.neither > max(self.utf8, self.gb18030, self.rows // 2):
            raise unreadable("The file is neither UTF-8 nor GB18030: save it as UTF-8.")
        return Encoding.GB18030 if self.gb18030 > self.utf8 else Encoding.UTF_8


def cells(text: str, separator: str) -> list[str]:
    """The cells of a CSV line; ``ValueError`` says why it has none."""
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        raise ValueError("has a misplaced or unclosed quotation mark") from None


def named(text: str) -> dict[str, str]:
    """The cells of a JSON line by column; ``ValueError`` says why it has none.

    Numbers stay as they are written; null and what is left out are empty cells, but an
    optional column that is left out is not said at all.
    """
    try:
        pairs = json.loads(
            text,
            parse_int=str,
            parse_float=str,
            parse_constant=_no_constant,
            object_pairs_hook=_Pairs,
        )
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(pairs, _Pairs):
        raise ValueError("is not a JSON object")
    found = dict.fromkeys(READERS, "")
    for name, value in pairs:
        if name not in COLUMNS:
            raise ValueError("has a name that is no column")
        found[name] = _cell(value)
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("names a column twice")
    return found


class _Pairs(list[tuple[str, object]]):
    """A JSON object as it is written."""


def _no_constant(_: str) -> object:
    raise ValueError("no JSON")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
    raise ValueError("holds a list or an object")


def _header(text: str, separator: str) -> list[str]:
    """The columns in the file's order; an unknown name is not repeated."""
    try:
        names = [name.strip() for name in cells(text, separator)]
    except ValueError as error:
        raise unreadable(f"The header {error}.") from None
    missing = ", ".join(name for name in READERS if name not in names)
    wrong = [f"Missing columns: {missing}."] if missing else []
    wrong += [
        f"Column {name} appears twice." for name in COLUMNS if names.count(name) > 1
    ]
    strange = [str(n) for n, name in enumerate(names, 1) if name not in COLUMNS]
    if strange:
        wrong.append(f"Unknown columns, by position: {', '.join(strange[:20])}.")
    if wrong:
        raise unreadable(*wrong)
    return names


def unreadable(*reasons: str) -> Invalid:
    """The file as a whole cannot be read, and why."""
    return Invalid("The file cannot be read as a case file.", {"file": reasons})
