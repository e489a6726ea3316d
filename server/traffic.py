"""What plain traffic gets besides its answer: gzip, CORS by setting, a request limit.

Nothing here touches what must not wait: SOS, the acts of a watch, alerts, health.
"""

import math
import time

from flask import Flask, Response, request
from flask_compress import Compress
from flask_cors import CORS
from flask_jwt_extended import decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from jwt.exceptions import PyJWTError

from server import problems
from server.settings import Settings

READ = ("/v1/", "/docs", "/openapi.json")
# answers that carry secrets, and what is gone before the next request
SECRETS = ("/v1/auth/", "/v1/mobile/")
# help waits for nothing; log-ins and codes have counters of their own in the database
NEVER_LIMITED = (
    *("/v1/mobile/", "/v1/alerts", "/v1/auth/", "/v1/verifications"),
    *("/v1/account/", "/account/"),
    *("/safety", "/verify", "/healthz", "/readyz", "/metrics"),
)
ASKED = ["Authorization", "Content-Type", "If-Match", "If-None-Match"]
ASKED += ["Idempotency-Key", "Accept-Language", "Last-Event-ID"]
TOLD = ["ETag", "Retry-After", "X-Request-Id", "Content-Language"]
TOO_MANY = (
    "Too many requests",
    "Too many requests in this minute. Nothing was stored: wait, then try again.",
    "too_many_requests",
)
SMALLEST = 1000  # bytes that are worth compressing


def install(app: Flask, settings: Settings) -> None:
    """Each by its setting; compression always."""
    _compress(app)
    if settings.cors_origins:
        CORS(
            app,
            resources=r"/v1/*",
            origins=list(settings.cors_origins),
            allow_headers=ASKED,
            expose_headers=TOLD,
            supports_credentials=False,
            max_age=600,
        )
    if settings.requests_per_minute:
        _limit(app, settings.requests_per_minute)


def _compress(app: Flask) -> None:
    """Only what a token in a header asked for, or what everybody may read.

    A page that a cookie opens is never compressed: with its secrets and a stranger's
    text in one answer, the length would tell the secrets (BREACH).
    """
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_STREAMS=False,
        COMPRESS_MIN_SIZE=SMALLEST,
        COMPRESS_MIMETYPES=["application/json", "text/javascript", "text/css"],
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )
    squeeze = Compress()
    squeeze.init_app(app)

    def after(response: Response) -> Response:
        path = request.path
        if request.method != "GET" or not path.startswith(READ):
            return response
        if path.startswith(SECRETS):
            return response
        tag = response.get_etag()[0]
        if path.startswith("/docs/"):
            response.direct_passthrough = False
            response.set_data(response.get_data())
        answer = squeeze.after_request(response)
        if tag is not None and "Content-Encoding" in answer.headers:
            answer.set_etag(tag, weak=True)  # the same facts in other bytes
        return answer

    app.after_request(after)


def _limit(app: Flask, per_minute: int) -> None:
    """So many requests a minute for each log-in or source, counted in this process."""
    limiter = Limiter(
        _who,
        app=app,
        application_limits=[f"{per_minute} per minute"],
        storage_uri="memory://",
    )

    @limiter.request_filter
    def exempt() -> bool:
        return request.method == "OPTIONS" or request.path.startswith(NEVER_LIMITED)

    def too_many(_: RateLimitExceeded) -> Response:
        held = limiter.current_limit
        left = held.reset_at - time.time() if held else 60
        answer = problems.document(429, *TOO_MANY)
        answer.headers["Retry-After"] = str(max(1, math.ceil(left)))
        return answer

    app.register_error_handler(RateLimitExceeded, too_many)


def _who() -> str:
    """The log-in of a token that we signed, else where the request comes from."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        try:
            return f"login {decode_token(token)['sub']}"
        except (JWTExtendedException, PyJWTError, ValueError, KeyError):
            pass
    return f"source {request.remote_addr}"
