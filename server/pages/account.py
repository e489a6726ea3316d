"""Pages for whoever holds a code from a message: open an account, set a secret anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy.orm import Session

from accounts import passwords
from accounts.passwords import Hash
from accounts.tries import Counter
from core.errors import Invalid, TooManyTries, VouchsafeError
from server import counting, hashing
from server.compose import account_codes
from server.endpoint import NOBODY, Call, runtime
from server.hashing import Hashes
from server.pages import guarded, language, typed
from server.pages.account_words import ACCOUNT, explain

pages = Blueprint("account_pages", __name__, url_prefix="/account")
LONGEST = 200
Fields = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """One page: its fields, what a try is counted by, its new secrets, what it does."""

    fields: tuple[str, ...]
    counters: Callable[[Session, Fields], Sequence[Counter]]
    hashes: Hashes
    act: Callable[[Call, Fields], dict[str, object] | None]


def _by_code(session: Session, given: Fields) -> list[Counter]:
    return account_codes.counters(session, given["code"])


def _by_login(_: Session, given: Fields) -> list[Counter]:
    return account_codes.asking(given["organisation"], given["login"])


def _pin_if_any(secret: str, /, *, field: str) -> Hash | None:
    """Only collectors have one."""
    return passwords.hash_pin(secret, field=field) if secret else None


FORMS = {
    "invitation": Form(
        ("code", "password", "pin", "duress_pin"),
        _by_code,
        {
            "password": passwords.hash_password,
            "pin": _pin_if_any,
            "duress_pin": _pin_if_any,
        },
        lambda call, given: account_codes.accept(call, **given),
    ),
    "reset": Form(
        ("organisation", "login"),
        _by_login,
        {},
        lambda call, given: account_codes.ask(call, **given),
    ),
    "password": Form(
        ("code", "new"),
        _by_code,
        hashing.NEW_PASSWORD,
        lambda call, given: account_codes.set_password(call, **given),
    ),
    "pin": Form(
        ("code", "pin", "duress_pin"),
        _by_code,
        {"pin": passwords.hash_pin, "duress_pin": _pin_if_any},
        lambda call, given: account_codes.set_pins(call, **given),
    ),
}


@pages.get("/<any(invitation, reset, password, pin):name>")
def form(name: str) -> Response:
    """The empty form."""
    return _page(name, 200)


@pages.post("/<any(invitation, reset, password, pin):name>")
def send(name: str) -> Response:
    """Do what the form is for; no secret is ever shown again."""
    shape = FORMS[name]
    given = {field: typed(field, LONGEST) for field in shape.fields}
    try:
        counting.count(runtime(), lambda session: shape.counters(session, given))
        given = hashing.hashed(shape.hashes, given)
        with runtime().sessions.begin() as session:
            now = runtime().clock.now(session)
            who = shape.act(Call(session, NOBODY, now, runtime()), given)
    except TooManyTries as error:
        response = _page(name, 429, error="too_many_tries", wait=error.retry_after_s)
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    except Invalid as error:
        return _page(name, 422, error=next(iter(error.fields)))
    except VouchsafeError as error:
        return _page(name, 409, error=error.code)
    return _page(name, 200, done=True, who=who)


def _page(
    name: str,
    status: int,
    *,
    error: str | None = None,
    wait: int = 0,
    done: bool = False,
    who: dict[str, object] | None = None,
) -> Response:
    chosen = language()
    words = ACCOUNT[chosen]
    body = render_template(
        "account.html",
        lang=chosen.value,
        name=name,
        words={**words["common"], **words[name]},
        labels=words["fields"],
        fields=FORMS[name].fields,
        error=error and explain(chosen, error, seconds=wait),
        done=done,
        who=who,
        kept={field: typed(field, LONGEST) for field in ("organisation", "login")},
    )
    response = make_response(body, status)
    response.headers["Content-Language"] = chosen.value
    response.headers["Vary"] = "Accept-Language"
    return guarded(response)
