"""All bad input to all operations, counted: what was answered, what was stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.endpoint import CONTRACTS, Contract
from tests.support.bad import bodies, files, headers, places
from tests.support.bad.asking import Bad, Cases, Ids, Staff, refused, rows

KINDS: dict[str, Cases] = {
    "unreadable body": bodies.unreadable,
    "mislabelled body": bodies.mislabelled,
    "body over 1 MB": bodies.too_large,
    "wrong field": bodies.wrong_fields,
    "path": places.paths,
    "query": places.queries,
    "method": places.methods,
    "header": headers.headers,
    "file": files.files,
}
OF_BODIES = tuple(KINDS)[:4]
# what a request that was answered leaves behind on purpose, whatever its headers said
LEFT_BY_READS = {"access_records": "every read of a borrower's file is recorded"}


@dataclass
class Found:
    """``wrong``: answered otherwise than by a problem document with the right status.

    ``stored`` names operation and table, ``failed`` what was answered by 5xx;
    ``covered``: the operations that each kind of bad input has reached.
    """

    cases: int = 0
    failed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    covered: dict[str, set[str]] = field(default_factory=dict)

    def take(self, kind: str, bad: Bad, answer: Any) -> None:
        """Judge one answer."""
        self.cases += 1
        self.covered.setdefault(kind, set()).add(bad.contract.name)
        status = answer.status_code
        said = f"{bad.contract.method} {bad.contract.path} {bad.what}: {status}"
        if status >= 500:
            self.failed.append(said)
        if not _as_promised(bad, answer):
            self.wrong.append(said)


def _as_promised(bad: Bad, answer: Any) -> bool:
    status = answer.status_code
    if status < 400 or bad.options.get("method") == "HEAD":
        return status in bad.statuses
    return refused(answer, *bad.statuses)


def reached(kind: str, ids: Ids) -> set[str]:
    """The operations to which this kind of bad input is sent."""
    return {one.name for one in CONTRACTS if any(KINDS[kind](one, ids))}


def walk(
    staff: Staff,
    contracts: Sequence[Contract] = CONTRACTS,
    *,
    each: Callable[[Contract], None] = lambda _: None,
) -> Found:
    """Every bad input to every operation; ``each`` is called after one of them."""
    found = Found()
    before = rows(staff.world.database)
    for contract in contracts:
        for kind, cases in KINDS.items():
            for bad in cases(contract, staff.ids):
                found.take(kind, bad, staff.try_(bad))
        after = rows(staff.world.database)
        changed = {name for name in after if after[name] != before.get(name)}
        kept = LEFT_BY_READS if contract.reads is not None else {}
        found.stored += [
            f"{contract.method} {contract.path}: {name}"
            for name in sorted(changed - kept.keys())
        ]
        before = after
        each(contract)
    return found
