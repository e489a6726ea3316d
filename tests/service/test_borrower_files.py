"""The document of all that is held about one borrower."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import NotFound
from core.words import Role
from models import AuditRow, Badge, User, Visitor
from safety import borrower_files
from server.schemas.borrowers import BorrowerFileSchema
from tests.support import borrowers
from tests.support.borrowers import MARK, PHONE, Marked
from tests.support.street import Street


@pytest.fixture
def marked(street: Street) -> Marked:
    """Whose every text is a word that can be searched for."""
    return Marked(street)


def export(marked: Marked, role: Role = Role.CONTACT_DESK) -> Any:
    """The document as it is written, read again."""
    asked = borrowers.call(marked.street, role)
    found = borrower_files.export(
        marked.session, asked.actor, marked.borrower.id, now=marked.now
    )
    return json.loads(json.dumps(BorrowerFileSchema().dump(found)))


def test_the_document_has_everything_that_he_said_or_others_said_of_him(marked: Marked):
    made = export(marked)
    assert (made["format"], made["withheld"]) == ("vouchsafe.borrower/1", [])
    assert made["creditor"]["code"] == marked.creditor_code
    assert (made["borrower"]["name"], made["borrower"]["phone"]) == (MARK, PHONE)
    [place] = made["places"]
    assert place["position"] == {"lon": 98.7654321, "lat": 23.4}
    assert [one["old"] for one in made["changes"]] == [{"debt_ref": MARK}] * 2
    assert made["wishes"][0]["spans"] == [[4141, 4242]]
    assert (made["holds"][0]["words"], made["consents"][0]["evidence"]) == (MARK, MARK)
    assert made["payments"][0]["reference"] == MARK
    assert [one["state"] for one in made["visits"]] == ["published", "done"]
    assert [one["words"] for one in made["reports"]] == [MARK]
    assert made["contacts"][0]["decision"] == {"allowed": True}
    assert {one["recipient"] for one in made["messages"]} == {PHONE}
    assert made["checks"][0]["answer"] == "expected_now"
    [read] = made["reads"]
    assert (read["route"], read["user_role"]) == ("cases_get", "dispatcher")


def test_no_part_of_it_is_empty_by_oversight(marked: Marked):
    made = export(marked)
    parts = {name for name, rows in made.items() if rows == []}
    assert parts == {"withheld"}


def test_our_own_people_are_roles_and_numbers_on_badges(marked: Marked):
    made = export(marked)
    said = json.dumps(made, ensure_ascii=False)
    session = marked.session
    for user in session.scalars(select(User)):
        for value in (str(user.id), user.name, user.phone, user.login):
            assert str(value) not in said
    query = select(Badge).join(Visitor, Visitor.badge_id == Badge.id)
    badges = session.scalars(query.order_by(Badge.number)).all()
    shown = [(one["user_role"], one["badge_number"]) for one in made["visitors"]]
    assert sorted(shown) == [("collector", one.number) for one in badges]
    assert not any(str(one.public_name) in said for one in badges)


def test_no_secret_and_no_call_for_help_stands_in_it(marked: Marked):
    said = json.dumps(export(marked), ensure_ascii=False)
    assert "lotus" not in said
    assert not {"1" * 64, "2" * 64} & set(said.split('"'))
    assert '"help"' not in said
    assert '"body"' not in said


def test_only_the_contact_desk_makes_a_copy_with_the_words_of_a_hold(marked: Marked):
    made = export(marked, Role.ADMIN)
    assert made["withheld"] == ["holds.kind", "holds.words"]
    [hold] = made["holds"]
    assert (hold["kind"], hold["words"]) == (None, None)
    assert hold["starts_at"]


def test_that_a_copy_was_made_stands_in_the_audit_without_a_value(marked: Marked):
    export(marked, Role.ADMIN)
    query = select(AuditRow).where(AuditRow.action == "borrower.exported")
    row = marked.session.scalars(query).one()
    assert row.subject_id == marked.borrower.id
    assert row.detail["complete"] is False
    assert MARK not in str(row.detail)


def test_a_neighbours_rows_stand_in_no_copy(marked: Marked, street: Street):
    other = Street(street.make, street.database)
    street.session.commit()
    theirs = {str(other.case.id), str(other.visit.id), str(other.case.borrower_id)}
    assert not any(one in json.dumps(export(marked)) for one in theirs)
    stranger = borrowers.call(other).actor
    with pytest.raises(NotFound):
        borrower_files.export(
            marked.session, stranger, marked.borrower.id, now=marked.now
        )


def test_he_is_found_by_the_creditors_reference_before_and_after(marked: Marked):
    of = {"creditor_code": marked.creditor_code, "debtor_ref": MARK}
    organisation_id = marked.street.organisation.id
    mine = borrower_files.find(marked.session, organisation_id, **of)
    assert mine == marked.borrower.id
    borrowers.erase(marked.street)
    assert borrower_files.find(marked.session, organisation_id, **of) == mine
    with pytest.raises(NotFound):
        borrower_files.find(marked.session, marked.street.chen.id, **of)


def test_a_copy_after_the_erasure_shows_what_the_law_keeps(marked: Marked):
    borrowers.erase(marked.street)
    made = export(marked)
    assert made["borrower"]["name"] is None
    assert made["borrower"]["erased_at"]
    assert (len(made["contacts"]), len(made["consents"])) == (1, 1)
    said = json.dumps({**made, "consents": []}, ensure_ascii=False)
    assert not any(mark in said for mark in borrowers.MARKS)
