"""The product's words as enumerations; their values are stored and sent as they are."""

from enum import StrEnum


class Role(StrEnum):
    """What a user is in his organisation."""

    COLLECTOR = "collector"
    DISPATCHER = "dispatcher"
    SAFETY_OFFICER = "safety_officer"
    CONTACT_DESK = "contact_desk"
    AUDITOR = "auditor"
    ADMIN = "admin"


class UserState(StrEnum):
    """A suspended user cannot log in; his running watch goes on."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class ResetKind(StrEnum):
    """Which secret a code lets its owner set anew."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind
    PIN = "pin"


class Platform(StrEnum):
    """What a device runs on."""

    ANDROID = "android"
    IOS = "ios"
    HARMONY = "harmony"
    WEB = "web"


class PlaceKind(StrEnum):
    """What a place is to the borrower."""

    HOME = "home"
    WORKPLACE = "workplace"
    OTHER = "other"


class Channel(StrEnum):
    """How a borrower is contacted."""

    VISIT = "visit"
    CALL = "call"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    NOTICE = "notice"  # the message that announces a visit
    WEB = "web"  # a page that the borrower opens himself


class ConsentKind(StrEnum):
    """What the borrower agreed to, on record."""

    WORKPLACE_VISIT = "workplace_visit"
    ENTER_HOME = "enter_home"
    OUTSIDE_HOURS = "outside_hours"


class HoldKind(StrEnum):
    """Why a borrower is left alone for a time."""

    ILLNESS = "illness"
    BEREAVEMENT = "bereavement"
    CRISIS = "crisis"  # of the mind, of the family, after violence
    OTHER = "other"


class PurgeKind(StrEnum):
    """What a purge takes away."""

    POSITIONS = "positions"
    VEHICLES = "vehicles"  # of earlier days
    SAID = "said"  # words of collectors at the door
    MESSAGES = "messages"  # bodies and recipients
    ALERT_WORDS = "alert_words"
    CONTACTS = "contacts"
    CONSENTS = "consents"
    WISHES = "wishes"
    HOLD_WORDS = "hold_words"
    INCIDENT_WORDS = "incident_words"
    MARK_WORDS = "mark_words"  # why somebody did not feel safe at a place
    CHECKS = "checks"
    HISTORY = "history"  # what cases said before an import changed them
    IMPORT_FILES = "import_files"  # pieces that a broken import has left
    INVITATIONS = "invitations"
    RESET_CODES = "reset_codes"
    FORMER_PINS = "former_pins"
    DELIVERIES = "deliveries"  # of webhooks
    ACCESS_LOG = "access_log"


class RiskLevel(StrEnum):
    """How careful one has to be at a place; each asks for more than the one before."""

    NORMAL = "normal"
    RAISED = "raised"
    HIGH = "high"
    NO_VISIT = "no_visit"


class MarkKind(StrEnum):
    """What of a place's memory a row is."""

    CONCERN = "concern"  # a collector does not feel safe there
    INCIDENT = "incident"
    REVIEW = "review"  # a safety officer answers all that was marked before
    CORRECTION = "correction"  # a safety officer sets one mark right


class IncidentCategory(StrEnum):
    """What happened to one of our own people."""

    THREAT = "threat"
    ASSAULT = "assault"
    WEAPON = "weapon"
    HELD = "held"  # not let go
    ROBBERY = "robbery"
    HARASSMENT = "harassment"
    ANIMAL = "animal"
    ACCIDENT = "accident"
    ILLNESS = "illness"
    OTHER = "other"


class Harm(StrEnum):
    """What it did to him."""

    NONE = "none"
    SHAKEN = "shaken"
    INJURED = "injured"
    SEVERE = "severe"
    DEATH = "death"


class BadgeState(StrEnum):
    """What a person decided about a badge; expiry follows from its dates."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class VisitState(StrEnum):
    """A visit's life."""

    PROPOSED = "proposed"
    ASSIGNED = "assigned"
    PUBLISHED = "published"
    UNDER_WAY = "under_way"
    DONE = "done"
    CANCELLED = "cancelled"


# The borrower was told of it, and it is neither over nor called off.
STANDING = frozenset({VisitState.PUBLISHED, VisitState.UNDER_WAY})


class WatchKind(StrEnum):
    """What a watch stands over."""

    VISIT = "visit"


class WatchState(StrEnum):
    """``armed`` has a due, ``overdue`` an alert; all end in ``closed``.

    ``superseded`` has neither: a newer watch of the collector carries its timer.
    """

    ARMED = "armed"
    OVERDUE = "overdue"
    SUPERSEDED = "superseded"
    CLOSED = "closed"


class EventKind(StrEnum):
    """What the collector's phone reports."""

    DEPART = "depart"
    CHECK_IN = "check_in"
    EXTEND = "extend"
    CHECK_OUT = "check_out"
    WITHDRAW = "withdraw"
    SOS = "sos"


