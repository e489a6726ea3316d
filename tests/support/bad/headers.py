"""Headers that say nothing: refused where they decide, ignored where they only ask.

Where a header is ignored a GET answers as ever; what would write is refused for another
reason, so that nothing is stored. Of those every round sends one value each.
"""

from collections.abc import Iterator

from server.endpoint import Contract
from tests.support.bad.asking import Bad, Ids
from tests.support.bad.places import refusable

LONG = "a" * 8000
NO_KEYS = ("", '""', "a b", 'a"b', "a\\b", "\xe9", "\t", "x" * 201)
NO_VERSIONS = ('"no such"', "W/", '"', ",,,", "\xff", LONG)
NO_TOKENS = (
    *("Bearer", "Bearer a.b.c", "Bearer \xff\xfe", "Basic dXNlcjpwYXNz", ""),
    "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
)
NO_HOSTS = ("..", "a..b")
REFUSED = (404, 422)
IGNORED: dict[str, tuple[str, ...]] = {
    "Accept": ("image/nothing", "*/*;q=0", "garbage;;q=x,", "\xff", LONG),
    "Accept-Language": ("zz", "*;q=0", "zh;q=9", "en;q=x,,;\xff", LONG),
    "Accept-Encoding": ("br;q=x", "identity;q=0", "*;q=0", "gzip;q=", LONG),
    "Accept-Charset": ("utf-7", "\xff"),
    "Range": ("bytes=9-1", "bytes=x", "pages=1-", "bytes=0-0,2-2", "bytes=-1"),
    "If-Range": ("x", '"x"'),
    "If-None-Match": ("x", '"', ",,", "\xff"),
    "If-Modified-Since": ("never", "Mon, 99 Foo 2026 00:00:00 GMT"),
    "If-Unmodified-Since": ("never",),
    "Last-Event-ID": ("x", "-1", "\xff", "f" * 36, LONG),
    "Cookie": ("=;;;", "access_token_cookie=x", "\xff", LONG),
    "Host": ("a b", "[::1", "\xff", "x:y"),
    "Origin": ("null", "\xff"),
    "Forwarded": ("for=unknown;;", "\xff"),
    "X-Forwarded-For": ("x", "\xff", "1.2.3.4, " * 100),
    "X-Http-Method-Override": ("DELETE",),
    "Expect": ("nothing",),
    "Traceparent": ("00-x", "\xff"),
}


def headers(contract: Contract, _: Ids) -> Iterator[Bad]:
    """Each header that a request may carry, as rubbish."""
    if contract.door is not None:
        yield from _each(contract, "Authorization", NO_TOKENS, 401)
    if contract.edits is not None:
        yield from _each(contract, "If-Match", NO_VERSIONS, 412)
        yield from _each(contract, "If-Match", ("", " ", None), 428)
    if contract.repeatable:
        yield from _each(contract, "Idempotency-Key", NO_KEYS, 400)
    yield from _each(contract, "Host", NO_HOSTS, 400)
    rest, statuses = refusable(contract), REFUSED
    if contract.method == "GET":
        rest, statuses = {}, (contract.status,)
    for round_ in range(max(map(len, IGNORED.values()))):
        sent = {name: values[round_ % len(values)] for name, values in IGNORED.items()}
        bad = {**rest, "headers": sent}
        yield Bad(contract, f"round {round_} of headers", bad, statuses)


def _each(
    contract: Contract, name: str, values: tuple[str | None, ...], status: int
) -> Iterator[Bad]:
    for value in values:
        sent = {"headers": {name: value}}
        yield Bad(contract, f"{name}: {str(value)[:40]}", sent, (status,))
