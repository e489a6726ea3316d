"""The borrower's check over HTTP."""

from base64 import b64decode
from typing import Any

from core.words import MessageKind, Role
from tests.api.conftest import Office
from tests.api.test_visits import published
from tests.support.samples import picture

FIELDS = {
    "answer",
    "words_en",
    "words_zh",
    "public_names",
    "employer",
    "badge_numbers",
    "photos",
    "window_start",
    "window_end",
    "doorstep_word_en",
    "doorstep_word_zh",
}


def ask(office: Office, code: str) -> Any:
    """The answer to whoever holds the code."""
    return office.world.client_as(None).post("/v1/verifications", {"code": code})


def codes(office: Office) -> tuple[str, str]:
    """Path and code of a visit whose notice has gone out."""
    office.world.channel(office.street.chen)
    url = published(office, office[Role.DISPATCHER])
    office.world.tick()
    sent = office.world.carried.sent
    [notice] = [one.body for one in sent if one.kind is MessageKind.VISIT_NOTICE]
    at = notice.index("-")
    return url, notice[at - 5 : at + 6]


def test_before_during_and_after_the_window(office: Office):
    _, code = codes(office)
    assert ask(office, code).json["answer"] == "not_now"
    office.world.clock.forward(hours=2)
    now = ask(office, code)
    assert (now.status_code, now.json["answer"]) == (200, "expected_now")
    assert now.json["employer"] == office.organisation.public_name
    assert len(now.json["public_names"]) == len(now.json["badge_numbers"]) == 2
    assert now.json["doorstep_word_zh"]
    assert now.json["window_start"].startswith("2026-11-24T04:00:00")
    office.world.clock.forward(days=2)
    assert ask(office, code).json["answer"] == "not_valid"


def test_a_code_is_taken_however_it_is_typed(office: Office):
    _, code = codes(office)
    for typed in (code.lower(), code.replace("-", " "), f"  {code}\n"):
        assert ask(office, typed).json["answer"] == "not_now", typed


def test_a_cancelled_visits_code_is_not_valid_and_names_nobody(office: Office):
    url, code = codes(office)
    office[Role.DISPATCHER].post(f"{url}/cancellation", {"reason": "borrower_asked"})
    answer = ask(office, code).json
    assert answer["answer"] == "not_valid"
    assert (answer["public_names"], answer["employer"]) == ([], None)


def test_the_photos_are_part_of_a_good_check_and_of_no_other(office: Office):
    _, code = codes(office)
    admin = office[Role.ADMIN]
    first, second = (one["id"] for one in admin.get("/v1/badges").json["items"])
    for colour, badge in (("red", second), ("blue", first)):
        url = f"/v1/badges/{badge}/photo"
        assert admin.upload(url, picture(colour), "image/jpeg").status_code == 200
    assert ask(office, code).json["photos"] == []  # genuine, but not now
    office.world.clock.forward(hours=2)
    good = ask(office, code)
    kept = [admin.get(f"/v1/badges/{badge}/photo").data for badge in (first, second)]
    assert [seen(one) for one in good.json["photos"]] == kept
    assert good.json["badge_numbers"] == [
        one["number"] for one in admin.get("/v1/badges").json["items"]
    ]
    assert good.headers["Cache-Control"] == "no-store"
    admin.delete(f"/v1/badges/{first}/photo")
    assert [one and seen(one) for one in ask(office, code).json["photos"]] == [
        None,
        kept[1],
    ]
    for act in ("suspension", "reinstatement", "revocation"):
        admin.post(f"/v1/badges/{second}/{act}", {"reason": "under review"})
        answer = ask(office, code).json
        assert bool(answer["photos"]) == (act == "reinstatement"), act
        assert (answer["answer"] == "expected_now") == (act == "reinstatement"), act
    for typed in ("00000-00000", "nonsense"):
        assert ask(office, typed).json["photos"] == []


def seen(uri: str) -> bytes:
    """The picture inside a data URI."""
    head, _, body = uri.partition(",")
    assert head == "data:image/jpeg;base64"
    return b64decode(body)


def test_every_answer_has_the_same_shape(office: Office):
    _, code = codes(office)
    for typed in (code, "00000-00000", "nonsense", "0" * 16):
        answer = ask(office, typed)
        assert answer.status_code == 200
        assert set(answer.json) == FIELDS
        assert answer.json["words_en"]
        assert answer.json["words_zh"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_guessing_ends_after_ten_tries_but_a_known_code_is_still_answered(
    office: Office,
):
    _, code = codes(office)
    told = [ask(office, f"0000{number:06d}").json["answer"] for number in range(12)]
    assert told == ["unknown"] * 10 + ["too_many_tries"] * 2
    assert ask(office, code).json["answer"] == "not_now"
    office.world.clock.forward(minutes=11)
    assert ask(office, "00000-00000").json["answer"] == "unknown"
