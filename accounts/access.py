"""Who may do what: one table of actions and roles for every route of the API."""

from collections.abc import Mapping
from enum import StrEnum, auto

from core.actor import Actor
from core.errors import Forbidden
from core.words import Role


class Action(StrEnum):
    """One thing that a route lets somebody do."""

    # the own account
    READ_OWN_ACCOUNT = auto()
    CHANGE_OWN_SECRETS = auto()
    SET_OWN_DUTY = auto()
    SET_UP_SECOND_FACTOR = auto()
    USE_OWN_DEVICES = auto()
    READ_DEVICES = auto()
    REVOKE_DEVICE = auto()
    # the organisation, its users, policies and channels
    READ_ORGANISATION = auto()
    MANAGE_ORGANISATION = auto()
    READ_USERS = auto()
    MANAGE_USERS = auto()
    INVITE_USERS = auto()
    SEND_RESET_CODES = auto()
    MANAGE_CHANNELS = auto()
    MANAGE_WEBHOOKS = auto()
    SEND_EVENTS = auto()
    READ_POLICIES = auto()
    MANAGE_POLICIES = auto()
    READ_ROTAS = auto()
    MANAGE_ROTAS = auto()
    # cases, creditors and what stands on record about them
    IMPORT_CASES = auto()
    READ_CASES = auto()
    READ_CASE_HISTORY = auto()
    RECORD_PAYMENT = auto()
    REOPEN_CASES = auto()
    RECORD_CONSENT = auto()
    RECORD_HOLD = auto()
    READ_HOLD_WORDS = auto()
    EXPORT_BORROWER = auto()
    ERASE_BORROWER = auto()
    READ_ERASURES = auto()
    READ_CREDITORS = auto()
    RECORD_LISTING = auto()
    # badges
    READ_BADGES = auto()
    MANAGE_BADGES = auto()
    # the gate and visits before the door
    ASK_GATE = auto()
    READ_VISIT_HOURS = auto()
    READ_VISITS = auto()
    PLAN_VISITS = auto()
    # the collector's day, his watch, his call for help
    READ_OWN_DAY = auto()
    ACT_ON_OWN_WATCH = auto()
    SOS = auto()
    SET_OWN_VEHICLE = auto()
    SET_VEHICLE = auto()
    # alerts
    READ_ALERTS = auto()
    READ_ALERTS_TOLD = auto()
    ACKNOWLEDGE_ALERT = auto()
    NOTE_ALERT = auto()
    CLOSE_ALERT = auto()
    READ_HANDOVER = auto()
    # what a place is remembered for
    STATE_CONCERN = auto()
    READ_PLACE_RISK = auto()
    REVIEW_PLACES = auto()
    REPORT_INCIDENT = auto()
    READ_INCIDENTS = auto()
    CORRECT_INCIDENT = auto()
    # records
    READ_LEDGER = auto()
    READ_AUDIT = auto()
    READ_ACCESS_LOG = auto()
    MANAGE_NAMED_HOLDS = auto()
    READ_PURGES = auto()
    READ_MESSAGES = auto()


_collector, _dispatcher = Role.COLLECTOR, Role.DISPATCHER
_officer, _desk = Role.SAFETY_OFFICER, Role.CONTACT_DESK
_auditor, _admin = Role.AUDITOR, Role.ADMIN
_everybody = frozenset(Role)


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


