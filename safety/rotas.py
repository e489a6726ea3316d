"""Rotas of an organisation: made and changed whole, and overrides for single spans.

Only safety officers stand on a rota: it finds the one who answers for an alert, of
whatever kind, and some alerts are told to nobody else.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import audit, names
from core import instants
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from core.instants import Interval
from core.words import Role, UserState
from models import PolicyStep, Rota, RotaLayer, RotaOverride, RotaParticipant, User
from safety import turns, whom
from safety.turns import Hours, Layer

LONGEST_NAME = 80
LONGEST_OVERRIDE = timedelta(days=92)
TAKEN = "Another rota has this name, or is the standing one already."


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants a rota to be; ``layers`` from the top down."""

    name: str
    time_zone: str
    standing: bool
    layers: Sequence[Layer]


def create(session: Session, actor: Actor, plan: Plan, *, now: datetime) -> Rota:
    """A new rota.

    ``Conflict`` for a name that is taken, or a second standing one; ``NotFound`` for a
    person who is not of the organisation, ``Invalid`` for one who cannot be on call.
    """
    rota = Rota(organisation_id=actor.organisation_id, created_at=now)
    _describe(session, actor, rota, plan)
    _set_layers(rota, plan.layers)
    _store(session, rota)
    _audit(session, actor, rota, "created", now=now, standing=rota.standing)
    return rota


def replace(
    session: Session, actor: Actor, rota_id: UUID, plan: Plan, *, now: datetime
) -> Rota:
    """The same rota after another plan; errors as in ``create``, overrides stay."""
    rota = get(session, actor, rota_id)
    _describe(session, actor, rota, plan)
    rota.layers.clear()
    _store(session, rota)  # the old places must be gone before new ones take them
    _set_layers(rota, plan.layers)
    _store(session, rota)
    _audit(session, actor, rota, "changed", now=now, standing=rota.standing)
    return rota


def get(session: Session, actor: Actor, rota_id: UUID) -> Rota:
    """One rota; ``NotFound`` for another organisation's."""
    rota = session.scalar(_of(actor).where(Rota.id == rota_id))
    if rota is None:
        raise NotFound("rota")
    return rota


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[Rota]:
    """At most ``limit`` rotas after that id, oldest first."""
    query = _of(actor)
    if after is not None:
        query = query.where(Rota.id > after)
    return session.scalars(query.order_by(Rota.id).limit(limit)).all()


def remove(session: Session, actor: Actor, rota_id: UUID, *, now: datetime) -> None:
    """Delete a rota with its overrides; ``Conflict`` while a policy names it.

    Where it was the standing one, the officers on duty are on call from now on.
    """
    rota = get(session, actor, rota_id)
    if _is_named(session, rota):
        raise Conflict("A policy names this rota: take it from there first.")
    for override in session.scalars(_overrides(rota)):
        session.delete(override)
    _audit(session, actor, rota, "deleted", now=now, standing=rota.standing)
    session.delete(rota)
    session.flush()


