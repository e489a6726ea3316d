"""The installation itself and the processes that serve it."""

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identified, Instant


class Installation(Base):
    """One row. Only a database made by the demo may shift its clock.

    ``oldest_program``: the head revision of the oldest program that may still serve.
    """

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("number = 1", name="single"),
        CheckConstraint("demo OR clock_offset_s = 0", name="only_a_demo_shifts"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    demo: Mapped[bool]
    clock_offset_s: Mapped[float] = mapped_column(default=0.0)
    keyring_check: Mapped[str] = mapped_column(String(64))
    oldest_program: Mapped[str] = mapped_column(String(4), server_default="0001")


class ProcessPulse(Identified, Base):
    """A living web, worker or sentinel; ``beat_at`` moves while it works.

    ``program``: the newest revision that its program knows, ``None`` before revision
    0008.
    """

    __tablename__ = "process_pulses"

    kind: Mapped[str] = mapped_column(String(20))
    host: Mapped[str] = mapped_column(String(120))
    started_at: Mapped[Instant]
    beat_at: Mapped[Instant] = mapped_column(index=True)
    program: Mapped[str | None] = mapped_column(String(4))
