"""What a code from a message can do: become a user, set a password or a PIN anew.

The API and the pages do the same; ``source_digest`` says from where.
"""

from sqlalchemy.orm import Session

from accounts import invitations, resets, sources, tries
from accounts.passwords import Hash, Pins
from accounts.tries import Counter
from core.words import ResetKind
from models import Organisation, User
from server import authentication
from server.compose import account_news
from server.endpoint import Call, runtime

WRONG_CODES = 10  # of one address; a right one never waits
ASKED = 20


def counters(session: Session, code: str) -> list[Counter]:
    """A code that can be used waits behind nobody's guessing."""
    now = runtime().clock.now(session)
    known = invitations.of_code(session, code, now=now) is not None or any(
        resets.known(session, code, kind=kind, now=now) for kind in ResetKind
    )
    source = authentication.source_digest()
    return [] if known else [tries.wide("code", source, free=WRONG_CODES)]


def asking(slug: str, login: str) -> list[Counter]:
    """Of whoever asks for a reset, for whatever login."""
    source = authentication.source_digest()
    return [
        tries.narrow("reset", slug, login, source),
        tries.wide("resets", source, free=ASKED),
    ]


def accept(
    call: Call,
    *,
    code: str,
    password: Hash,
    pin: Hash | None,
    duress_pin: Hash | None,
) -> dict[str, object]:
    """The invited person is a user now; by what he logs in."""
    user = invitations.accept(
        call.session,
        code=code,
        password=password,
        pins=Pins(pin, duress_pin),
        now=call.now,
    )
    return _came(call, user)


def ask(call: Call, *, organisation: str, login: str) -> None:
    """Send a password code, or nothing; nobody is told which."""
    issued = resets.ask(call.session, slug=organisation, login=login, now=call.now)
    if issued is not None:
        account_news.reset_code(call, issued, ResetKind.PASSWORD)


def set_password(call: Call, *, code: str, new: Hash) -> dict[str, object]:
    """All log-ins end; a running watch keeps its safety token."""
    user = resets.set_password(call.session, code=code, new=new, now=call.now)
    account_news.password_reset(call.session, user, now=call.now)
    return _came(call, user)


def set_pins(
    call: Call, *, code: str, pin: Hash, duress_pin: Hash | None
) -> dict[str, object]:
    """For watches that begin from now on."""
    pins = Pins(pin, duress_pin)
    user = resets.set_pins(call.session, code=code, pins=pins, now=call.now)
    account_news.pin_changed(call.session, user, now=call.now)
    return _came(call, user)


def _came(call: Call, user: User) -> dict[str, object]:
    """He has shown from here that the phone on record is his: he may log in here."""
    sources.remember(
        call.session,
        organisation_id=user.organisation_id,
        user_id=user.id,
        source_digest=authentication.source_digest(),
        now=call.now,
    )
    organisation = call.session.get_one(Organisation, user.organisation_id)
    return {"organisation": organisation.slug, "login": user.login}
