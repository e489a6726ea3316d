"""Run migrations over the engine that ``models.migrate`` hands in."""

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import Script
from sqlalchemy import text

from models import Base, migrate

engine = context.config.attributes["engine"]
ONE_AT_A_TIME = 0x766F7563  # an advisory lock's number: "vouc"


def note_contract(
    ctx: MigrationContext, step: MigrationInfo, *_: object, **__: object
) -> None:
    """A database that took something away says which programs it still serves."""
    assert isinstance(step.up_revision, Script)
    module = step.up_revision.module
    if getattr(module, "contracts", False):
        reached = step.up_revision_id if step.is_upgrade else step.down_revision_ids[0]
        assert reached is not None
        assert ctx.connection is not None
        query = text("UPDATE installation SET oldest_program = :oldest")
        ctx.connection.execute(query, {"oldest": migrate.oldest_program(reached)})


with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        on_version_apply=note_contract,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        context.run_migrations()