ALLOWED: Mapping[Action, frozenset[Role]] = {
    Action.READ_OWN_ACCOUNT: _everybody,
    Action.CHANGE_OWN_SECRETS: _everybody,
    Action.SET_OWN_DUTY: _everybody,
    Action.SET_UP_SECOND_FACTOR: _everybody - {_collector},
    Action.USE_OWN_DEVICES: _everybody,
    # whose devices: the service's decision; everybody may revoke his own
    Action.READ_DEVICES: _only(_admin, _dispatcher, _officer),
    Action.REVOKE_DEVICE: _everybody,
    Action.READ_ORGANISATION: _everybody,
    Action.MANAGE_ORGANISATION: _only(_admin),
    Action.READ_USERS: _only(_admin, _dispatcher, _officer),
    Action.MANAGE_USERS: _only(_admin),
    Action.INVITE_USERS: _only(_admin),
    Action.SEND_RESET_CODES: _only(_admin, _officer),
    Action.MANAGE_CHANNELS: _only(_admin),
    # each his own: what only officers may see goes only to webhooks of theirs
    Action.MANAGE_WEBHOOKS: _only(_admin, _officer),
    Action.SEND_EVENTS: _only(_admin, _officer),
    Action.READ_POLICIES: _only(_admin, _officer, _dispatcher, _auditor),
    Action.MANAGE_POLICIES: _only(_admin, _officer),
    # everybody on a rota is a safety officer, see safety/rotas.py
    Action.READ_ROTAS: _only(_admin, _officer, _dispatcher, _auditor),
    Action.MANAGE_ROTAS: _only(_admin, _officer),
    Action.IMPORT_CASES: _only(_admin, _dispatcher),
    Action.READ_CASES: _only(_dispatcher, _desk, _auditor, _admin),
    Action.READ_CASE_HISTORY: _only(_dispatcher, _auditor, _admin),
    Action.RECORD_PAYMENT: _only(_dispatcher, _desk, _admin),
    Action.REOPEN_CASES: _only(_admin),
    Action.RECORD_CONSENT: _only(_dispatcher, _desk),
    Action.RECORD_HOLD: _only(_dispatcher, _desk),
    # whoever speaks with the borrower must know how; nobody else needs to know why
    Action.READ_HOLD_WORDS: _only(_desk),
    # the desk answers him; nobody else's copy has the words of his holds
    Action.EXPORT_BORROWER: _only(_desk, _admin),
    Action.ERASE_BORROWER: _only(_admin),
    Action.READ_ERASURES: _only(_admin, _desk, _auditor, _officer),
    Action.READ_CREDITORS: _only(_dispatcher, _desk, _auditor, _admin),
    Action.RECORD_LISTING: _only(_admin),
    Action.READ_BADGES: _only(_admin, _dispatcher, _officer, _auditor),
    Action.MANAGE_BADGES: _only(_admin),
    Action.ASK_GATE: _only(_dispatcher, _desk, _auditor),
    Action.READ_VISIT_HOURS: _only(_dispatcher, _desk),
    Action.READ_VISITS: _only(_dispatcher, _officer, _auditor),
    Action.PLAN_VISITS: _only(_dispatcher),
    Action.READ_OWN_DAY: _only(_collector),
    Action.ACT_ON_OWN_WATCH: _only(_collector),
    Action.SOS: _only(_collector),
    Action.SET_OWN_VEHICLE: _only(_collector),
    Action.SET_VEHICLE: _only(_dispatcher),
    # which alerts a role sees is the service's decision, not this table's: collectors
    # as colleagues, and admins in place of officers, those of which they were told
    Action.READ_ALERTS: _only(_officer, _dispatcher, _admin),
    Action.READ_ALERTS_TOLD: _only(_collector),
    Action.ACKNOWLEDGE_ALERT: _only(_officer, _dispatcher, _collector, _admin),
    Action.NOTE_ALERT: _only(_officer, _dispatcher, _collector, _admin),
    Action.CLOSE_ALERT: _only(_officer, _dispatcher, _admin),
    # those who read the alert in full: a colleague on his way sees what he needs
    Action.READ_HANDOVER: _only(_officer, _dispatcher, _admin),
    Action.STATE_CONCERN: _only(_collector),
    # planners need the level; marks, words and who made them: the service's decision
    Action.READ_PLACE_RISK: _only(_officer, _dispatcher),
    Action.REVIEW_PLACES: _only(_officer),
    Action.REPORT_INCIDENT: _only(_collector, _dispatcher, _officer),
    Action.READ_INCIDENTS: _only(_officer),
    Action.CORRECT_INCIDENT: _only(_officer),
    Action.READ_LEDGER: _only(_auditor, _dispatcher),
    Action.READ_AUDIT: _only(_auditor, _admin),
    Action.READ_ACCESS_LOG: _only(_auditor),
    Action.MANAGE_NAMED_HOLDS: _only(_auditor, _officer),
    Action.READ_PURGES: _only(_auditor, _officer, _admin),
    Action.READ_MESSAGES: _only(_dispatcher, _admin, _officer, _auditor),
}


def require(actor: Actor, action: Action) -> None:
    """``Forbidden`` where the table does not name the actor's role."""
    if actor.role not in ALLOWED[action]:
        raise Forbidden("Your role does not allow this.", action=action.value)
