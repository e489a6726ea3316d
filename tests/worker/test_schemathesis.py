"""schemathesis finds nothing at the running server; more by `make bench-schemathesis`.

Coverage of the schemas on one database, random cases and chains of calls on the other.
"""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from server.endpoint import CONTRACTS
from tests.support.crawl import Crawl
from tests.support.premises import Premises

SHARES = {"sqlite": "examples,coverage", "postgresql": "fuzzing,stateful"}


@pytest.mark.timeout(600)
def test_schemathesis_finds_nothing(
    premises: Premises, session: Session, tmp_path: Path
):
    premises.start("web")
    crawl = Crawl(premises, session)
    phases = SHARES[premises.database.kind]
    came = crawl.run(tmp_path, examples=8, phases=phases)
    assert (came.status, came.failures) == (0, 0), came.said
    assert came.operations == sum(not one.stream for one in CONTRACTS)
    assert came.cases > 5 * len(CONTRACTS)
