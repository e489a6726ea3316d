"""``make bench-schemathesis``: every operation at the running server, all phases."""

import os
import sys

from bench.figures import Figure, keep
from bench.house import installed
from core.keyring import Keyring
from models.sealed import ring
from tests.support.crawl import PHASES, Crawl, Crawled

EXAMPLES = int(os.environ.get("EXAMPLES", "50"))


def main() -> None:
    """Crawl on SQLite and on PostgreSQL; failures are told in schemathesis's words."""
    ring.use(Keyring.generate())
    failed = False
    for name in ("sqlite", "postgresql"):
        came = crawl(name)
        for line in keep("foundation", figures(name, came)):
            print(line)
        if came.failures:
            failed = True
            print(came.said, file=sys.stderr)
    sys.exit(failed)


def crawl(name: str) -> Crawled:
    """One installation with its web server, crawled."""
    with installed(name) as premises, premises.database.sessions() as session:
        premises.start("web")
        return Crawl(premises, session).run(premises.home, examples=EXAMPLES)


def figures(name: str, came: Crawled) -> list[Figure]:
    """Cases and failures."""
    how = (
        f"{came.operations} operations, {EXAMPLES} examples each, phases {PHASES}, "
        "default checks with the exceptions of tests/schemathesis.toml"
    )
    return [
        Figure("schemathesis, cases", came.cases, "cases", how, name),
        Figure("schemathesis, failures", came.failures, "failures", how, name, goal=0),
    ]


if __name__ == "__main__":
    main()
