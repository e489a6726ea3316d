"""Web is asked to end while phones report: whoever was let in gets his answer."""

from sqlalchemy import select

from models import WatchEvent
from tests.support.load import Load
from tests.support.missed import Missed
from tests.support.premises import Premises, until

WRITERS = 6
TIMES = 2


def test_no_request_that_was_accepted_is_cut_and_none_is_stored_unanswered(
    premises: Premises, missed: Missed
):
    load = Load(premises, missed.make, missed.street.organisation)
    web = premises.start("web")
    load.start(WRITERS)
    for _ in range(TIMES):
        web.popen.terminate()
        assert web.ends() == 0
        web = premises.start("web")
        before = len(load.stored)
        until("phones report again", lambda many=before: len(load.stored) > many + 9)
    web.popen.terminate()
    assert web.ends() == 0
    load.stop()
    assert load.cut == []
    assert load.refused == []
    stored = set(missed.read(select(WatchEvent.event_id)))
    assert stored == {event_id for _, event_id in load.stored}
