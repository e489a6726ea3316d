"""One person of the demo, speaking HTTP like any client would."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import requests

from core import ids

TIMEOUT_S = 10
Body = dict[str, Any]


class StoryFailed(Exception):
    """A step of the day was not seen to happen."""


class Person:
    """Logs in once; every call checks the status it expects."""

    def __init__(self, base: str, offset: timedelta, name: str) -> None:
        self.base, self.offset, self.name = base, offset, name
        self.http = requests.Session()
        self.id = ""

    def now(self) -> datetime:
        """What the demo's clock shows."""
        return datetime.now(UTC) + self.offset

    def log_in(self, organisation: str, login: str, password: str) -> "Person":
        """The access token of a log-in on a device of one's own."""
        body = {
            "organisation": organisation,
            "login": login,
            "password": password,
            "device_id": str(uuid4()),
        }
        tokens = self.post("/v1/auth/login", body)
        token = tokens["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.id = self.get("/v1/me")["id"]
        return self

    def get(self, path: str, **query: object) -> Any:
        """GET, 200 expected."""
        return self._call("GET", path, 200, params=query)

    def post(self, path: str, body: Body | None = None, expect: int = 0) -> Any:
        """POST; 2xx expected unless said otherwise."""
        return self._call("POST", path, expect, json=body)

    def put(self, path: str, body: Body) -> Any:
        """PUT, 200 expected."""
        return self._call("PUT", path, 200, json=body)

    def change(
        self, method: str, thing: str, part: str = "", body: Body | None = None
    ) -> Any:
        """Change a thing, or a part of it, as it was just read."""
        read = self.http.get(self.base + thing, timeout=TIMEOUT_S)
        headers = {"If-Match": read.headers.get("ETag", "")}
        return self._call(method, thing + part, 200, json=body, headers=headers)

    def upload(self, path: str, content: bytes) -> Any:
        """POST a CSV file."""
        headers = {"Content-Type": "text/csv"}
        return self._call("POST", path, 202, data=content, headers=headers)

    def act(self, path: str, **facts: object) -> Any:
        """A mobile act with a fresh event id and the phone's clock."""
        body = {"event_id": str(ids.new()), "occurred_at": self.now().isoformat()}
        return self.post(f"/v1/mobile{path}", {**body, **facts})

    def _call(self, method: str, path: str, expect: int, **options: Any) -> Any:
        url = self.base + path
        response = self.http.request(method, url, timeout=TIMEOUT_S, **options)
        fine = response.ok if not expect else response.status_code == expect
        if not fine:
            raise StoryFailed(
                f"{self.name}: {method} {path} → {response.status_code} {response.text}"
            )
        return response.json()


def until(what: str, seconds: float, look: Callable[[], Any]) -> Any:
    """Look until something true is seen; ``StoryFailed`` when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if seen := look():
            return seen
        time.sleep(0.2)
    raise StoryFailed(f"not seen within {seconds:.0f} s: {what}")
