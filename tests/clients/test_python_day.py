"""A whole day through the Python client that openapi-python-client makes."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api_spec.build import TARGET
from core.words import ChannelKind, MessageKind, Role
from models import Message, MessageChannel
from tests.support.case_file import a_file
from tests.support.databases import Database
from tests.support.make import PASSWORD, PIN, Make
from tests.support.premises import Premises, until
from tests.support.street import Street

GENERATOR = Path(__file__).parent / "generator.yaml"
NAME = "generated_vouchsafe"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Imports a module of the generated package by its short name."""
    folder = tmp_path_factory.mktemp("client")
    command = [
        *("-m", "openapi_python_client", "generate", "--path", str(TARGET)),
        *("--output-path", str(folder / NAME), "--meta", "none"),
        *("--config", str(GENERATOR), "--fail-on-warning"),
    ]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"{NAME}.{name}")
    sys.path.remove(str(folder))


@pytest.fixture
def premises(database: Database, tmp_path: Path) -> Iterator[Premises]:
    """A web server and a worker that run."""
    found = Premises(database, tmp_path).install()
    found.start("web")
    found.start("worker")
    yield found
    found.close()


class Day:
    """Calls of the generated client, each checked for the status it promises."""

    def __init__(self, generated: Any, premises: Premises, street: Street) -> None:
        self.generated, self.premises, self.street = generated, premises, street
        self.models = generated("models")
        self.clients: list[Any] = []
        make, agency = street.make, street.organisation
        self.pair = [make.user(agency, Role.COLLECTOR) for _ in range(2)]

    def anybody(self) -> Any:
        """A client without a token."""
        client = self.generated("client").Client(base_url=self.premises.base)
        self.clients.append(client)
        return client

    def log_in(self, user: Any) -> Any:
        """A client with the user's token."""
        kind = self.generated("client").AuthenticatedClient
        body = self.models.Login(
            organisation=self.street.organisation.slug,
            login=user.login,
            password=PASSWORD,
            device_id=uuid4(),
        )
        tokens = self.call("auth.auth_log_in", self.anybody(), body=body).parsed
        client = kind(base_url=self.premises.base, token=tokens.access_token)
        self.clients.append(client)
        return client

    def close(self) -> None:
        """No connection outlives the day."""
        for client in self.clients:
            client.get_httpx_client().close()

    def call(
        self, name: str, client: Any, *ids: Any, expect: int = 200, **given: Any
    ) -> Any:
        """The detailed answer of one operation."""
        module = self.generated(f"api.{name}")
        answer = module.sync_detailed(*ids, client=client, **given)
        assert answer.status_code == expect, (name, answer.content)
        return answer

    def imported(self, dispatcher: Any, import_id: Any) -> None:
        """Wait until a worker has taken the file of one case."""

        def look() -> Any:
            found = self.call("imports.imports_get_import", dispatcher, import_id)
            return found.parsed if found.parsed.finished_at else None

        taken = until("the import is finished", look)
        assert (taken.created, taken.refused) == (1, 0)

    def act(self, kind: str, **facts: Any) -> Any:
        """The body of a mobile act, now by the phone's clock."""
        now = self.premises.clock.now()
        return getattr(self.models, kind)(event_id=uuid4(), occurred_at=now, **facts)


@pytest.fixture
def day(generated: Any, premises: Premises, session: Session) -> Iterator[Day]:
    """An agency whose people log in."""
    make = Make(session, premises.clock)  # type: ignore[arg-type]
    street = Street(make, premises.database)
    found = Day(generated, premises, street)
    for collector in found.pair:
        make.badge(collector)
    channel = MessageChannel(
        organisation_id=street.organisation.id,
        kind=ChannelKind.FILE,
        rank=0,
        created_at=premises.clock.now(),
    )
    session.add(channel)
    session.commit()
    yield found
    found.close()


def listed(day: Day, case: Any) -> None:
    """The creditor of an imported case publishes the agency on its list."""
    session, now = day.street.session, day.premises.clock.now()
    officer = day.street.make.user(day.street.organisation, Role.ADMIN)
    session.commit()
    body = day.models.NewListing(
        starts_at=now - timedelta(days=1), evidence="https://bank.example/agencies"
    )
    day.call(
        "creditors.creditors_record_listing",
        day.log_in(officer),
        case.creditor_id,
        body=body,
        expect=201,
    )


