"""A new data key: every sealed value is brought under it, beside running work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.errors import Misconfigured
from core.keyring import CannotOpen, Keyring
from core.words import AlertEntryKind, AlertKind
from models import AlertEntry, Borrower, resealing
from models import database as engines
from models.sealed import ring
from server import keys_file
from server.keys_file import KeysFile
from tests.contract.test_models import marked, marker, personal, sealed_columns, seeds
from tests.support.databases import Database
from tests.support.street import Street


@pytest.fixture(autouse=True)
def kept() -> Iterator[Keyring]:
    """The keyring of all other tests comes back."""
    before = ring.keyring
    yield before
    ring.use(before)


def turned() -> Keyring:
    """A fresh key becomes current in this process."""
    newer = ring.keyring.announce().turn()
    ring.use(newer)
    return newer


def nobody(count: int) -> None:
    """Nobody looks at the progress."""


def test_every_sealed_column_is_brought_under_the_new_key(
    street: Street, database: Database
):
    rows = [marked(row) for row in seeds(street)]
    street.session.add_all(rows)
    street.session.commit()
    old, newer = ring.keyring.current, turned()
    places = {(one.table.name, one.column.name) for one in resealing.places()}
    assert places == sealed_columns()
    used = resealing.used(street.session, old)
    assert used == [f"{one.table.name}.{one.column.name}" for one in resealing.places()]
    street.session.commit()
    before = resealing.count_stale(street.session)
    street.session.commit()
    told: list[int] = []
    outcome = resealing.reseal(database.sessions, tell=told.append)
    assert (outcome.moved, outcome.left, sum(told)) == (before, 0, before)
    ring.use(newer.keep(set()))
    with database.sessions() as session:
        assert resealing.used(session, old) == []
        for row in rows:
            again = session.get_one(type(row), row.id)
            for name in personal(type(row)):
                assert marker(row, name) in str(getattr(again, name))


def test_a_second_run_finds_nothing(street: Street, database: Database):
    turned()
    assert resealing.reseal(database.sessions, tell=nobody).moved > 0
    assert resealing.reseal(database.sessions, tell=nobody).moved == 0


def test_a_value_written_meanwhile_is_not_lost(
    street: Street, database: Database, monkeypatch: pytest.MonkeyPatch
):
    borrower_id, sealing = street.case.borrower_id, resealing._again
    written = []
    turned()

    def slow(place, row_id, old):  # type: ignore[no-untyped-def]
        if row_id == borrower_id and place.column.name == "name" and not written:
            with database.sessions.begin() as session:
                session.get_one(Borrower, borrower_id).name = "another name"
            written.append(row_id)
        return sealing(place, row_id, old)

    monkeypatch.setattr(resealing, "_again", slow)
    assert resealing.reseal(database.sessions, tell=nobody).left == 0
    street.session.expire_all()
    assert written
    assert street.session.get_one(Borrower, borrower_id).name == "another name"


def test_a_row_that_somebody_holds_keeps_nobody_waiting(
    street: Street, database: Database, monkeypatch: pytest.MonkeyPatch
):
    if database.kind == "sqlite":  # one writer: nobody else can hold a row
        monkeypatch.setattr(engines, "BREATH_S", 0.0)
    monkeypatch.setattr(resealing, "PASSES", 2)
    turned()
    holder = database.sessions()
    if database.kind == "postgresql":
        held = update(Borrower).where(Borrower.id == street.case.borrower_id)
        holder.execute(held.values(language=Borrower.language))
    outcome = resealing.reseal(database.sessions, tell=nobody)
    assert outcome.left == (3 if database.kind == "postgresql" else 0)
    holder.rollback()
    assert resealing.reseal(database.sessions, tell=nobody).left == 0


def test_a_damaged_value_stops_nothing_and_is_named(street: Street, database: Database):
    chen = street.chen
    chen.phone_sealed = chen.name_sealed
    street.session.commit()
    turned()
    outcome = resealing.reseal(database.sessions, tell=nobody)
    assert outcome.damaged == {f"users.phone of {chen.id}"}
    assert outcome.left == 1


def entry(street: Street) -> AlertEntry:
    """A row of an append-only table with words."""
    street.phone(street.chen).sos()
    [alert] = street.alerts(AlertKind.SOS)
    row = AlertEntry(
        organisation_id=street.organisation.id,
        alert_id=alert.id,
        kind=AlertEntryKind.NOTE,
        at=street.make.clock.now(),
        detail={},
        words="what was seen",
    )
    street.session.add(row)
    street.session.commit()
    return row


@pytest.mark.parametrize("change", ["words", "at", "both", "delete"])
def test_what_was_said_can_be_sealed_anew_and_nothing_else(street: Street, change: str):
    row = entry(street)
    same = update(AlertEntry).where(AlertEntry.id == row.id)
    other = sealed_for(row, "other words")
    if change == "both":
        turned()
    statement = {
        "words": same.values(words_sealed=other),
        "at": same.values(at=street.organisation.created_at.replace(year=2001)),
        "both": same.values(
            words_sealed=sealed_for(row, "other words"),
            at=street.organisation.created_at.replace(year=2001),
        ),
        "delete": text("DELETE FROM alert_entries"),
    }[change]
    with pytest.raises((DBAPIError, IntegrityError), match="append-only"):
        street.session.execute(statement)
    street.session.rollback()
    assert row.words == "what was seen"


def sealed_for(row: AlertEntry, words: str):
    """Other words sealed for the same row, under the key that is current."""
    return ring.seal(words, bound_to=f"alert_entries.words.{row.id}")


def test_a_running_process_learns_a_key_from_the_file(tmp_path: Path):
    path, first = tmp_path / "keys.json", ring.keyring
    keys_file.replace(path, first)
    assert path.stat().st_mode & 0o777 == 0o600
    file = KeysFile(path)
    ring.use(file.read(), reload=file.newer)
    announced = first.announce()
    keys_file.replace(path, announced)
    newer = announced.turn()
    sealed = newer.seal("a name", bound_to="a.b.c")
    assert ring.open(sealed, bound_to="a.b.c") == "a name"
    assert ring.seal("x", bound_to="a.b.c").startswith(Keyring.head(first.current))
    keys_file.replace(path, newer)
    assert ring.seal("x", bound_to="a.b.c").startswith(Keyring.head(newer.current))


@pytest.mark.parametrize("content", [None, "{", Keyring.generate().dump()])
def test_a_file_that_is_gone_broken_or_anothers_changes_nothing(
    tmp_path: Path, content: str | None
):
    path = tmp_path / "keys.json"
    keys_file.replace(path, ring.keyring)
    file = KeysFile(path)
    ring.use(file.read(), reload=file.newer)
    known = ring.seal("a name", bound_to="a.b.c")
    path.unlink() if content is None else path.write_text(content)
    assert ring.open(ring.seal("x", bound_to="a.b.c"), bound_to="a.b.c") == "x"
    assert ring.open(known, bound_to="a.b.c") == "a name"
    stranger = Keyring.generate().seal("x", bound_to="a.b.c")
    with pytest.raises(CannotOpen):
        ring.open(stranger, bound_to="a.b.c")


def test_only_one_command_changes_the_file_at_a_time(tmp_path: Path):
    path = tmp_path / "keys.json"
    with (
        keys_file.alone(path),
        pytest.raises(Misconfigured, match="Another command"),
        keys_file.alone(path),
    ):
        raise AssertionError("two at once")


def test_a_keyring_turns_only_to_an_announced_key():
    with pytest.raises(Misconfigured):
        ring.keyring.turn()
    announced = Keyring.generate().announce()
    assert Keyring.parse(announced.dump()) == announced
    assert announced.turn().keep(set()).data_keys.keys() == {announced.coming}
