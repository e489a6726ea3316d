"""Case files: CSV lines to cases with their places, or to what is wrong with them.

One record is one line: a cell holds no line break, so that an error stays on its line.
The columns are described in ``docs/import.md``.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields

from core.errors import Invalid
from planning import case_rows
from planning.case_rows import READERS, CaseFacts, CaseRow, PlaceFacts, Problem

LONGEST_LINE = 10_000  # bytes; all columns at their longest take less than half
BOM = b"\xef\xbb\xbf"
EVERY = [column.name for column in fields(CaseFacts)]
# What a second case of the same creditor or of the same borrower must repeat.
CREDITORS = ("creditor_name",)
BORROWERS = ("borrower_name", "borrower_phone", "language")


@dataclass(slots=True)
class CaseFile:
    """A case with all its places, gathered from its lines."""

    case: CaseFacts
    places: dict[str, PlaceFacts] = field(default_factory=dict)


@dataclass(slots=True)
class _Gathered:
    """What the good lines have said so far."""

    cases: dict[str, CaseFile] = field(default_factory=dict)
    creditors: dict[str, CaseFacts] = field(default_factory=dict)
    borrowers: dict[tuple[str, str], CaseFacts] = field(default_factory=dict)

    def take(self, row: CaseRow) -> list[Problem]:
        """Add the row's place to its case, unless an earlier line contradicts it."""
        new = row.case
        whose = (new.creditor_code, new.debtor_ref)
        if known := self.cases.get(new.case_id):
            problems = _differences(row, known.case, EVERY, "case")
            if row.place.place_id in known.places:
                reason = "an earlier line already has this place of the case"
                problems.append(Problem(row.line, "place_id", reason))
        else:
            creditor = self.creditors.get(new.creditor_code, new)
            borrower = self.borrowers.get(whose, new)
            problems = _differences(row, creditor, CREDITORS, "creditor")
            problems += _differences(row, borrower, BORROWERS, "borrower")
        if not problems:
            self._add(row, whose)
        return problems

    def _add(self, row: CaseRow, whose: tuple[str, str]) -> None:
        case_file = self.cases.setdefault(row.case.case_id, CaseFile(row.case))
        case_file.places[row.place.place_id] = row.place
        self.creditors.setdefault(row.case.creditor_code, row.case)
        self.borrowers.setdefault(whose, row.case)


def cases(content: bytes) -> tuple[list[CaseFile], list[Problem]]:
    """All cases of the file in its order, and all problems in the order of lines.

    Lines need not stand together; one that contradicts an earlier good line of the same
    case, creditor or borrower is refused. ``Invalid`` as for ``rows``.
    """
    gathered = _Gathered()
    problems: list[Problem] = []
    for row in rows(content):
        if isinstance(row, Problem):
            problems.append(row)
        else:
            problems.extend(gathered.take(row))
    return list(gathered.cases.values()), problems


def _differences(
    row: CaseRow, earlier: CaseFacts, columns: Sequence[str], noun: str
) -> list[Problem]:
    reason = f"differs from an earlier line of the same {noun}"
    return [
        Problem(row.line, column, reason)
        for column in columns
        if getattr(earlier, column) != getattr(row.case, column)
    ]


def rows(content: bytes) -> Iterator[CaseRow | Problem]:
    """Each good line as a row; a bad line as all its problems and no row.

    ``Invalid`` where the file as a whole cannot be read. Comma, UTF-8 with or without
    byte order mark, lines end with LF or CRLF; empty lines are skipped.
    """
    lines = content.removeprefix(BOM).split(b"\n")
    header = _header(lines[0])
    for number, raw in enumerate(lines[1:], start=2):
        if raw.strip():
            yield from _row(number, header, raw)


def _header(raw: bytes) -> list[str]:
    """The columns in the file's order; an unknown name is not repeated."""
    try:
        names = [name.strip() for name in _cells(raw)]
    except ValueError as error:
        raise _unreadable(f"The header {error}.") from None
    wrong = [f"Column {name} is missing." for name in READERS if name not in names]
    wrong += [
        f"Column {name} appears twice." for name in READERS if names.count(name) > 1
    ]
    strange = [str(n) for n, name in enumerate(names, 1) if name not in READERS]
    if strange:
        wrong.append(f"Unknown columns, by position: {', '.join(strange[:20])}.")
    if wrong:
        raise _unreadable(*wrong)
    return names


def _unreadable(*reasons: str) -> Invalid:
    return Invalid("The file cannot be read as a case file.", {"file": reasons})


def _cells(raw: bytes) -> list[str]:
    """The cells of a line; ``ValueError`` says why it has none."""
    if len(raw) > LONGEST_LINE:
        raise ValueError(f"is longer than {LONGEST_LINE} bytes")
    try:
        line = raw.removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        raise ValueError("has a misplaced or unclosed quotation mark") from None


def _row(number: int, header: list[str], raw: bytes) -> Iterator[CaseRow | Problem]:
    try:
        values = _cells(raw)
        if len(values) != len(header):
            raise ValueError(
                f"has {len(values)} cells, but the header has {len(header)}"
            )
    except ValueError as error:
        yield Problem(number, "row", str(error))
        return
    yield from case_rows.read(number, dict(zip(header, values, strict=True)))
