"""What became of an imported file and of the cases in it."""

from planning import cases


def counts(taken):
    """Created, updated, unchanged, refused."""
    return taken.created, taken.updated, taken.unchanged, taken.refused


def the_case(session, actor, external_id="C-1"):
    """The case of that id, as the database has it."""
    session.expire_all()
    (row,) = cases.page(session, actor, after=None, limit=9, external_id=external_id)
    return cases.get(session, actor, row.id)
