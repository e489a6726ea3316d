"""``make bench-bad-input``: everything that is wrong, to every operation, counted."""

from rich.console import Console
from rich.progress import Progress

from bench.accounts import quiet
from bench.figures import Figure, keep
from bench.house import DURABILITY, made_database
from core.keyring import Keyring
from models.sealed import ring
from server.endpoint import CONTRACTS
from tests.support.bad.asking import Staff
from tests.support.bad.rounds import LEFT_BY_READS, Found, walk
from tests.support.clock import FakeClock
from tests.support.make import Make
from tests.support.street import Street
from tests.support.world import World


def main() -> None:
    """Count on SQLite, then on PostgreSQL; every figure is printed and kept."""
    ring.use(Keyring.generate())
    console = Console(stderr=True)
    for name in DURABILITY:
        with (
            made_database(name) as database,
            database.sessions() as session,
            Progress(console=console) as progress,
        ):
            make = Make(session, FakeClock())
            world = World(database, make, make.clock)
            quiet()
            staff = Staff(Street(make, database), world)
            task = progress.add_task(f"{name}: operations", total=len(CONTRACTS))
            found = walk(staff, each=lambda _, task=task: progress.advance(task))
            for one in (*found.failed, *found.wrong, *found.stored):
                console.print(one, highlight=False)
        for line in keep("foundation", figures(found, database.kind)):
            print(line)


def figures(found: Found, database: str) -> list[Figure]:
    """What must be nought, and how much was asked."""
    total = len(CONTRACTS)
    kinds = ", ".join(
        f"{kind} {len(reached)}" for kind, reached in found.covered.items()
    )
    how = (
        f"{found.cases} requests in process, each right but for one thing and sent by "
        f"somebody who may; operations reached by kind: {kinds}; a digest of all rows "
        f"of all tables after each operation, but for {', '.join(LEFT_BY_READS)} "
        "(a read leaves a record)"
    )
    reached = {name for names in found.covered.values() for name in names}
    counted = {
        "answered by 5xx": len(found.failed),
        "answered otherwise than by the promised problem document": len(found.wrong),
        "tables changed": len(found.stored),
    }
    return [
        *(
            Figure(f"bad input, {what}", count, "count", how, database, goal=0)
            for what, count in counted.items()
        ),
        Figure("bad input, cases", found.cases, "count", how, database),
        Figure(
            f"bad input, operations reached of {total}",
            *(len(reached), "count", how, database),
            goal=total,
            more_is_better=True,
        ),
    ]


if __name__ == "__main__":
    main()