class ActResult(StrEnum):
    """What came of an act that a phone reported."""

    OK = "ok"
    ALREADY = "already"  # a check-in while this visit is watched
    ALREADY_CLOSED = "already_closed"
    BEFORE_CHECK_IN = "before_check_in"  # a check-out that overtook its check-in
    NOT_WATCHED = "not_watched"
    TIME_TO_LEAVE = "time_to_leave"  # the lawful window leaves nothing to add
    WRONG_PIN = "wrong_pin"


class PinVerdict(StrEnum):
    """Which PIN it was; the two right ones are words of one length, as they are stored
    sealed and nobody shall tell them apart.
    """

    NORMAL = "normal"
    DURESS = "duress"
    WRONG = "wrong"


class Outcome(StrEnum):
    """What happened at the door."""

    BORROWER_MET = "borrower_met"
    OTHER_PERSON = "other_person"
    NOBODY = "nobody"
    REFUSED = "refused"
    WRONG_ADDRESS = "wrong_address"
    WITHDREW_UNSAFE = "withdrew_unsafe"


class AlertKind(StrEnum):
    """Why an alert opened; each kind climbs its own policy."""

    OVERDUE = "overdue"
    SOS = "sos"
    DURESS = "duress"  # somebody made him give a PIN, and he gave the other one
    WRONG_PINS = "wrong_pins"  # somebody guesses, or he cannot think


# Only safety officers may know of them: whoever stands beside the collector could be
# told by anything else that changes.
SILENT = frozenset({AlertKind.DURESS, AlertKind.WRONG_PINS})


class RecipientKind(StrEnum):
    """Whom a step names; persons are found when the step runs."""

    COLLECTOR = "collector"
    BUDDY = "buddy"
    NEAREST = "nearest"
    ROTA = "rota"
    ROLE = "role"
    PERSON = "person"


class GapKind(StrEnum):
    """What keeps a ladder from reaching people."""

    NO_CHANNEL = "no_channel"
    NO_OFFICER = "no_officer"
    NOBODY_NAMED = "nobody_named"  # by a rota, over a span
    CANNOT_ANSWER = "cannot_answer"  # whom a rota names: suspended, or without a phone
    STEP_REACHES_NOBODY = "step_reaches_nobody"
    NOBODY_AT_ALL = "nobody_at_all"


class AlertEntryKind(StrEnum):
    """One line of an alert's timeline."""

    OPENED = "opened"
    STEP = "step"
    REACHED_NOBODY = "reached_nobody"
    REPEATED_SOS = "repeated_sos"
    ACKNOWLEDGED = "acknowledged"
    LEASE_EXPIRED = "lease_expired"
    NOTE = "note"
    REPAIRED = "repaired"
    CLOSED = "closed"
    ALL_CLEAR = "all_clear"
    REPEATED_DURESS = "repeated_duress"


class Lane(StrEnum):
    """Sender lanes: one never waits for another."""

    SOS = "sos"
    ALERT = "alert"
    ORDINARY = "ordinary"


class ChannelKind(StrEnum):
    """How a message leaves the house."""

    CONSOLE = "console"
    FILE = "file"
    WEBHOOK = "webhook"
    SMS = "sms"  # by a provider's HTTP interface
    VOICE = "voice"  # a call, by a provider's HTTP interface


class MessageState(StrEnum):
    """``leased`` returns to ``pending`` when its sender dies; the rest is final."""

    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MessageKind(StrEnum):
    """What a message is for."""

    VISIT_NOTICE = "visit_notice"
    VISIT_CANCELLED = "visit_cancelled"
    ALERT_STEP = "alert_step"
    ALL_CLEAR = "all_clear"
    DEPARTURE = "departure"
    WITHDRAWAL = "withdrawal"
    DISPATCHER_NOTE = "dispatcher_note"
    CHECK_FAILED = "check_failed"
    SENTINEL = "sentinel"
    ACCOUNT = "account"  # to one of our own people, about his own log-in


class Audience(StrEnum):
    """Who may be told of an event: all who read the audit, or only safety officers."""

    STAFF = "staff"
    SAFETY_OFFICERS = "safety_officers"


class DeliveryState(StrEnum):
    """An event on its way to a webhook; ``leased`` returns to ``pending``."""

    PENDING = "pending"
    LEASED = "leased"
    DELIVERED = "delivered"


class ContactKind(StrEnum):
    """A try, or somebody reached: caps count these, and never an ``answer``.

    An ``answer`` is what we send in reply to the borrower's own act.
    """

    ATTEMPT = "attempt"
    CONTACT = "contact"
    ANSWER = "answer"


class CheckAnswer(StrEnum):
    """What the borrower's check says."""

    EXPECTED_NOW = "expected_now"
    NOT_NOW = "not_now"
    NOT_VALID = "not_valid"
    UNKNOWN = "unknown"
    TOO_MANY_TRIES = "too_many_tries"


class Language(StrEnum):
    """Languages in which we speak to borrowers."""

    ZH = "zh"
    EN = "en"
