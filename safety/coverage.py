"""What keeps an organisation's ladders from reaching people, now and for two weeks."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import staff
from contact import channels
from core.instants import Interval
from core.words import AlertKind, GapKind, Role, UserState
from models import Rota, User
from safety import on_call, policies, rotas, turns, whom
from safety.ladder import Ladder
from safety.whom import Recipient

AHEAD = timedelta(days=14)
WORDS_EN: Mapping[GapKind, str] = {
    GapKind.NO_CHANNEL: "Nobody would be reached: no enabled channel wakes a person "
    "(console and file do not count).",
    GapKind.NO_OFFICER: "There is no active safety officer with a phone.",
    GapKind.NOBODY_NAMED: "The rota names nobody: all safety officers would be told.",
    GapKind.CANNOT_ANSWER: "The rota names somebody who is suspended or has no phone: "
    "the layers below would answer, in the end all safety officers.",
    GapKind.STEP_REACHES_NOBODY: "The step reaches nobody now: the next one would "
    "follow at once.",
    GapKind.NOBODY_AT_ALL: "The ladder reaches nobody: a departure is refused.",
}
WORDS_ZH: Mapping[GapKind, str] = {
    GapKind.NO_CHANNEL: "无法通知任何人：没有已启用的、能叫醒人的通知渠道"
    "（控制台和文件不算）。",
    GapKind.NO_OFFICER: "没有登记了手机号的在用安全员。",
    GapKind.NOBODY_NAMED: "值班表此时段无人值班：届时将通知全体安全员。",
    GapKind.CANNOT_ANSWER: "值班表所列人员已停用或未登记手机号："
    "届时由下层值班人员接替，最终通知全体安全员。",
    GapKind.STEP_REACHES_NOBODY: "此步骤目前通知不到任何人：届时立即执行下一步。",
    GapKind.NOBODY_AT_ALL: "此预案通知不到任何人：不允许出发。",
}
# who they are depends on the moment at which the step runs
OF_THE_MOMENT = (whom.Collector, whom.Buddy, whom.Nearest)


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing, where, and from when to when; no times: now."""

    kind: GapKind
    policy: AlertKind | None = None
    step: int | None = None
    rota_id: UUID | None = None
    user_id: UUID | None = None
    interval: Interval | None = None


def gaps(session: Session, organisation_id: UUID, *, demo: bool) -> list[str]:
    """The gaps of now that concern every ladder, in words; empty where all is well."""
    return [WORDS_EN[one.kind] for one in _of_the_house(session, organisation_id, demo)]


def ahead(
    session: Session, organisation_id: UUID, window: Interval, *, demo: bool
) -> list[Gap]:
    """Every gap of now, and of the rotas within the window."""
    ladders = _ladders(session, organisation_id)
    named = {who for ladder in ladders.values() for who in _named(ladder)}
    return [
        *_of_the_house(session, organisation_id, demo),
        *_of_policies(session, organisation_id, ladders),
        *_of_rotas(session, organisation_id, named, window),
    ]


def helpless(session: Session, organisation_id: UUID, *, demo: bool) -> GapKind | None:
    """Why nobody would come if a collector who sets out now were in danger.

    Every ladder ends with all safety officers, so one who can be reached is enough.
    """
    if not channels.reaching(session, organisation_id, demo=demo):
        return GapKind.NO_CHANNEL
    if staff.officers(session, organisation_id):
        return None
    for ladder in _ladders(session, organisation_id).values():
        if not _reaches(session, organisation_id, _named(ladder)):
            return GapKind.NOBODY_AT_ALL
    return None


def _of_the_house(session: Session, organisation_id: UUID, demo: bool) -> Iterator[Gap]:
    if not channels.reaching(session, organisation_id, demo=demo):
        yield Gap(GapKind.NO_CHANNEL)
    officer = select(User.id).where(
        User.organisation_id == organisation_id,
        User.role == Role.SAFETY_OFFICER,
        User.state == UserState.ACTIVE,
        User.phone_sealed.is_not(None),
    )
    if session.scalar(officer.limit(1)) is None:
        yield Gap(GapKind.NO_OFFICER)


def _ladders(session: Session, organisation_id: UUID) -> dict[AlertKind, Ladder]:
    return {
        kind: policies.ladder(policies.of(session, organisation_id, kind))
        for kind in AlertKind
    }


def _named(ladder: Ladder) -> list[Recipient]:
    """All whom a ladder names, and those whom its repeat reaches in any case."""
    steps = [one for step in ladder.steps for one in step.recipients]
    return [*steps, whom.ALL_SAFETY_OFFICERS]


def _of_policies(
    session: Session, organisation_id: UUID, ladders: Mapping[AlertKind, Ladder]
) -> Iterator[Gap]:
    for kind, ladder in ladders.items():
        for place, step in enumerate(ladder.steps):
            named = step.recipients
            known = not any(isinstance(one, OF_THE_MOMENT) for one in named)
            if known and not _reaches(session, organisation_id, named):
                yield Gap(GapKind.STEP_REACHES_NOBODY, policy=kind, step=place)
        if not _reaches(session, organisation_id, _named(ladder)):
            yield Gap(GapKind.NOBODY_AT_ALL, policy=kind)


def _reaches(
    session: Session, organisation_id: UUID, named: Sequence[Recipient]
) -> bool:
    """Is anybody among them who could be told whenever it is?"""
    return any(_is_there(session, organisation_id, one) for one in named)


def _is_there(session: Session, organisation_id: UUID, one: Recipient) -> bool:
    match one:
        case whom.InRole(role):
            return bool(staff.of_role(session, organisation_id, role))
        case whom.OnRota():  # in the end it is all of them
            return bool(staff.officers(session, organisation_id))
        case whom.Person(user_id):
            return _can_answer(session.get(User, user_id), organisation_id)
        case _:
            return False


def _can_answer(user: User | None, organisation_id: UUID) -> bool:
    if user is None or user.organisation_id != organisation_id:
        return False
    return user.state is UserState.ACTIVE and User.phone.readable(user) is not None


def _of_rotas(
    session: Session, organisation_id: UUID, named: Set[Recipient], window: Interval
) -> Iterator[Gap]:
    """Of the standing rota, and of those that a policy names."""
    for rota in rotas.all_of(session, organisation_id):
        if rota.standing or whom.OnRota(rota.id) in named:
            yield from _of_rota(session, rota, window)


def _of_rota(session: Session, rota: Rota, window: Interval) -> Iterator[Gap]:
    found = _spans(session, rota, window)
    first = {span.names[0] for span in found if span.names}
    able: Set[UUID] = on_call.able(session, rota.organisation_id, first).keys()
    for span in found:
        if not span.names:
            yield Gap(GapKind.NOBODY_NAMED, rota_id=rota.id, interval=span.interval)
        elif span.names[0] not in able:
            yield Gap(
                GapKind.CANNOT_ANSWER,
                rota_id=rota.id,
                user_id=span.names[0],
                interval=span.interval,
            )


def _spans(session: Session, rota: Rota, window: Interval) -> list[turns.Span]:
    try:
        return turns.spans(rotas.as_turns(session, rota, window), window)
    except (ValueError, OverflowError):  # this host cannot reckon it, see on_call
        return [turns.Span(window, ())]


def window(now: datetime) -> Interval:
    """The two weeks that begin now."""
    return Interval(now, now + AHEAD)
