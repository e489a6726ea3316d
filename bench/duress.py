"""``make bench-duress``: can a duress PIN be told from the ordinary one at the phone?

Each collector checks out once, by the one PIN or the other, drawn at random; a worker
runs beside and opens the alerts. One call after the other over one connection: the
quiet server of a small agency, where a difference would show best.
"""

import argparse
import json
import math
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import mean, median

from argon2 import PasswordHasher
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func, select, update

from accounts import passwords
from bench.district import District, Request
from bench.figures import Figure, tell
from bench.house import DURABILITY, installed
from core.keyring import Keyring
from core.words import AlertKind, Role
from models import Alert, User, database
from models.sealed import ring
from tests.support.make import DURESS_PIN, PIN
from tests.support.premises import Premises, until

CALLS = 2000  # of each kind
PAUSE_S = 0.01  # between two calls
WARM_UP = 50
MEANS_MS, AUC = 1.0, 0.55
CONFIDENCE = 1.645  # one-sided 95 %
VARIES = re.compile(
    rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.+]+"
)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SETTINGS: dict[str, Callable[[str], str]] = {
    "argon2 as shipped": passwords.hash_pin,
    "argon2 with 8 KiB": CHEAP.hash,
}


@dataclass(frozen=True)
class Answered:
    """One check-out: by which PIN, how long, and all that was answered but ids."""

    under_duress: bool
    ms: float
    said: bytes


def main() -> None:
    """Measure on a PostgreSQL of its own, at both settings."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=CALLS, help="of each kind")
    parser.add_argument("--try", action="store_true", dest="only_try", help="keep none")
    asked = parser.parse_args()
    ring.use(Keyring.generate())
    for setting, hashed in SETTINGS.items():
        with (
            installed("postgresql") as premises,
            Progress(console=Console(stderr=True)) as progress,
        ):
            task = progress.add_task(setting, total=2 * asked.calls + WARM_UP)
            step = lambda task=task: progress.advance(task)  # noqa: E731
            answers = measure(premises, hashed, asked.calls, step)
        tell("safety", figures(answers, setting), only_try=asked.only_try)


def measure(
    premises: Premises,
    hashed: Callable[[str], str],
    calls: int,
    step: Callable[[], None],
) -> list[Answered]:
    """Everybody stands at a door; then they leave, one by one."""
    premises.start("web")
    premises.start("worker")
    draw = random.Random(calls)
    kinds = [True, False] * (calls + WARM_UP // 2)
    draw.shuffle(kinds)
    with premises.database.sessions() as session:
        district = District(premises, session)
        doors = district.check_ins(district.teams(1), len(kinds))
        session.execute(
            update(User)
            .where(User.role == Role.COLLECTOR)
            .values(pin_hash=hashed(PIN), duress_pin_hash=hashed(DURESS_PIN))
        )
        session.commit()
    line = HTTPConnection("127.0.0.1", premises.port, timeout=30)
    for door in doors:
        status, _ = ask(line, door, json.loads(door[2]))
        if status != 200:
            raise RuntimeError(f"no ordinary check-in: {status}")
    answers = []
    for door, under_duress in zip(doors, kinds, strict=True):
        answers.append(leave(line, door, under_duress))
        time.sleep(PAUSE_S)
        step()
    require_alerts(premises, sum(kinds))
    return answers[WARM_UP:]


def leave(line: HTTPConnection, door: Request, under_duress: bool) -> Answered:
    """Check out at that door."""
    path, token, body = door
    facts = json.loads(body)
    body = {
        "event_id": facts["event_id"].replace(facts["event_id"][:4], "ffff", 1),
        "occurred_at": facts["occurred_at"],
        "pin": DURESS_PIN if under_duress else PIN,
        "outcome": "nobody",
    }
    began = time.perf_counter()
    status, said = ask(line, (path.replace("check-in", "check-out"), token, ""), body)
    ms = (time.perf_counter() - began) * 1000
    if status != 200 or b'"result":"ok"' not in said:
        raise RuntimeError(f"no ordinary check-out: {status} {said!r}")
    return Answered(under_duress, ms, said)


def ask(line: HTTPConnection, door: Request, body: object) -> tuple[int, bytes]:
    """The status, and headers and body with ids and instants taken out."""
    path, token, _ = door
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    line.request("POST", path, json.dumps(body), headers)
    response = line.getresponse()
    lines = [f"{name}: {value}" for name, value in response.getheaders()]
    own = ("Date:", "X-Request-Id:", "Safety-Token:")
    head = "\n".join(one for one in lines if not one.startswith(own)).encode()
    return response.status, head + b"\n" + VARIES.sub(b"#", response.read())


def require_alerts(premises: Premises, many: int) -> None:
    """The worker has done its part: an alert for every duress PIN, and no other."""
    query = select(func.count(Alert.id)).where(Alert.kind == AlertKind.DURESS)

    def opened() -> int:
        with database.reading(premises.database.sessions) as session:
            return session.scalars(query).one()

    until("all silent alerts", lambda: opened() == many)


def figures(answers: Sequence[Answered], setting: str) -> list[Figure]:
    """How far the two can be told apart by what is said, and by when."""
    duress = [one.ms for one in answers if one.under_duress]
    normal = [one.ms for one in answers if not one.under_duress]
    said = {
        kind: {a.said for a in answers if a.under_duress is kind} for kind in (0, 1)
    }
    how = (
        f"n={len(normal)} + {len(duress)}, {setting}, worker running; p50 "
        f"{median(normal):.1f} and {median(duress):.1f} ms; {DURABILITY['postgresql']}"
    )
    bound = upper_bound(normal, duress)
    facts = (
        ("answers that only one of the two PINs gets", len(said[0] ^ said[1]), "", 0.0),
        ("difference of means", abs(mean(duress) - mean(normal)), "ms", MEANS_MS),
        ("upper bound of the classifier's AUC", bound, "", AUC),
    )
    return [
        Figure(
            f"duress against normal: {name}",
            round(value, 3),
            unit,
            how,
            "postgresql",
            goal=goal,
        )
        for name, value, unit, goal in facts
    ]


def upper_bound(normal: Sequence[float], duress: Sequence[float]) -> float:
    """95 % upper bound of the area under the curve of whoever goes by the time alone.

    The area is Mann and Whitney's statistic, whichever side is called slower; its error
    is Hanley's and McNeil's (Radiology 143:29, 1982).
    """
    ranked = sorted([(ms, 0) for ms in normal] + [(ms, 1) for ms in duress])
    ranks = sum(place for place, (_, kind) in enumerate(ranked, 1) if kind)
    m, n = len(duress), len(normal)
    area = (ranks - m * (m + 1) / 2) / (m * n)
    area = max(area, 1 - area)
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (m - 1) * (q1 - area**2) + (n - 1) * (q2 - area**2)
    return area + CONFIDENCE * math.sqrt(spread / (m * n))


if __name__ == "__main__":
    main()