def override(
    session: Session,
    actor: Actor,
    rota_id: UUID,
    *,
    user_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> RotaOverride:
    """One person takes a span, above all layers.

    ``Conflict`` where another override has some of it: two people would each believe
    that the other one answers.
    """
    span = _span(starts_at, ends_at, now)
    rota = _locked(session, actor, rota_id)
    _may_be_on_call(session, actor, {user_id}, "user_id")
    if turns.clashing(overrides_within(session, rota, span), span):
        raise Conflict("Another override has some of this span: delete that one first.")
    row = RotaOverride(
        organisation_id=actor.organisation_id,
        rota_id=rota.id,
        user_id=user_id,
        starts_at=starts_at,
        ends_at=ends_at,
        made_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    _audit(session, actor, rota, "override_made", now=now, user_id=user_id)
    return row


def page_overrides(
    session: Session, actor: Actor, rota_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[RotaOverride]:
    """At most ``limit`` overrides of a rota after that id, oldest first."""
    query = _overrides(get(session, actor, rota_id))
    if after is not None:
        query = query.where(RotaOverride.id > after)
    return session.scalars(query.order_by(RotaOverride.id).limit(limit)).all()


def drop_override(
    session: Session, actor: Actor, rota_id: UUID, override_id: UUID, *, now: datetime
) -> None:
    """The layers answer for its span again."""
    rota = get(session, actor, rota_id)
    found = _overrides(rota).where(RotaOverride.id == override_id)
    row = session.scalar(found)
    if row is None:
        raise NotFound("override")
    _audit(session, actor, rota, "override_dropped", now=now, user_id=row.user_id)
    session.delete(row)
    session.flush()


def standing(session: Session, organisation_id: UUID) -> Rota | None:
    """The rota that answers where a step names no other."""
    query = select(Rota).where(Rota.organisation_id == organisation_id, Rota.standing)
    return session.scalar(query)


def all_of(session: Session, organisation_id: UUID) -> Sequence[Rota]:
    """Every rota of an organisation, oldest first."""
    query = select(Rota).where(Rota.organisation_id == organisation_id)
    return session.scalars(query.order_by(Rota.id)).all()


def as_turns(session: Session, rota: Rota, window: Interval) -> turns.Rota:
    """The rota as its arithmetic takes it, with the overrides that touch the window."""
    return turns.Rota(
        zone=instants.zone(rota.time_zone),
        layers=tuple(layer(one) for one in rota.layers),
        overrides=tuple(overrides_within(session, rota, window)),
    )


def overrides_within(
    session: Session, rota: Rota, window: Interval
) -> list[turns.Override]:
    """Those that have some of the window."""
    query = _overrides(rota).where(
        RotaOverride.ends_at > window.start, RotaOverride.starts_at < window.end
    )
    return [
        turns.Override(one.user_id, Interval(one.starts_at, one.ends_at))
        for one in session.scalars(query.order_by(RotaOverride.starts_at))
    ]


def layer(row: RotaLayer) -> Layer:
    """A stored layer as the arithmetic takes it."""
    return Layer(
        participants=tuple(one.user_id for one in row.participants),
        starts_on=row.starts_on,
        hand_over=_time(row.hand_over),
        turn_days=row.turn_days,
        hours=_hours(row),
    )


def _hours(row: RotaLayer) -> Hours | None:
    if row.weekdays is None or row.hours_begin is None or row.hours_end is None:
        return None
    weekdays = frozenset(map(int, row.weekdays))
    return Hours(weekdays, _time(row.hours_begin), _time(row.hours_end))


def _time(minute: int) -> time:
    return time(*divmod(minute, 60))


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _set_layers(rota: Rota, layers: Sequence[Layer]) -> None:
    mine = {"organisation_id": rota.organisation_id}
    for place, one in enumerate(layers):
        row = RotaLayer(
            **mine,
            place=place,
            starts_on=one.starts_on,
            hand_over=_minute(one.hand_over),
            turn_days=one.turn_days,
        )
        if one.hours is not None:
            row.weekdays = "".join(map(str, sorted(one.hours.weekdays)))
            row.hours_begin = _minute(one.hours.begins)
            row.hours_end = _minute(one.hours.ends)
        for turn, user_id in enumerate(one.participants):
            row.participants.append(
                RotaParticipant(**mine, place=turn, user_id=user_id)
            )
        rota.layers.append(row)


def _describe(session: Session, actor: Actor, rota: Rota, plan: Plan) -> None:
    """Name, zone and place, once they and everybody named are found right."""
    name = names.readable(plan.name, field="name", longest=LONGEST_NAME)
    try:
        zone = instants.zone(plan.time_zone).key
    except ValueError as error:
        raise one_field("time_zone", "is no IANA time zone") from error
    people = {one for layer in plan.layers for one in layer.participants}
    _may_be_on_call(session, actor, people, "layers")
    rota.name, rota.time_zone, rota.standing = name, zone, plan.standing


def _may_be_on_call(
    session: Session, actor: Actor, user_ids: Set[UUID], field: str
) -> None:
    """``Invalid`` for somebody who cannot be on call, ``NotFound`` for a stranger."""
    query = select(User).where(
        User.organisation_id == actor.organisation_id, User.id.in_(user_ids)
    )
    found = session.scalars(query).all()
    if len(found) < len(user_ids):
        raise NotFound("user")
    for user in found:
        if user.role is not Role.SAFETY_OFFICER:
            raise one_field(field, "only safety officers can be on call")
        if user.state is not UserState.ACTIVE or User.phone.readable(user) is None:
            raise one_field(field, "names somebody who is suspended or has no phone")


def _span(starts_at: datetime, ends_at: datetime, now: datetime) -> Interval:
    if ends_at <= max(starts_at, now):
        raise one_field("ends_at", "must be after starts_at, and not be past")
    if ends_at - starts_at > LONGEST_OVERRIDE:
        days = LONGEST_OVERRIDE.days
        raise one_field("ends_at", f"must lie within {days} days of the start")
    return Interval(starts_at, ends_at)


def _store(session: Session, rota: Rota) -> None:
    try:
        with session.begin_nested():
            session.add(rota)
            session.flush()
    except IntegrityError as error:
        raise Conflict(TAKEN) from error


def _of(actor: Actor) -> Select[Rota]:
    return select(Rota).where(Rota.organisation_id == actor.organisation_id)


def _locked(session: Session, actor: Actor, rota_id: UUID) -> Rota:
    query = _of(actor).where(Rota.id == rota_id).with_for_update(key_share=True)
    rota = session.scalar(query)
    if rota is None:
        raise NotFound("rota")
    return rota


def _is_named(session: Session, rota: Rota) -> bool:
    query = select(PolicyStep).where(PolicyStep.organisation_id == rota.organisation_id)
    return any(
        whom.OnRota(rota.id) in whom.stored(step.whom, step.recipients)
        for step in session.scalars(query)
    )


def _overrides(rota: Rota) -> Select[RotaOverride]:
    return select(RotaOverride).where(
        RotaOverride.organisation_id == rota.organisation_id,
        RotaOverride.rota_id == rota.id,
    )


def _audit(
    session: Session,
    actor: Actor,
    rota: Rota,
    what: str,
    *,
    now: datetime,
    **detail: object,
) -> None:
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action=f"rota.{what}",
        subject="rotas",
        subject_id=rota.id,
        now=now,
        **detail,
    )
