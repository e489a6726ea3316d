"""Server-rendered pages: no JavaScript, no third parties, nothing to track."""

from flask import Response, request

from core.words import Language

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

WITH_PHOTOS = POLICY.replace("img-src 'self'", "img-src 'self' data:")
LANGUAGE_COOKIE = "vouchsafe_language"  # at the desk alone, for whoever used the switch


def guarded(response: Response, *, policy: str = POLICY) -> Response:
    """The headers of every page: nothing foreign is loaded, nothing leaks onwards."""
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def language() -> Language:
    """The switch of the page, what it was set to at the desk, what the browser asks."""
    asked = request.values.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    if asked in tuple(Language):
        return Language(asked)
    best = request.accept_languages.best_match([word.value for word in Language])
    return Language(best or Language.ZH)


def typed(name: str, longest: int) -> str:
    """A field of the form as text that every database can hold."""
    return request.form.get(name, "")[:longest].replace("\x00", " ")
