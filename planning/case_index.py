"""What the lines of a file have said so far, in keyed digests on the disk.

A million lines fit, wherever the lines of a case stand. The digests are those of
Python's own ``hash``, whose key dies with the process, so the file tells nobody
anything; it has no name and goes with the connection.
"""

import sqlite3
import struct
from collections.abc import Mapping, Sequence
from enum import IntEnum

from planning.case_rows import CIRCUMSTANCES, CaseFacts, CaseRow, Problem

CACHE_KIB = 16_384
# What a second case of the same creditor or of the same borrower must repeat.
CREDITORS = ("creditor_name",)
BORROWERS = ("borrower_name", "borrower_phone", "language", *CIRCUMSTANCES)


class Fate(IntEnum):
    """What became of a case of the file; the greater word stands."""

    SEEN = 0  # and not stored yet
    UNCHANGED = 1
    UPDATED = 2
    CREATED = 3
    COUNTED = 4  # by a worker that died: how is not known any more


class CaseIndex:
    """Finds what contradicts an earlier good line, and counts each case once."""

    def __init__(self) -> None:
        self._disk = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            f"PRAGMA cache_size = -{CACHE_KIB}",
            "CREATE TABLE facts (key INTEGER PRIMARY KEY, said BLOB)",
            "CREATE TABLE places (key INTEGER PRIMARY KEY)",
            "CREATE TABLE fates (key INTEGER PRIMARY KEY, fate INTEGER)",
            "BEGIN",
        ):
            self._disk.execute(statement)

    def close(self) -> None:
        """The file is gone."""
        self._disk.close()

    def take(self, row: CaseRow) -> list[Problem]:
        """Remember the row, unless an earlier line contradicts it: then its problems.

        A case is compared with its own earlier line; a new one with what was said
        about its creditor and its borrower.
        """
        columns = row.case.columns()
        whole, place = (
            hash(("case", row.case.case_id)),
            hash((row.case.case_id, row.place.place_id)),
        )
        if (said := self._said(whole)) is not None:
            problems = _differences(row, columns, said, "case")
            if self._has_place(place):
                reason = "an earlier line already has this place of the case"
                problems.append(Problem(row.line, "place_id", reason))
            groups: list[tuple[int, Mapping[str, object]]] = []
        else:
            problems, groups = self._of_groups(row, columns)
            groups.append((whole, columns))
        if not problems:
            self._remember(groups, place)
        return problems

    def _of_groups(
        self, row: CaseRow, columns: Mapping[str, object]
    ) -> tuple[list[Problem], list[tuple[int, Mapping[str, object]]]]:
        """Problems with earlier cases, and what this one is the first to say."""
        problems: list[Problem] = []
        news: list[tuple[int, Mapping[str, object]]] = []
        for noun, key, names in _groups(row.case):
            part = {name: columns[name] for name in names}
            if (said := self._said(key)) is None:
                news.append((key, part))
            else:
                problems += _differences(row, part, said, noun)
        return problems, news

    def fate(self, case_id: str) -> Fate:
        """What has become of a case so far."""
        query = "SELECT fate FROM fates WHERE key = ?"
        found = self._disk.execute(query, (hash(("case", case_id)),)).fetchone()
        return Fate(found[0]) if found else Fate.SEEN

    def settle(self, case_id: str, fate: Fate) -> Fate:
        """Note what became of a case; what was known before."""
        before = self.fate(case_id)
        if fate > before:
            insert = "INSERT OR REPLACE INTO fates VALUES (?, ?)"
            self._disk.execute(insert, (hash(("case", case_id)), fate.value))
        return before

    def _said(self, key: int) -> bytes | None:
        query = "SELECT said FROM facts WHERE key = ?"
        found = self._disk.execute(query, (key,)).fetchone()
        return found[0] if found else None

    def _has_place(self, key: int) -> bool:
        query = "SELECT 1 FROM places WHERE key = ?"
        return self._disk.execute(query, (key,)).fetchone() is not None

    def _remember(
        self, groups: Sequence[tuple[int, Mapping[str, object]]], place: int
    ) -> None:
        insert = "INSERT INTO facts VALUES (?, ?)"
        digests = [(key, _digests(part)) for key, part in groups]
        self._disk.executemany(insert, digests)
        self._disk.execute("INSERT INTO places VALUES (?)", (place,))


def _groups(facts: CaseFacts) -> list[tuple[str, int, Sequence[str]]]:
    """Noun, key and columns of what several cases of a file share."""
    borrower = hash(("borrower", facts.creditor_code, facts.debtor_ref))
    return [
        ("creditor", hash(("creditor", facts.creditor_code)), CREDITORS),
        ("borrower", borrower, BORROWERS),
    ]


def _digests(columns: Mapping[str, object]) -> bytes:
    return struct.pack(f"{len(columns)}q", *map(hash, columns.values()))


def _differences(
    row: CaseRow, columns: Mapping[str, object], said: bytes, noun: str
) -> list[Problem]:
    now = _digests(columns)
    if now == said:
        return []
    reason = f"differs from an earlier line of the same {noun}"
    return [
        Problem(row.line, name, reason)
        for n, name in enumerate(columns)
        if now[8 * n : 8 * n + 8] != said[8 * n : 8 * n + 8]
    ]
