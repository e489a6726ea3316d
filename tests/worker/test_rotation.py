"""Keys rotated under running processes: killed midway, gone on with, retired."""

import os

from sqlalchemy import func, select

from core.keyring import Keyring
from core.words import Role
from models import Borrower, Consent, resealing
from models.sealed import ring
from tests.support.missed import Missed
from tests.support.premises import Premises, until
from tests.support.traffic import Traffic

BORROWERS = 1500


def fill(missed: Missed) -> list[object]:
    """Many cases, each with a borrower of his own; their ids."""
    make, organisation = missed.make, missed.street.organisation
    creditor = make.creditor(organisation)
    cases = [make.case(organisation, creditor).id for _ in range(BORROWERS)]
    missed.make.session.commit()
    return cases


def stale(premises: Premises) -> int:
    """How many values are not under the file's current key, as it is now."""
    keyring = Keyring.parse((premises.home / "keys.json").read_text())
    kept = ring.keyring
    ring.use(keyring)
    try:
        with premises.database.sessions() as session:
            return resealing.count_stale(session)
    finally:
        ring.use(kept)


def test_a_rotation_is_killed_and_goes_on_while_others_read_and_write(
    missed: Missed, premises: Premises
):
    first = ring.keyring
    cases = fill(missed)
    dispatcher = missed.make.user(missed.street.organisation, Role.DISPATCHER)
    missed.make.session.commit()
    premises.start("web")
    premises.start("worker")
    people = [missed.person(dispatcher) for _ in range(2)]
    with Traffic(people, cases) as traffic:
        command = ("-m", "server.cli", "keys", "rotate", "--copied")
        killed = premises.run(*command)
        path = premises.home / "keys.json"
        until(
            "the key turns",
            lambda: Keyring.parse(path.read_text()).current != first.current,
        )
        everything = stale(premises)
        until("some values are moved", lambda: stale(premises) < everything - 500)
        killed.kill()
        left = stale(premises)
        again = premises.run(*command)
        assert again.ends(seconds=120) == 0, again.said()
    try:
        assert 0 < left < everything
        assert "Going on" in again.said()
        assert "0 left under older ones" in again.said()
        assert traffic.failures == []
        assert len(traffic.reads) > 20
        retired(premises, first.current)
        count = select(func.count()).select_from(Consent)
        assert missed.read(count)[0] == len(traffic.writes) > 0
        names = set(missed.read(select(Borrower.name_sealed)))
        assert len(names) == BORROWERS + 1
    finally:
        ring.use(first)


def retired(premises: Premises, old: str) -> None:
    """The old key leaves the file, and every value opens without it."""
    command = ("-m", "server.cli", "keys", "retire", "--copied")
    early = premises.run(*command)
    assert early.ends() == 1
    assert "less than a minute ago" in early.said()
    path = premises.home / "keys.json"
    os.utime(path, (1, 1))
    done = premises.run(*command)
    assert done.ends() == 0, done.said()
    assert f"Retired: {old}" in done.said()
    keyring = Keyring.parse(path.read_text())
    assert old not in keyring.data_keys
    kept = path.with_name(f"{path.name}.before-{keyring.current}")
    assert old in Keyring.parse(kept.read_text()).data_keys  # for backups made before
    assert kept.stat().st_mode & 0o777 == 0o600
    ring.use(keyring)


def test_a_key_that_a_value_needs_is_not_retired(missed: Missed, premises: Premises):
    path = premises.home / "keys.json"
    path.write_text(ring.keyring.announce().turn().dump())
    os.utime(path, (1, 1))
    done = premises.run("-m", "server.cli", "keys", "retire", "--copied")
    assert done.ends() == 1
    assert f"still sealed by {ring.keyring.current}" in done.said()
    assert "borrowers.debtor_ref" in done.said()
    assert ring.keyring.current in path.read_text()


def test_other_hosts_must_have_the_file_before_anything_is_sealed_with_a_new_key(
    missed: Missed, premises: Premises
):
    rotate = ("-m", "server.cli", "keys", "rotate")
    done = premises.run(*rotate)
    assert done.ends() == 0, done.said()
    keyring = Keyring.parse((premises.home / "keys.json").read_text())
    if premises.database.kind == "sqlite":  # one host: nothing to ask
        assert "0 left" in done.said()
        assert keyring.coming is None
        return
    assert "rotate --copied" in done.said()
    assert keyring.current == ring.keyring.current
    assert premises.run(*rotate).ends() == 0
    assert Keyring.parse((premises.home / "keys.json").read_text()) == keyring
    early = premises.run("-m", "server.cli", "keys", "retire")
    assert early.ends() == 1
    assert "to every host first" in early.said()
