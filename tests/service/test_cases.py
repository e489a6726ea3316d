"""Cases: one with its people, pages of them, nobody else's."""

import pytest

from core.errors import NotFound
from core.words import Role
from planning import cases


@pytest.fixture
def organisation(make):
    """An agency."""
    return make.organisation()


@pytest.fixture
def actor(make, organisation):
    """Its dispatcher."""
    return make.actor(make.user(organisation, Role.DISPATCHER))


def test_a_case_comes_with_creditor_borrower_and_places(
    session, make, organisation, actor
):
    made = make.case(organisation)
    place = make.place(made)
    session.expire_all()
    case = cases.get(session, actor, made.id)
    assert case.creditor.id == made.creditor_id
    assert case.borrower.name.startswith("李")
    assert case.places == [place]


def test_another_agencys_case_does_not_exist(session, make, actor):
    foreign = make.case(make.organisation())
    with pytest.raises(NotFound):
        cases.get(session, actor, foreign.id)
    assert cases.page(session, actor, after=None, limit=9) == []


def test_cases_are_paged_from_the_oldest_on(session, make, organisation, actor):
    made = [make.case(organisation) for _ in range(3)]
    first = cases.page(session, actor, after=None, limit=2)
    rest = cases.page(session, actor, after=first[-1].id, limit=2)
    assert [*first, *rest] == made


def test_a_case_is_found_by_its_id_in_the_creditors_file(
    session, make, organisation, actor
):
    make.case(organisation)
    made = make.case(organisation)
    found = cases.page(
        session, actor, after=None, limit=9, external_id=made.external_id
    )
    assert found == [made]
