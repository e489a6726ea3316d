"""An older and a newer program beside each other, while the schema moves on."""

from pathlib import Path

import pytest
import requests
from sqlalchemy import select, text

from models import ProcessPulse, WatchEvent, migrate
from tests.support.load import Load
from tests.support.missed import Missed
from tests.support.newer import Newer
from tests.support.premises import Premises, free_port, until

ROLES = ("web", "worker", "sentinel")


@pytest.fixture
def newer(premises: Premises, tmp_path: Path) -> Newer:
    """The next version, not running yet."""
    return Newer(premises, tmp_path / "newer")


def post(base: str, path: str, load: Load) -> requests.Response:
    """An SOS, or whatever else a phone of a collector of the load reports."""
    headers = {"Authorization": f"Bearer {load._token()}"}
    load.make.session.commit()
    body = {"event_id": "0190cd05-0000-7000-8000-000000000001"}
    return requests.post(
        f"{base}/v1/mobile/{path}", json=body, headers=headers, timeout=9
    )


def test_old_and_new_serve_side_by_side_and_the_old_one_refuses_after_the_contract(
    newer: Newer, premises: Premises, missed: Missed
):
    old = {role: premises.start(role) for role in ROLES}
    load = Load(premises, missed.make, missed.street.organisation)
    assert "9001 adds: Add a place" in newer.migrate("--plan")
    assert migrate.current(premises.database.engine) == migrate.head()
    held = newer.migrate()
    assert "Held at revision 9001" in held
    assert all(role in held for role in ROLES)
    port = free_port()
    new = f"http://127.0.0.1:{port}"
    for role in ROLES:
        newer.start(role, port=port)
    assert [premises.status("/readyz", base=one) for one in (premises.base, new)] == [
        200, 200,
    ]  # fmt: skip
    assert [post(one, "sos", load).status_code for one in (premises.base, new)] == [
        201, 201,
    ]  # fmt: skip
    assert "Held at revision 9001" in newer.migrate()
    assert "revision 9002" in newer.migrate("--contract-now")
    assert [old[role].ends() for role in ("worker", "sentinel")] == [0, 0]
    until("the old web to notice", lambda: premises.status("/healthz") == 503)
    assert premises.status("/readyz") == 503
    refused = requests.get(f"{premises.base}/v1/me", timeout=9)
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/outdated")
    assert refused.headers["Retry-After"]
    assert "请不要开门" in requests.get(f"{premises.base}/verify", timeout=9).text
    assert post(premises.base, "sos", load).status_code == 201
    assert premises.status("/readyz", base=new) == 200
    assert len(missed.read(select(WatchEvent))) == 3
    again = premises.run("-m", "server.cli", "worker")
    assert again.ends() == 1
    assert "start the newer version" in again.said()


def test_once_the_old_ones_have_ended_the_contract_goes_through(
    newer: Newer, premises: Premises
):
    for role in ROLES:
        worker = premises.start(role)
        assert role in newer.migrate()
        worker.popen.terminate()
        assert worker.ends() == 0
    assert missed_pulses(premises) == []
    assert "revision 9002" in newer.migrate()


def missed_pulses(premises: Premises) -> list[ProcessPulse]:
    """Rows of processes that ended as they should."""
    with premises.database.sessions() as session:
        return list(session.scalars(select(ProcessPulse)))


def test_a_report_that_the_old_web_cannot_store_is_for_another_to_take(
    newer: Newer, premises: Premises, missed: Missed
):
    premises.start("web")
    load = Load(premises, missed.make, missed.street.organisation)
    token = load._token()
    missed.make.session.commit()
    newer.migrate("--contract-now")
    until("the web to notice", lambda: premises.status("/healthz") == 503)
    with premises.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE watch_events RENAME TO reports"))
    answer = requests.post(
        f"{premises.base}/v1/mobile/sos",
        json={"event_id": "0190cd05-0000-7000-8000-000000000002"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=9,
    )
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/outdated")
