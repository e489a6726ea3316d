"""Checks of codes that we never issued: how many are kept, and for how long."""

from sqlalchemy import delete, func, select

from accounts import sealer
from core.words import CheckAnswer
from credentials import checks, codes
from models import AuditRow, Verification
from safety import unknown_checks
from tests.support.street import Street

NOBODYS = select(func.count(Verification.id)).where(
    Verification.organisation_id.is_(None)
)


def guess(street: Street, times: int, source: str = "203.0.113.7") -> list[CheckAnswer]:
    """Somebody types codes that are not ours."""
    now = street.make.clock.now()
    told = [
        checks.check(
            street.session, text=codes.letters(n), source=source, now=now
        ).answer
        for n in range(times)
    ]
    street.session.commit()
    return told


def purge(street: Street) -> int:
    street.session.commit()
    now = street.make.clock.now
    done = unknown_checks.purge(street.database.sessions, clock_now=now)
    street.session.expire_all()
    return done


def kept(street: Street) -> int:
    found = street.session.scalars(NOBODYS).one()
    street.session.commit()
    return found


def alarms(street: Street) -> int:
    query = select(func.count(AuditRow.id)).where(AuditRow.action == "check.unknown")
    return street.session.scalars(query).one()


def test_checks_of_unknown_codes_go_after_366_days_and_leave_a_receipt(
    street: Street, monkeypatch
):
    monkeypatch.setattr(unknown_checks, "BATCH", 2)
    guess(street, 3)
    street.make.clock.forward(days=1)
    guess(street, 1)
    street.make.clock.forward(days=365, minutes=-1)
    assert purge(street) == 0
    street.make.clock.forward(minutes=2)
    now = street.make.clock.now()
    assert unknown_checks.due(street.session, now=now) == 3
    assert purge(street) == 3
    assert kept(street) == 1
    query = select(AuditRow).where(AuditRow.action == "check.purged")
    rows = street.session.scalars(query.order_by(AuditRow.id)).all()
    assert [row.detail["count"] for row in rows] == [2, 1]
    assert [row.organisation_id for row in rows] == [None, None]
    street.session.commit()
    sealer.seal(street.database.sessions, clock_now=street.make.clock.now)
    assert sealer.verify(street.session).broken is None


def test_an_organisations_checks_are_left_to_its_own_purge(street: Street):
    row = Verification(
        organisation_id=street.organisation.id,
        visit_id=street.visit.id,
        source_digest="0" * 64,
        answer=CheckAnswer.NOT_NOW,
        at=street.make.clock.now(),
    )
    street.session.add(row)
    street.make.clock.forward(days=400)
    assert purge(street) == 0
    assert street.session.scalars(select(Verification.id)).all() == [row.id]


def test_what_another_worker_has_deleted_is_counted_once(street: Street):
    guess(street, 2)
    ids = list(street.session.scalars(select(Verification.id)))
    street.session.execute(delete(Verification).where(Verification.id == ids[0]))
    street.session.commit()
    sessions, now = street.database.sessions, street.make.clock.now
    assert unknown_checks._take(sessions, ids, now) == 1
    assert unknown_checks._take(sessions, ids, now) == 0


def test_who_has_no_tries_left_fills_no_table(street: Street):
    told = guess(street, 40)
    assert told == [CheckAnswer.UNKNOWN] * 10 + [CheckAnswer.TOO_MANY_TRIES] * 30
    assert (kept(street), alarms(street)) == (11, 1)
    street.make.clock.forward(minutes=10)
    assert guess(street, 12)[:10] == [CheckAnswer.UNKNOWN] * 10
    assert (kept(street), alarms(street)) == (22, 2)


def test_a_subscribers_whole_network_is_one_source(street: Street):
    first = guess(street, 10, "2001:db8:1:2::7")
    second = guess(street, 1, "2001:db8:1:2:ffff::8")
    elsewhere = guess(street, 1, "2001:db8:1:3::7")
    assert set(first + elsewhere) == {CheckAnswer.UNKNOWN}
    assert second == [CheckAnswer.TOO_MANY_TRIES]


def test_one_source_may_come_as_ipv4_or_inside_of_ipv6(street: Street):
    guess(street, 10, "203.0.113.7")
    assert guess(street, 1, "::ffff:203.0.113.7") == [CheckAnswer.TOO_MANY_TRIES]
