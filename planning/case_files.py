"""Case files: lines to rows, or to what is wrong with them.

One record is one line: a cell holds no line break, so that an error stays on its line.
The columns are described in ``docs/import.md``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from planning import case_formats, case_rows
from planning.case_formats import BOM, LONGEST_LINE, Format
from planning.case_rows import CaseFacts, CaseRow, PlaceFacts, Problem


@dataclass(slots=True)
class CaseFile:
    """A case with those of its places that stand together in the file."""

    case: CaseFacts
    places: dict[str, PlaceFacts] = field(default_factory=dict)


def rows(
    chunks: Iterable[bytes], form: Format, *, after: int = 0
) -> Iterator[CaseRow | Problem]:
    """Each good line as a row; a bad line as all its problems and no row.

    Lines end with LF or CRLF; empty ones are skipped, and so are those up to ``after``.
    """
    first = 1 if form.is_json else 2
    for number, raw in enumerate(case_formats.lines(chunks), start=1):
        if number >= first and number > after and raw.strip():
            start = raw.removeprefix(BOM) if number == 1 else raw
            yield from _row(number, start, form)


def _row(number: int, raw: bytes, form: Format) -> Iterator[CaseRow | Problem]:
    try:
        values = _values(_text(raw, form), form)
    except ValueError as error:
        yield Problem(number, "row", str(error))
        return
    yield from case_rows.read(number, values)


def _text(raw: bytes, form: Format) -> str:
    if len(raw) > LONGEST_LINE:
        raise ValueError(f"is longer than {LONGEST_LINE} bytes")
    try:
        return raw.removesuffix(b"\r").decode(form.encoding)
    except UnicodeDecodeError:
        raise ValueError(f"is not {form.encoding.upper()}") from None


def _values(text: str, form: Format) -> dict[str, str]:
    if form.is_json:
        return case_formats.named(text)
    values = case_formats.cells(text, form.separator)
    if len(values) != len(form.header):
        raise ValueError(
            f"has {len(values)} cells, but the header has {len(form.header)}"
        )
    return dict(zip(form.header, values, strict=True))
