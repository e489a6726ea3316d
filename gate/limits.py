"""Everything that may refuse a contact, each with the hours in which it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core import instants
from core.instants import Interval
from core.words import Channel, ConsentKind, PlaceKind
from gate import hours, place_limits
from gate.answers import Reason, cited, of_the_house
from gate.facts import Facts
from gate.law import Bearing, Kind, Premises, Rule

CHANNEL = of_the_house(
    "GATE-CHANNEL",
    "The gate cannot decide on this channel yet.",
    "系统暂不能判定该联系方式。",
)
ZONE = of_the_house(
    "GATE-ZONE", "The place's time zone is unknown.", "该地点的时区未知。"
)
PACK = of_the_house(
    "GATE-PACK", "We have no rules for this place.", "该地点尚无适用规则。"
)
CLOSED = of_the_house(
    "CASE-CLOSED",
    "This case is closed: nothing is owed, so nobody is contacted.",
    "该案件已结清：已无欠款，不得再联系借款人。",
)
ERASED = of_the_house(
    "GATE-ERASED",
    "This borrower was erased: nobody is contacted any more.",
    "该借款人的个人信息已删除：不得再联系。",
)
HOLD = of_the_house(
    "GATE-HOLD",
    "The borrower is not to be contacted for now.",
    "目前暂不得联系该借款人。",
)
WISH = of_the_house(
    "GATE-WISH",
    "The borrower asked not to be contacted at this time.",
    "借款人要求不在该时段联系。",
)
# What of a pack binds the message that announces a visit.
NOTICE_KINDS = frozenset({Kind.HOURS, Kind.LICENCE, Kind.PERSON, Kind.IDENTITY})
CONSENTED_PREMISES = {
    PlaceKind.WORKPLACE: Premises.DEBTOR_OFFICE_AREA,
    PlaceKind.OTHER: Premises.OTHER_PRIVATE_PREMISES,
}
OTHERS_ONLY = frozenset({"third_party"})


@dataclass(frozen=True, slots=True)
class Limit:
    """A reason, and the windows of the span in which it does not refuse."""

    reason: Reason
    windows: list[Interval]

    def allows(self, asked: Interval) -> bool:
        """True where one window holds the whole interval."""
        joined = instants.union(self.windows)
        return any(window.covers(asked) for window in joined)


def common(limits: list[Limit], span: Interval) -> list[Interval]:
    """The instants of the span that every limit allows; ascending."""
    windows = [span]
    for limit in limits:
        windows = instants.intersect(windows, limit.windows)
    return windows


def of(facts: Facts, span: Interval) -> list[Limit]:
    """All limits on such a contact, within the span."""
    if facts.channel not in hours.CONCERNED:
        return [Limit(CHANNEL, [])]
    of_the_place = (Limit(*found) for found in place_limits.of(facts, span))
    return [
        *_of_the_house(facts, span),
        *of_the_place,
        *_of_the_pack(facts, span),
    ]


def bound(facts: Facts, bearing: Bearing) -> Iterator[Rule]:
    """The pack's rules of a bearing on this contact, in the pack's order."""
    for rule in facts.pack.rules if facts.pack else ():
        named = facts.channel is not Channel.NOTICE or rule.kind in NOTICE_KINDS
        if rule.bearing is bearing and named and hours.concerns(rule, facts.channel):
            yield rule


def _of_the_house(facts: Facts, span: Interval) -> Iterator[Limit]:
    tz = facts.tz
    if facts.erased:
        yield Limit(ERASED, [])
    elif facts.closed:
        yield Limit(CLOSED, [])
    if held := [part for hold in facts.holds for part in hold.within(span)]:
        yield Limit(HOLD, instants.subtract([span], held))
    if tz is None:
        yield Limit(ZONE, [])
    if facts.pack is None:
        yield Limit(PACK, [])
    if facts.unschedulable:
        yield Limit(_unschedulable(facts.unschedulable), [])
    if facts.wishes and tz is not None:
        yield Limit(WISH, _wished(facts, tz, span))


def _of_the_pack(facts: Facts, span: Interval) -> Iterator[Limit]:
    tz = facts.tz
    for rule in bound(facts, Bearing.DECIDES):
        if rule.kind is not Kind.HOURS:
            not_yet = hours.before(rule.effective_from, tz, span) if tz else []
            yield Limit(cited(rule), _allowed(rule, facts, span) + not_yet)
        elif facts.pack and tz:  # without a zone GATE-ZONE refuses
            agreed = facts.agreed(ConsentKind.OUTSIDE_HOURS, span)
            zones = hours.zones(facts.pack, tz)
            yield Limit(cited(rule), hours.of_rule(rule, zones, span, agreed))


def _unschedulable(codes: tuple[str, ...]) -> Reason:
    why = ", ".join(codes)
    return of_the_house(
        "GATE-PLACE",
        f"This place cannot be scheduled: {why}.",
        f"该地点无法安排走访：{why}。",
    )


def _wished(facts: Facts, tz: ZoneInfo, span: Interval) -> list[Interval]:
    """Every wish holds, so two wishes for hours leave what lies in both."""
    windows = [span]
    for wish in facts.wishes:
        named = hours.weekly(wish.spans, tz, span)
        narrow = instants.intersect if wish.only else instants.subtract
        windows = narrow(windows, named)
    return windows


def _allowed(rule: Rule, facts: Facts, span: Interval) -> list[Interval]:
    """When a deciding rule allows the contact. A kind that we cannot judge refuses."""
    match rule.kind:
        case Kind.STAFFING:
            enough = facts.people is None or facts.people >= rule.min_staff
            return [span] if enough else []
        case Kind.LICENCE:
            return [part for period in facts.listings for part in period.within(span)]
        case Kind.PLACE:
            return _at_place(rule, facts, span)
        case Kind.PERSON if rule.persons == OTHERS_ONLY:
            return [span]  # we turn to the borrower himself; an obligation says so
        case _:
            return []


def _at_place(rule: Rule, facts: Facts, span: Interval) -> list[Interval]:
    """A home is visited outside, at the door: a ban on entering leaves it open."""
    if CONSENTED_PREMISES.get(facts.place) not in rule.places:
        return [span]
    if facts.place is PlaceKind.OTHER:
        return [span] if facts.is_public else []
    if rule.unless in hours.AGREED:
        return facts.agreed(ConsentKind.WORKPLACE_VISIT, span)
    return []
