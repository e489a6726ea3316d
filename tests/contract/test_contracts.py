"""What the contracts promise by themselves: versions of what is edited, repeats."""

from typing import Any

from accounts.access import Action
from server import authentication
from server.endpoint import CONTRACTS, Contract
from tests.contract.test_openapi import SPEC

NEEDS_NO_VERSION = {
    "GET": "reads",
    "DELETE": "takes away whatever stands there",
    Action.SEND_EVENTS: "sends, and changes nothing",
    Action.ACKNOWLEDGE_ALERT: "help waits for nothing",
    Action.NOTE_ALERT: "adds words, overwrites none",
    Action.CLOSE_ALERT: "an alert is closed once, and help waits for nothing",
    Action.CHANGE_OWN_SECRETS: "the old secret is proved",
    Action.INVITE_USERS: "one way: 409 where it has ended",
    Action.SEND_RESET_CODES: "sends a code and changes nothing",
    Action.SET_UP_SECOND_FACTOR: "set up once: 409 afterwards",
    Action.SET_OWN_DUTY: "says how it is now",
    Action.READ_OWN_ACCOUNT: "one's own log-in",
    Action.USE_OWN_DEVICES: "the app says how it is now",
    Action.REVOKE_DEVICE: "one way: a lost phone is reported once",
    Action.SET_VEHICLE: "says how it is now",
    Action.ASK_GATE: "asks",
    Action.RECORD_CONSENT: "one way: what the borrower said is never overwritten",
    Action.REOPEN_CASES: "one way: 409 where it is open",
    Action.RECORD_LISTING: "one way: an end is recorded once",
    Action.MANAGE_NAMED_HOLDS: "lifts a hold, which can be lifted once",
    Action.EXPORT_BORROWER: "reads, and leaves a record of it",
    Action.RECORD_HOLD: "ends a hold, which can be ended once",
}
NO_REPEAT = {
    "/v1/mobile/sos": "its event id is its key",
    "/v1/webhooks": "its answer shows a secret that nobody sees again",
}
PHONES = (
    authentication.setting_out,
    authentication.on_duty,
    authentication.at_the_door,
    authentication.in_danger,
)


def creates(contract: Contract) -> bool:
    """Does it make something new?"""
    return contract.method == "POST" and contract.status == 201


def test_everything_that_people_edit_needs_the_version_that_they_read():
    silent = [
        f"{one.method} {one.path}: give it `edits`, or a reason here"
        for one in CONTRACTS
        if one.edits is None and not creates(one) and one.door is not None
        if not one.path.startswith("/v1/mobile/") and not one.own_transactions
        if not {one.method, one.action} & NEEDS_NO_VERSION.keys()
    ]
    assert silent == []


def test_nothing_of_a_watch_or_an_alert_ever_needs_a_version():
    guarded = [one.path for one in CONTRACTS if one.edits is not None]
    assert len(guarded) > 8
    for one in CONTRACTS:
        if one.path.startswith(("/v1/mobile/", "/v1/alerts", "/v1/auth")):
            assert one.edits is None, one.path
        if one.door in PHONES:
            assert one.edits is None, one.path


def test_what_is_edited_can_be_read():
    shown = {one.view for one in CONTRACTS if one.method == "GET"}
    edited = [one.edits.view for one in CONTRACTS if one.edits is not None]
    assert [view for view in edited if view not in shown] == []


def test_every_creating_post_takes_a_key_or_says_why_not():
    silent = {one.path for one in CONTRACTS if creates(one) and not one.repeatable}
    assert silent == NO_REPEAT.keys()
    assert sum(one.repeatable for one in CONTRACTS) >= 7


def operation(one: Contract) -> dict[str, Any]:
    """What the document says of a contract."""
    path = one.path.replace("<uuid:", "{").replace("<string:", "{")
    found: dict[str, Any] = SPEC["paths"][path.replace(">", "}")][one.method.lower()]
    return found


def named(one: Contract, where: str) -> set[str]:
    """The parameters that the document names in one place of the request."""
    given = operation(one).get("parameters", ())
    return {parameter["name"] for parameter in given if parameter["in"] == where}


def test_the_document_names_the_headers_that_a_request_may_carry():
    for one in CONTRACTS:
        headers = {header["name"] for header in one.headers}
        assert named(one, "header") == headers, one.path


def test_the_document_names_every_field_of_a_query():
    asking = [one for one in CONTRACTS if one.query is not None]
    assert len(asking) > 8
    for one in asking:
        fields = one.query().fields.items()
        assert named(one, "query") == {
            field.data_key or name for name, field in fields
        }, one.path


def test_what_ends_after_the_commit_is_kept_for_no_repeat_and_edits_nothing():
    finished = [one for one in CONTRACTS if one.finish is not None]
    assert finished
    assert [one.name for one in finished if one.edits or one.repeatable] == []
