"""The operator's export and erasure of one borrower, as real processes; kill -9."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import sealer
from core.words import Role
from models import AccessRecord, AuditRow, Borrower, Erasure, Message, database
from tests.support import borrowers
from tests.support.borrowers import MARK, MARKS, Marked
from tests.support.missed import Missed
from tests.support.premises import Premises, Process, until

SERVER = ("-m", "server.cli", "borrower")


class Desk:
    """An operator at one installation, and the borrower whom he is asked about."""

    def __init__(self, premises: Premises, missed: Missed) -> None:
        self.premises, self.street = premises, missed.street
        self.marked = Marked(missed.street)
        for role in (Role.ADMIN, Role.CONTACT_DESK):
            missed.make.user(self.street.organisation, role, login=role.value)
        self.whom = ["--organisation", self.street.organisation.slug]
        self.whom += ["--creditor", self.marked.creditor_code, "--debtor-ref", MARK]
        self.borrower_id = self.marked.borrower.id
        missed.make.session.commit()

    def run(self, command: str, *more: str, login: Role = Role.ADMIN) -> Process:
        """The command about the borrower, by his creditor's reference."""
        self.street.session.commit()
        who = [*self.whom, "--login", login.value]
        return self.premises.run(*SERVER, command, *who, *more)

    def says(self, command: str, *more: str, status: int = 0, **options: Role) -> str:
        """What it said by its end."""
        process = self.run(command, *more, **options)
        assert process.ends(seconds=60) == status, process.said()
        return process.said()

    def receipts(self) -> int:
        """How many erasures are told of."""
        found = len(self.street.session.scalars(select(Erasure)).all())
        self.street.session.commit()
        return found

    def found(self) -> set[tuple[str, str]]:
        """Where the marks still stand."""
        left = borrowers.found(self.street.session)
        self.street.session.commit()
        return left


@pytest.fixture
def desk(premises: Premises, missed: Missed) -> Desk:
    """Ready to be asked."""
    return Desk(premises, missed)


def test_a_copy_is_written_once_for_one_reader(desk: Desk, tmp_path: Path):
    file = tmp_path / "copy.json"
    said = desk.says("export", "--output", str(file), login=Role.CONTACT_DESK)
    assert "written" in said
    assert MARK not in said
    assert file.stat().st_mode & 0o777 == 0o600
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["holds"][0]["words"] == MARK
    session = desk.street.session
    records = select(AccessRecord).where(
        AccessRecord.route == "command_borrower_export"
    )
    assert session.scalars(records).one().case_id == desk.marked.case.id
    exported = select(AuditRow).where(AuditRow.action == "borrower.exported")
    assert session.scalars(exported).one().detail["complete"] is True
    session.commit()
    before = file.read_bytes()
    assert "File exists" in desk.says("export", "--output", str(file), status=1)
    assert file.read_bytes() == before
    other = tmp_path / "admin.json"
    assert "holds.words" in desk.says("export", "--output", str(other))
    assert json.loads(other.read_text("utf-8"))["holds"][0]["words"] is None


def test_what_is_not_found_leaves_no_file(desk: Desk, tmp_path: Path):
    file = tmp_path / "copy.json"
    desk.marked.borrower.debtor_ref_digest = "0" * 64
    said = desk.says("export", "--output", str(file), status=1)
    assert "There is no such borrower." in said
    assert not file.exists()
    twice = ["--id", str(desk.borrower_id), "--output", str(file)]
    assert "or --id" in desk.says("export", *twice, status=1)


def test_an_erasure_asks_first_and_says_what_went(desk: Desk):
    before = desk.found()
    asked = desk.says("erase", status=130)  # nobody answers
    assert "cases: 1 would go" in asked
    assert "contacts: 1 kept until" in asked
    assert desk.found() == before
    done = desk.says("erase", "--yes")
    assert "borrowers: 1 erased" in done
    assert "1 planned visits called off" in done
    assert not any(mark in done for mark in MARKS)
    assert desk.found() == {("consents", "evidence")}
    assert "was erased at" in desk.says("erase", "--yes")
    assert desk.receipts() == 1


def test_what_is_in_the_way_is_one_line(desk: Desk):
    desk.street.phone(desk.street.chen).check_in(desk.street.visit)
    said = desk.says("erase", "--yes", status=1)
    assert said.strip().splitlines()[-1].startswith("Somebody is on the way to him")


@contextmanager
def held(desk: Desk) -> Iterator[None]:
    """A row that an erasure comes to late; on SQLite nobody can hold one."""
    if desk.premises.database.kind == "sqlite":
        yield
        return
    with desk.premises.database.sessions.begin() as session:
        patient = "SET LOCAL idle_in_transaction_session_timeout = 0"
        session.connection().exec_driver_sql(patient)  # a process starts slowly
        session.scalars(select(Message).with_for_update()).all()
        yield


def waits(desk: Desk) -> bool:
    """The erasure has begun, and stands before what is held."""
    if desk.premises.database.kind == "sqlite":
        return "would be called off" in desk.premises.started[-1].said()
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with Session(desk.premises.database.engine) as session:
        return bool(session.connection().exec_driver_sql(query).scalar_one())


def test_killed_in_the_middle_it_is_erased_whole_or_not_at_all(desk: Desk):
    before = desk.found()
    with held(desk):
        killed = desk.run("erase", "--yes")
        until("the erasure is on its way", lambda: waits(desk), seconds=60)
        killed.kill()
    after, receipts = {("consents", "evidence")}, desk.receipts()
    assert receipts == 0 or desk.premises.database.kind == "sqlite"
    assert desk.found() == (after if receipts else before)
    desk.says("erase", "--yes")
    assert (desk.found(), desk.receipts()) == (after, 1)
    sessions = desk.premises.database.sessions
    sealer.seal(sessions, clock_now=desk.premises.clock.now)
    with database.reading(sessions) as session:
        assert sealer.verify(session).broken is None
        assert session.get_one(Borrower, desk.borrower_id).erased_at
