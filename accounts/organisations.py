"""Organisations: opened once, changed by their admins within protective bounds."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import audit, names, phones
from core import public_words
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from models import Organisation

SLUG = re.compile(r"[a-z0-9-]{2,40}", re.ASCII)
LONGEST_NAME = 120
MOST_PHONES = 5
# As the table's CHECKs: every protection can be tuned and none switched off.
BOUNDS: Mapping[str, tuple[int, int]] = {
    "fence_m": (50, 5000),
    "visit_length_s": (5, 14400),
    "leave_now_s": (5, 600),
    "extension_max_s": (5, 3600),
}


def create(
    session: Session,
    *,
    slug: str,
    name: str,
    public_name: str,
    country: str,
    fallback_phones: Sequence[str],
    emergency_phone: str,
    now: datetime,
    second_factor_required: bool = True,
) -> Organisation:
    """A new organisation with product.md's defaults; its policies are not made here.

    Only a demo, whose people are invented, opens without the second factor.
    ``country`` is ISO 3166-1 alpha-2. ``Invalid`` names the field; ``Conflict`` where
    the slug is taken.
    """
    if not SLUG.fullmatch(slug):
        raise one_field("slug", "must have 2 to 40 of a-z, 0-9 and -")
    if not phones.known_country(country):
        raise one_field("country", "is not an ISO 3166-1 alpha-2 code")
    row = Organisation(
        slug=slug,
        name=names.readable(name, field="name", longest=LONGEST_NAME),
        public_name=_public_name(public_name),
        country=country,
        fallback_phones=_phones(fallback_phones, country),
        emergency_phone=phones.emergency(emergency_phone),
        second_factor_required=second_factor_required,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("This slug is taken.") from error
    audit.record(
        session,
        organisation_id=row.id,
        actor_id=None,
        action="organisation.created",
        subject="organisations",
        subject_id=row.id,
        now=now,
    )
    return row


def get(session: Session, actor: Actor) -> Organisation:
    """The actor's own organisation."""
    row = session.get(Organisation, actor.organisation_id)
    if row is None:
        raise NotFound("organisation")
    return row


def update(
    session: Session, actor: Actor, *, changes: Mapping[str, object], now: datetime
) -> Organisation:
    """Change the named settings; metres and seconds are whole numbers.

    ``Invalid`` for a setting that does not exist or would switch a protection off.
    """
    row = get(session, actor)
    checked = {name: _checked(name, value, row) for name, value in changes.items()}
    changed = [name for name in checked if checked[name] != getattr(row, name)]
    numbers = {
        name: [getattr(row, name), checked[name]] for name in changed if name in BOUNDS
    }
    for name in changed:
        setattr(row, name, checked[name])
    session.flush()
    if changed:
        audit.record(
            session,
            organisation_id=row.id,
            actor_id=actor.user_id,
            action="organisation.changed",
            subject="organisations",
            subject_id=row.id,
            now=now,
            fields=changed,
            **numbers,
        )
    return row


def _checked(name: str, value: object, row: Organisation) -> object:
    """The value as it is stored, or ``Invalid``."""
    match name, value:
        case "public_name", str():
            return _public_name(value)
        case "emergency_phone", str():
            return phones.emergency(value)
        case "fallback_phones", list() | tuple():
            return _phones(value, row.country)
        case _, int() if name in BOUNDS and not isinstance(value, bool):
            return _bounded(name, value)
        case "second_factor_required", bool() if value >= row.second_factor_required:
            return value
    raise one_field(name, "cannot be set to this value")


def _bounded(name: str, value: int) -> int:
    least, most = BOUNDS[name]
    if not least <= value <= most:
        raise one_field(name, f"must be between {least} and {most}")
    return value


def _public_name(text: str) -> str:
    word = public_words.found_in(text)
    if word is not None:
        raise one_field(
            "public_name", f"must not reveal why someone is visiting: {word!r}"
        )
    return names.readable(text, field="public_name", longest=LONGEST_NAME)


def _phones(numbers: Sequence[object], country: str) -> list[object]:
    """E.164, in the given order, each once; a phone in danger needs at least one."""
    if not 1 <= len(numbers) <= MOST_PHONES:
        raise one_field("fallback_phones", f"needs 1 to {MOST_PHONES} numbers")
    found = [phones.e164(str(n), country, field="fallback_phones") for n in numbers]
    return list(dict.fromkeys(found))