def published(day: Day, dispatcher: Any, case: Any) -> Any:
    """A visit of the pair that begins in five minutes, planned as a desk would."""
    start = day.premises.clock.now() + timedelta(minutes=5)
    body = day.models.Propose(
        case_id=case.id,
        place_id=case.places[0].id,
        planned_start=start,
        planned_end=start + timedelta(minutes=30),
        people=2,
    )
    key = str(uuid4())
    made = [
        day.call(
            "visits.visits_propose",
            dispatcher,
            body=body,
            idempotency_key=key,
            expect=201,
        ).parsed
        for _ in range(2)
    ]
    assert made[0] == made[1]
    visit = made[0].id
    read = day.call("visits.visits_get", dispatcher, visit)
    pair = day.models.Assign(user_ids=[one.id for one in day.pair])
    assigned = day.call(
        "visits.visits_assign",
        dispatcher,
        visit,
        body=pair,
        if_match=read.headers["ETag"],
    )
    stale = {"if_match": read.headers["ETag"], "expect": 412}
    day.call("visits.visits_publish", dispatcher, visit, **stale)
    tag = assigned.headers["ETag"]
    return day.call("visits.visits_publish", dispatcher, visit, if_match=tag).parsed


def code(day: Day) -> str:
    """The code in the notice that waits for the borrower."""
    session = day.street.session
    query = select(Message).where(Message.kind == MessageKind.VISIT_NOTICE)
    body = session.scalars(query).one().body
    session.commit()  # a test that holds SQLite's lock keeps the server waiting
    assert body is not None
    at = body.index("-")
    return body[at - 5 : at + 6]


@pytest.mark.timeout(180)
def test_the_generated_client_drives_the_whole_day(day: Day):
    street, types = day.street, day.generated("types")
    dispatcher = day.log_in(street.dispatcher)
    file = types.File(payload=BytesIO(a_file({})))
    sent = day.call("imports.imports_take", dispatcher, body=file, expect=202).parsed
    day.imported(dispatcher, sent.id)
    found = day.call("cases.cases_page_through", dispatcher, external_id="C-1").parsed
    case = day.call("cases.cases_get", dispatcher, found.items[0].id).parsed
    listed(day, case)
    visit = published(day, dispatcher, case)
    assert str(visit.state) == "published"
    asked = day.models.Check(code=code(day))
    checked = day.call(
        "verifications.verifications_check", day.anybody(), body=asked
    ).parsed
    assert str(checked.answer) == "expected_now"
    collector = day.log_in(day.pair[0])
    today = day.call("mobile.mobile_day", collector).parsed
    assert visit.id in [stop.visit_id for stop in today.visits]
    at_the_door(day, collector, visit)
    ended = day.call("visits.visits_get", dispatcher, visit.id).parsed
    assert len(ended.door) == 1


def at_the_door(day: Day, chen: Any, visit: Any) -> None:
    """Depart, check in, extend, check out; an SOS on the way home."""
    here, models = visit.id, day.models
    left = day.act("Depart", buddy_id=day.street.zhou.id)
    day.call("mobile.mobile_depart", chen, here, body=left)
    fix = models.Fix(
        lon=120.1551, lat=30.2741, accuracy_m=15.0, datum=models.FixDatum("wgs84")
    )
    arrived = day.call(
        "mobile.mobile_check_in", chen, here, body=day.act("CheckIn", position=fix)
    ).parsed
    assert (arrived.watch.watched, arrived.contact) == (True, "allowed")
    more = day.act("Extend", pin=PIN, extend_s=300)
    assert day.call("mobile.mobile_extend", chen, here, body=more).parsed.stored
    outcome = models.CheckOutOutcome("nobody")
    away = day.act("CheckOut", pin=PIN, outcome=outcome)
    gone = day.call("mobile.mobile_check_out", chen, here, body=away).parsed
    assert (gone.stored, gone.watch.watched) == (True, False)
    help_ = day.call("mobile.mobile_raise_sos", chen, body=day.act("Sos"), expect=201)
    assert help_.parsed.stored
