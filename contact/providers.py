"""How an organisation's HTTP provider is spoken to, and how it speaks; no connection.

A template's strings may hold ``{names}``; what stands for them is put in as it is, and
never read as a template again.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import urlencode

from core.errors import one_field
from core.provider_words import Encoding, Reported

Body = Mapping[str, object]
NAME = re.compile(r"\{([a-z_]+)\}")
SMS_NAMES = frozenset({"to", "to_digits", "text", "reference", "secret"})
CALL_NAMES = SMS_NAMES | {"document"}
LARGEST_TEMPLATE = 4_000  # characters of its JSON
DEEPEST = 5
DIGIT_AT = "Digits"
CARRIER_ID = re.compile(r"[\x21-\x7e]{1,120}")
MEDIA = {
    Encoding.JSON: "application/json",
    Encoding.FORM: "application/x-www-form-urlencoded",
}


@dataclass(frozen=True, slots=True)
class Provider:
    """What is sent and where in the answer stands what we want to know.

    ``auth_header`` carries the channel's secret, ``None``: it stands in the body.
    ``id_at`` is where the answer names the message; ``ok_at`` has one of ``ok_words``
    where it was taken, whatever the status says. A path has dots: ``result.0.id``.
    """

    body: Body
    encoding: Encoding = Encoding.JSON
    auth_header: str | None = "Authorization"
    id_at: str | None = None
    ok_at: str | None = None
    ok_words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reports:
    """What a provider promises to say later, and in which fields of its callback.

    Without its word after ``wait_s`` seconds a call for help takes the next channel.
    """

    wait_s: int = 30
    id_at: str = "reference"
    state_at: str = "state"
    delivered: Sequence[str] = (Reported.DELIVERED.value,)
    failed: Sequence[str] = (Reported.FAILED.value,)

    @property
    def wait(self) -> timedelta:
        """How long silence is borne."""
        return timedelta(seconds=self.wait_s)


@dataclass(frozen=True, slots=True)
class Replies:
    """Where in a provider's callback stand an SMS that came back, and who sent it."""

    id_at: str = "id"
    from_at: str = "from"
    text_at: str = "text"


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a channel knows of its provider besides address and secrets.

    ``digit_at``: where in a call's callback the digit stands that was pressed.
    """

    provider: Provider | None = None
    reports: Reports | None = None
    replies: Replies | None = None
    digit_at: str = DIGIT_AT

    def dump(self) -> str:
        """As JSON, to be sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)


def settings(text: str | None) -> Settings:
    """What ``dump`` wrote; nothing is known where there is nothing."""
    if text is None:
        return Settings()
    found = json.loads(text)
    provider, reports = found.get("provider"), found.get("reports")
    replies = found.get("replies")
    if provider is not None:
        provider["encoding"] = Encoding(provider["encoding"])
    return Settings(
        Provider(**provider) if provider else None,
        Reports(**reports) if reports else None,
        Replies(**replies) if replies else None,
        found.get("digit_at", DIGIT_AT),
    )


def check(provider: Provider, *, names: frozenset[str], needs: Sequence[str]) -> None:
    """``Invalid`` for a template that asks for what we do not have, or lacks a name."""
    _check_size(provider.body)
    used = set(NAME.findall(json.dumps(provider.body)))
    for name in sorted(used - names):
        unknown = f"{{{name}}}"
        raise one_field("provider", f"there is nothing to put in for {unknown}")
    for name in needs:
        missing = f"{{{name}}}"
        if name not in used:
            raise one_field("provider", f"the template must hold {missing}")
    if provider.auth_header is None and "secret" not in used:
        raise one_field(
            "provider", "the secret needs a header, or a place in the template"
        )
    flat = all(isinstance(value, str) for value in provider.body.values())
    if provider.encoding is Encoding.FORM and not flat:
        raise one_field("provider", "a form has only fields with text")


def _check_size(body: Body) -> None:
    if len(json.dumps(body)) > LARGEST_TEMPLATE:
        raise one_field("provider", f"has at most {LARGEST_TEMPLATE} characters")
    if _depth(body) > DEEPEST:
        raise one_field("provider", "the template is nested too deeply")


def _depth(value: object) -> int:
    inner: Sequence[object] = ()
    if isinstance(value, Mapping):
        inner = list(value.values())
    elif isinstance(value, list):
        inner = value
    return 1 + max(map(_depth, inner)) if inner else 0


def filled(provider: Provider, values: Mapping[str, str]) -> bytes:
    """The request's body with these values for the template's names."""
    body = _each(provider.body, lambda text: _put(text, values))
    if provider.encoding is Encoding.FORM and isinstance(body, dict):
        return urlencode(body).encode()
    return json.dumps(body, ensure_ascii=False).encode()


def _each(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_each(inner, change) for inner in value]
    return value


def _put(text: str, values: Mapping[str, str]) -> str:
    return NAME.sub(lambda found: values[found[1]], text)


def at(body: object, path: str) -> str | None:
    """The text or number at a path of dots; ``None``: nothing of the kind is there."""
    for step in path.split("."):
        if isinstance(body, Mapping):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    if isinstance(body, bool) or not isinstance(body, str | int):
        return None
    return str(body)


def carrier_id(body: object, path: str | None) -> str | None:
    """What the provider calls a message; ``None``: it does not say, or not readably."""
    found = at(body, path) if path else None
    return found if found and CARRIER_ID.fullmatch(found) else None


def reported(reports: Reports, body: object) -> Reported | None:
    """What a callback says; ``None``: a state in between."""
    word = at(body, reports.state_at)
    if word in reports.delivered:
        return Reported.DELIVERED
    return Reported.FAILED if word in reports.failed else None
