"""Migrate beside running processes: what they still need is taken away last."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine, select

from models import Installation, ProcessPulse, database, migrate
from server.clock import Clock
from server.processes import pulse


def advance(engine: Engine, *, contract_now: bool = False) -> Sequence[ProcessPulse]:
    """Apply every migration; or all but the last ones, which take something away.

    Those wait, unless it is ``contract_now``, while programs that need it still run:
    the answer.
    """
    steps = migrate.plan(engine)
    if not any(step.contracts for step in steps) or contract_now:
        if steps:
            migrate.upgrade(engine)
        return []
    before = [one.revision for one in steps if one.revision <= migrate.needed()]
    if before:
        migrate.upgrade(engine, before[-1])
    waits_for = _older(engine)
    if not waits_for:
        migrate.upgrade(engine)
    return waits_for


def _older(engine: Engine) -> Sequence[ProcessPulse]:
    with database.factory(engine)() as session:
        installation = session.scalars(select(Installation)).first()
        if installation is None:  # nobody can run on it yet
            return []
        offset = timedelta(seconds=installation.clock_offset_s)
        program = migrate.oldest_program(migrate.head())
        return pulse.older(session, program, now=Clock(offset).now(session))
