"""The file of an import between its arrival and its end: sealed pieces in the database.

So it lies nowhere in plain, any host's worker can take it, and it goes with the import.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from models import Import, ImportChunk, database

PIECE = 1_048_576  # bytes of the file, before they are packed and sealed


def pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size, the last one shorter."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def keep(session: Session, taken: Import, number: int, content: bytes) -> None:
    """Store one piece; ``number`` counts from 0."""
    session.add(
        ImportChunk(
            organisation_id=taken.organisation_id,
            import_id=taken.id,
            number=number,
            content=content,
        )
    )
    session.flush()


def stored(sessions: sessionmaker[Session], import_id: UUID) -> Iterator[bytes]:
    """The pieces in their order, each read when it is asked for."""
    number = 0
    while (piece := _one(sessions, import_id, number)) is not None:
        yield piece
        number += 1


def _one(sessions: sessionmaker[Session], import_id: UUID, number: int) -> bytes | None:
    query = select(ImportChunk).where(
        ImportChunk.import_id == import_id, ImportChunk.number == number
    )
    with database.reading(sessions) as session:
        row = session.scalar(query)
        return row.content if row is not None else None


def drop(session: Session, import_id: UUID) -> None:
    """Nothing of the file is left."""
    session.execute(delete(ImportChunk).where(ImportChunk.import_id == import_id))
