"""Claims: a conditional UPDATE guards every fact relied on, and changes one row."""

from sqlalchemy import CursorResult, Delete, Update
from sqlalchemy.orm import Session


def changed(session: Session, claim: Update | Delete) -> int:
    """Run it; how many rows it changed. 0: somebody else was faster, or it is not so.

    What becomes of rows that the session has in hand is for the claim's own execution
    options to say.
    """
    result = session.execute(claim)
    assert isinstance(result, CursorResult)
    return result.rowcount
