"""Tenant tables and personal columns: whose a row is, and who can read it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from core import ids
from core.case_words import ChangeOf
from core.geo import Position
from core.keyring import CannotOpen
from core.words import (
    ActResult,
    AlertEntryKind,
    AlertKind,
    BadgeState,
    ChannelKind,
    ConsentKind,
    EventKind,
    Harm,
    IncidentCategory,
    Lane,
    MarkKind,
    MessageKind,
    RiskLevel,
    Role,
)
from models import (
    Alert,
    AlertEntry,
    BadgePhoto,
    BadgeTransition,
    Base,
    BorrowerHold,
    Case,
    CaseChange,
    Device,
    Import,
    ImportChunk,
    Incident,
    Invitation,
    KeptAnswer,
    Message,
    MessageChannel,
    Organisation,
    Payment,
    PlaceMark,
    SecondFactor,
    User,
    Vehicle,
    WatchEvent,
)
from models.base import Tenant
from models.sealed import Personal, Sealed
from tests.support.databases import Database
from tests.support.street import Street

NOT_OF_ONE_TENANT = {
    "organisations": "the tenants themselves",
    "installation": "one row for the whole installation",
    "process_pulses": "workers and sentinels serve every organisation",
    "verifications": "an unknown code belongs to nobody",
    "tries": "whether a login exists must not be seen in its counters",
    "audit_rows": "operators act without an organisation",
    "audit_pending": "a queue of ids that the sealer works through",
    "audit_seals": "one chain over the rows of every organisation",
}
TYPED = {  # what is no text of any words
    "position": "98.7654321",
    "content": "a-piece-of-a-file",
    "image": "a-picture",
    "household_size": "9876543219",
    "employment": "self_employed",
    "ability_to_pay": "partly",
    "willingness_to_pay": "hesitant",
}
AS: dict[str, Callable[[str], Any]] = {
    "position": lambda text: Position(float(text), 23.4),
    "content": str.encode,
    "image": str.encode,
    "household_size": int,
}
PLAIN = "Readable Westlake"  # proves that the search would find what is not sealed
MODELS = [mapper.class_ for mapper in Base.registry.mappers]


def sealed_columns() -> set[tuple[str, str]]:
    """Table and column of everything that is personal."""
    return {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    }


def personal(model: type) -> dict[str, Personal[Any]]:
    """The personal attributes of a model by their names."""
    found = vars(model).items()
    return {name: one for name, one in found if isinstance(one, Personal)}


def column_of(model: Any, one: Personal[Any]) -> tuple[str, str]:
    """Table and column behind a personal attribute."""
    [column] = model.__mapper__.attrs[one.column].columns
    return model.__tablename__, column.name


def marker(row: Any, name: str) -> str:
    """What stands in the raw database if this value is not sealed."""
    return TYPED.get(name, f"秘密-{row.__tablename__}-{name}")


def marked(row: Any) -> Any:
    """The row with a distinctive value in each personal attribute."""
    for name in personal(type(row)):
        value = marker(row, name)
        setattr(row, name, AS.get(name, str)(value))
    return row


def seeds(street: Street) -> Iterator[Any]:
    """One row of every model that holds something personal."""
    make, session, now = street.make, street.session, street.make.clock.now()
    mine: dict[str, Any] = {"organisation_id": street.organisation.id}
    badge = make.badge(street.chen)
    alert = Alert(
        **mine,
        kind=AlertKind.SOS,
        dedup_key="sos",
        user_id=street.chen.id,
        policy={},
        opened_at=now,
        ladder_from=now,
        next_action_at=now,
    )
    session.add(alert)
    session.flush()
    case = session.get_one(Case, street.case.id)
    yield session.get_one(Case.borrower.property.mapper.class_, case.borrower_id)
    yield from (street.chen, case, street.place, badge)
    photo = {"badge_id": badge.id, "set_by": street.officer.id, "set_at": now}
    yield BadgePhoto(**mine, **photo)
    yield make.consent(case, ConsentKind.ENTER_HOME, None)
    yield Invitation(
        **mine,
        login_digest="0" * 64,
        role=Role.ADMIN,
        code_digest="0" * 64,
        invited_by=street.officer.id,
        created_at=now,
        valid_to=now,
    )
    held = {"borrower_id": case.borrower_id, "case_id": case.id, "starts_at": now}
    held |= {"recorded_by": street.officer.id, "recorded_at": now}
    yield BorrowerHold(**mine, **held)
    yield SecondFactor(**mine, user_id=street.officer.id, created_at=now)
    yield MessageChannel(**mine, kind=ChannelKind.WEBHOOK, rank=1, created_at=now)
    times = {"created_at": now, "last_login_at": now}
    yield Device(**mine, **times, user_id=street.chen.id, app_id=ids.new())
    until = {"old_secret": "whsec_", "old_secret_until": now}
    yield make.webhook(street.organisation, "https://hooks.example/in", **until)
    kind, lane = MessageKind.ALERT_STEP, Lane.SOS
    more = {"kind": kind, "lane": lane, "dedup_key": "one"}
    yield Message(**mine, **more, available_at=now, created_at=now)
    paid = {"creditor_id": case.creditor_id, "case_id": case.id, "currency": "CNY"}
    paid |= {"reference_digest": "0" * 64, "amount_minor": 1, "paid_at": now}
    paid |= {"open_after_minor": 0, "overpaid_minor": 0, "settles": False}
    paid |= {"closes": False, "recorded_by": street.officer.id, "recorded_at": now}
    yield Payment(**mine, **paid)
    digests = {"key_digest": "0" * 64, "request_digest": "0" * 64}
    yield KeptAnswer(**mine, **digests, user_id=street.chen.id, created_at=now)
    yield from imported(mine, case, street)
    yield from remembered(mine, street)
    yield Vehicle(**mine, user_id=street.chen.id, set_by=street.chen.id, set_at=now)
    note = AlertEntryKind.NOTE
    yield AlertEntry(**mine, alert_id=alert.id, kind=note, at=now, detail={})
    moved = {"badge_id": badge.id, "new": BadgeState.REVOKED}
    yield BadgeTransition(**mine, **moved, actor_id=street.officer.id, at=now)
    times = {"occurred_at": now, "received_at": now, "request_digest": "0" * 64}
    sos = {"kind": EventKind.SOS, "result": ActResult.OK, "phone_at": now}
    sos["event_id"] = ids.new()
    yield WatchEvent(**mine, **times, **sos, user_id=street.chen.id)


def remembered(mine: dict[str, Any], street: Street) -> Iterator[Incident | PlaceMark]:
    """What happened at the place, and that somebody does not feel safe there."""
    now, by = street.make.clock.now(), street.chen.id
    what = {"category": IncidentCategory.THREAT, "harm": Harm.NONE, "attachments": []}
    times = {"happened_at": now, "reported_at": now}
    yield Incident(**mine, **what, **times, reported_by=by)
    level = {"level": RiskLevel.NORMAL, "kind": MarkKind.CONCERN, "number": 1}
    yield PlaceMark(**mine, **level, place_id=street.place.id, at=now, by=by)


def imported(
    mine: dict[str, Any], case: Case, street: Street
) -> Iterator[Import | ImportChunk | CaseChange]:
    """An import whose file is here, and what it changed."""
    now = street.make.clock.now()
    taken = Import(**mine, file_digest="0" * 64, created_at=now, moved_at=now)
    street.session.add(taken)
    street.session.flush()
    yield ImportChunk(**mine, import_id=taken.id, number=0)
    change = {"case_id": case.id, "subject": ChangeOf.CASE, "columns": ["debt_ref"]}
    yield CaseChange(**mine, **change, import_id=taken.id, changed_at=now)


def raw(database: Database) -> bytes:
    """The whole database as it lies on the disk, or as a dump of it would read."""
    if database.kind == "sqlite":
        path = database.url.removeprefix("sqlite:///")
        return Path(path).read_bytes() + Path(f"{path}-wal").read_bytes()
    return b"\n".join(dumped(database.engine))


def dumped(engine: Engine) -> Iterator[bytes]:
    """Every row of every table as text; binary columns as text and as bytes."""
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
                yield from (bytes(one) for one in row if isinstance(one, bytes))
                yield str(tuple(row)).encode()


def test_every_tenant_row_says_whose_it_is():
    tenants = [model for model in MODELS if issubclass(model, Tenant)]
    assert len(tenants) > 20
    for model in tenants:
        column = model.__table__.c.organisation_id
        [key] = column.foreign_keys
        assert key.column is Organisation.__table__.c.id
        assert not column.nullable


def test_every_table_that_is_not_of_one_tenant_is_on_the_list_with_its_reason():
    others = {one.__tablename__ for one in MODELS if not issubclass(one, Tenant)}
    assert others == NOT_OF_ONE_TENANT.keys()
    assert {model.__tablename__ for model in MODELS} == Base.metadata.tables.keys()


def test_every_sealed_column_has_an_attribute_that_opens_it():
    opened = {
        column_of(model, one) for model in MODELS for one in personal(model).values()
    }
    assert opened == sealed_columns()
    assert len(opened) > 15


def test_the_raw_database_holds_no_personal_value(street: Street, database: Database):
    street.organisation.public_name = PLAIN
    rows = [marked(row) for row in seeds(street)]
    street.session.add_all(rows)
    street.session.commit()
    values = {
        column_of(type(row), one): marker(row, name)
        for row in rows
        for name, one in personal(type(row)).items()
    }
    assert values.keys() == sealed_columns()
    found = raw(database)
    assert PLAIN.encode() in found
    assert {key for key, value in values.items() if value.encode() in found} == set()


def test_what_was_seeded_reads_back(street: Street, database: Database):
    rows = [marked(row) for row in seeds(street)]
    street.session.add_all(rows)
    street.session.commit()
    with Session(database.engine) as session:
        for row in rows:
            again: Any = session.get_one(type(row), row.id)
            for name in personal(type(row)):
                assert marker(row, name) in str(getattr(again, name))


def test_an_envelope_opens_only_in_its_own_row_and_column(street: Street):
    for row in [marked(row) for row in seeds(street)]:
        for name, one in personal(type(row)).items():
            elsewhere = type(row)(id=ids.new())
            setattr(elsewhere, one.column, getattr(row, one.column))
            with pytest.raises(CannotOpen):
                getattr(elsewhere, name)
    chen = street.chen
    chen.phone_sealed = chen.name_sealed
    with pytest.raises(CannotOpen):
        assert chen.phone


def test_an_envelope_that_was_moved_by_hand_does_not_open(street: Street):
    session, chen = street.session, street.chen
    copied = update(User).where(User.id == street.wu.id)
    session.execute(copied.values(name_sealed=chen.name_sealed))
    session.commit()
    session.refresh(street.wu)
    assert chen.name
    with pytest.raises(CannotOpen):
        assert street.wu.name


@pytest.mark.parametrize(("table", "column"), sorted(sealed_columns()))
def test_a_personal_column_refuses_plain_values(table: str, column: str):
    kind = Base.metadata.tables[table].c[column].type
    bind: Any = kind.process_bind_param  # type: ignore[attr-defined]
    for plain in ("a name", b"a name", 7):
        with pytest.raises(TypeError):
            bind(plain, None)
    assert bind(None, None) is None


def test_the_database_session_refuses_a_plain_name(street: Street):
    query = update(User).where(User.id == street.chen.id)
    with pytest.raises(StatementError, match="unsealed"):
        street.session.execute(query.values(name_sealed=b"a name"))
