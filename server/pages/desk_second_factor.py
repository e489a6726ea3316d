"""Set up the second factor at the safety officers' desk: scan, type, keep the codes."""

from collections.abc import Sequence

import segno
from flask import Response, redirect
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from accounts import admission, second_factors, tries, users
from accounts.second_factors import Enrolment, Typed
from core.actor import Actor
from core.errors import Conflict, Invalid, TooManyTries, Unauthenticated
from models import database
from server import authentication, clock, counting
from server.endpoint import runtime
from server.pages import desk, guarded, language, typed
from server.pages.words import explain

pages = desk.room("desk_second_factor")
LONGEST_CODE = 40
ASKED = Invalid, TooManyTries


@pages.get("/second-factor")
def form() -> ResponseReturnValue:
    """What the authenticator scans, while its first code has not come."""
    return _page(None, 200)


@pages.post("/second-factor")
def confirm() -> ResponseReturnValue:
    """The first code; then the recovery codes, which are shown this once."""
    try:
        codes = _confirmed()
    except Unauthenticated:
        return desk.to_login()
    except Conflict:
        return redirect("/safety", code=303)
    except ASKED as error:
        return _page(error.code, 422 if isinstance(error, Invalid) else 429)
    return desk.page("second_factor.html", 200, codes=codes)


def _confirmed() -> Sequence[str]:
    with database.reading(runtime().sessions) as session:
        actor = authentication.to_enrol(session, locations="cookies")
    counted = counting.count(runtime(), lambda _: admission.own_secret(actor))
    code = Typed(typed("code", LONGEST_CODE), clock.real())
    with runtime().sessions.begin() as session:
        now = runtime().clock.now(session)
        codes = second_factors.confirm(session, actor, typed=code, now=now)
        tries.succeeded(session, counted)
    return codes


def _page(code: str | None, status: int) -> ResponseReturnValue:
    try:
        begun = _begun()
    except Unauthenticated:
        return desk.to_login()
    if begun is None:
        return guarded(Response(status=303, headers={"Location": "/safety"}))
    svg = segno.make(begun.uri, micro=False).svg_inline(scale=5)
    return desk.page(
        "second_factor.html",
        status,
        qr=Markup(svg),  # noqa: S704 - segno draws it, and no input stands in it
        secret=" ".join(begun.secret[i : i + 4] for i in range(0, 32, 4)),
        error=code and explain(language(), "second_factor", code),
    )


def _begun() -> Enrolment | None:
    """The secret that waits for its first code."""
    with database.reading(runtime().sessions) as session:
        actor: Actor = authentication.to_enrol(session, locations="cookies")
        user = users.get(session, actor, actor.user_id)
        factor = second_factors.of(session, user)
        if factor is None or factor.confirmed_at is not None:
            return None
        return second_factors.shown(session, user, factor)
