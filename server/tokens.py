"""The pair of tokens of one generation of a log-in: signed alike whenever asked."""

from datetime import datetime
from typing import Any

from flask_jwt_extended import create_access_token, create_refresh_token, get_jwt

from accounts.refreshes import Generation
from core.errors import Unauthenticated
from models import LoginSession
from server.authentication import ACCESS_LIFE, REFRESH_LIFE

NUMBER = "gen"  # the claim of a refresh token that names its generation


def first(opened: LoginSession, *, minted_at: datetime) -> dict[str, str]:
    """The pair that a log-in gives; ``minted_at`` is real time."""
    return pair(Generation(opened.id, 0, minted_at))


def pair(generation: Generation) -> dict[str, str]:
    """Access and refresh token; of the same generation always the same bytes."""
    subject, at = (
        str(generation.login_session_id),
        int(generation.minted_at.timestamp()),
    )
    facts: dict[str, Any] = {
        "iat": at,
        "nbf": at,
        "jti": f"{subject}.{generation.number}",
        "csrf": "",  # sent in a header: as a cookie it changes nothing
    }
    until = {
        life: at + int(life.total_seconds()) for life in (ACCESS_LIFE, REFRESH_LIFE)
    }
    return {
        "access_token": create_access_token(
            subject, additional_claims={**facts, "exp": until[ACCESS_LIFE]}
        ),
        "refresh_token": create_refresh_token(
            subject,
            additional_claims={
                **facts,
                "exp": until[REFRESH_LIFE],
                NUMBER: generation.number,
            },
        ),
    }


def number() -> int:
    """The generation of this request's refresh token; older tokens name none: 0."""
    found = get_jwt().get(NUMBER, 0)
    if not isinstance(found, int):
        raise Unauthenticated("This refresh token cannot be read: log in again.")
    return found
