"""One error tree: what is wrong, where, and what to do about it."""

from collections.abc import Mapping, Sequence


class VouchsafeError(Exception):
    """Something we can explain. ``code`` is stable and machine-readable."""

    code = "error"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: Mapping[str, object] = facts


class Unauthenticated(VouchsafeError):
    """Nobody we know is asking: log in, or renew the token."""

    code = "unauthenticated"


class Forbidden(VouchsafeError):
    """The actor is known, and his role does not allow this act."""

    code = "forbidden"


class TooManyTries(VouchsafeError):
    """A secret was tried in vain too often: come back in ``retry_after_s`` seconds."""

    code = "too_many_tries"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            f"Too many tries failed. Try again in {retry_after_s} seconds.",
            retry_after_s=retry_after_s,
        )
        self.retry_after_s = retry_after_s


class NotFound(VouchsafeError):
    """It does not exist, or it belongs to another organisation: we never say which."""

    code = "not_found"

    def __init__(self, noun: str) -> None:
        super().__init__(f"There is no such {noun}.", noun=noun)


class Conflict(VouchsafeError):
    """The thing is in a state in which this cannot be done now."""

    code = "conflict"


class Invalid(VouchsafeError):
    """The input is wrong; ``fields`` says where and why."""

    code = "invalid"

    def __init__(self, detail: str, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__(detail, fields=dict(fields))
        self.fields = fields


class Refused(VouchsafeError):
    """The gate or a badge refuses; ``facts`` carries every reason."""

    code = "refused"


class Misconfigured(VouchsafeError):
    """The installation cannot run like this: an operator has to act."""

    code = "misconfigured"


def one_field(field: str, reason: str) -> Invalid:
    """An ``Invalid`` about a single field."""
    return Invalid(f"{field}: {reason}", {field: [reason]})
