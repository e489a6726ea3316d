"""Reads and writes that go on while something long runs, and what failed of them."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from server.demo.client import Person

CONSENT = {"kind": "enter_home", "evidence": "said so by telephone"}


@dataclass
class Traffic:
    """Each person reads one case after the other and writes a consent to every fifth.

    As a context manager it runs until the block ends; ``failures`` are in words.
    """

    people: Sequence[Person]
    case_ids: Sequence[UUID]
    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> "Traffic":
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._go, args=(person,)) for person in self.people
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _go(self, person: Person) -> None:
        number = 0
        while not self._ended.is_set():
            case_id = self.case_ids[number % len(self.case_ids)]
            number += 1
            try:
                self._once(person, case_id, writes=number % 5 == 0)
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")

    def _once(self, person: Person, case_id: UUID, *, writes: bool) -> None:
        begun = time.perf_counter()
        shown = person.get(f"/v1/cases/{case_id}")
        self.reads.append(1000 * (time.perf_counter() - begun))
        if not shown["borrower"]["name"]:
            raise ValueError("a case was shown without its borrower's name")
        if writes:
            begun = time.perf_counter()
            given = {**CONSENT, "starts_at": person.now().isoformat()}
            person.post(f"/v1/cases/{case_id}/consents", given)
            self.writes.append(1000 * (time.perf_counter() - begun))
