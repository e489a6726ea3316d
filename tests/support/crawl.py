"""schemathesis against a running server: each operation with a token that opens it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from sqlalchemy.orm import Session

from accounts import access
from core.words import Role
from models import User
from server import authentication
from server.endpoint import CONTRACTS, Contract
from tests.support.make import PASSWORD, Make
from tests.support.neighbour import Neighbour
from tests.support.premises import Premises
from tests.support.street import Street

EXCEPTIONS = Path(__file__).parents[1] / "schemathesis.toml"
PHASES = "examples,coverage,fuzzing,stateful"


@dataclass(frozen=True)
class Crawled:
    """What came of it; ``said`` is the whole report in words."""

    cases: int
    operations: int
    failures: int
    status: int
    said: str


class Crawl:
    """One organisation with everybody in it, at a web server that runs."""

    def __init__(self, premises: Premises, session: Session) -> None:
        self.premises = premises
        make = Make(session, premises.clock)  # type: ignore[arg-type]
        self.street = Street(make, premises.database)
        self.staff = {
            role: make.user(self.street.organisation, role)
            for role in Role
            if role is not Role.COLLECTOR
        }
        self.staff[Role.COLLECTOR] = self.street.chen
        self.ids = Neighbour(self.street).ids

    def tokens(self, user: User) -> dict[str, str]:
        """A fresh log-in over HTTP."""
        body = {
            "organisation": self.street.organisation.slug,
            "login": user.login,
            "password": PASSWORD,
            "device_id": str(uuid4()),
        }
        url = f"{self.premises.base}/v1/auth/login"
        answer = requests.post(url, json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        assert not found["enrol_only"], "such a token opens nothing: a hollow crawl"
        return found

    def operations(self) -> str:
        """Whose token each operation carries, and which rows its path names."""
        roles = {role: self.tokens(user) for role, user in self.staff.items()}
        parts = []
        for one in (one for one in CONTRACTS if not one.stream):
            lines = [f"include-operation-id = {json.dumps(operation_id(one))}"]
            if one.action is not None:
                held = roles[min(access.ALLOWED[one.action])]
                if one.path == "/v1/auth/logout":
                    held = self.tokens(self.staff[min(access.ALLOWED[one.action])])
                renews = one.door is authentication.by_refresh
                token = held["refresh_token" if renews else "access_token"]
                lines.append(f'headers = {{ Authorization = "Bearer {token}" }}')
            named = {name: self.ids.get(name) for name in Neighbour.names(one.path)}
            known = [f'"path.{name}" = "{one}"' for name, one in named.items() if one]
            if known:
                lines.append(f"parameters = {{ {', '.join(known)} }}")
            if len(lines) > 1:
                parts.append("\n".join(["[[operations]]", *lines]))
        return "\n\n".join(parts)

    def run(self, folder: Path, *, examples: int, phases: str = PHASES) -> Crawled:
        """Every operation, with the default checks and the listed exceptions."""
        config, report = folder / "schemathesis.toml", folder / "run.json"
        told = EXCEPTIONS.read_text(encoding="utf-8")
        config.write_text(f"{told}\n{self.operations()}\n", encoding="utf-8")
        command = [
            *("-m", "schemathesis.cli", "--config-file", str(config), "run"),
            *(f"{self.premises.base}/openapi.json", "--phases", phases),
            *("--max-examples", str(examples), "--warnings", "off"),
            *("--report", "json", "--report-json-path", str(report)),
            *("--suppress-health-check", "all"),
        ]
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        if not report.exists():
            return Crawled(0, 0, 1, done.returncode, said)
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return Crawled(
            cases=found["test_cases"]["generated"],
            operations=found["operations"]["tested"],
            failures=len(found["failures"]) + len(found["errors"]),
            status=done.returncode,
            said=said,
        )


def operation_id(contract: Contract) -> str:
    """As the document calls it."""
    return f"{contract.room.name}_{contract.view.__name__}"
