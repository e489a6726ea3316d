"""Words of what is said between a provider and us, as enumerations."""

from enum import StrEnum


class Encoding(StrEnum):
    """In which form a provider takes a request."""

    JSON = "json"
    FORM = "form"


class ReplyMeans(StrEnum):
    """How a person answers a call for help without the app."""

    SMS = "sms"
    DIGIT = "digit"


class ReplyResult(StrEnum):
    """What came of such an answer; only the first takes the alert."""

    ACKNOWLEDGED = "acknowledged"
    SPENT = "spent"  # that code has taken the alert before
    CLOSED = "closed"
    NOT_ALLOWED = "not_allowed"  # the endangered one, his partner, no account
    WRONG_CODE = "wrong_code"
    NO_CODE = "no_code"
    WAIT = "wait"  # too many wrong ones


class Reported(StrEnum):
    """What a provider says later about a message that it took."""

    DELIVERED = "delivered"
    FAILED = "failed"
