"""``make bench-accounts``: refresh families under fire, a walk over all routes."""

import logging

import structlog
from rich.console import Console
from rich.progress import Progress

from bench.figures import Figure, keep
from bench.house import DURABILITY, made_database
from core.keyring import Keyring
from models.sealed import ring
from tests.support import walk
from tests.support.clock import FakeClock
from tests.support.families import PARALLEL, Home, rounds
from tests.support.make import Make
from tests.support.street import Street
from tests.support.world import World

FAMILIES = 20


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
            # the walk first: its valid requests are valid at the clock's start
            figures = [*walked(world, progress), *families(world, progress)]
        for line in keep("foundation", figures):
            print(line)


def families(world: World, progress: Progress) -> list[Figure]:
    """Wrong kills and wrong answers over twenty families."""
    kind = world.database.kind
    task = progress.add_task(f"{kind}: families", total=FAMILIES)
    home = Home(world, Street(world.make, world.database))
    found = rounds(home, families=FAMILIES, tick=lambda: progress.advance(task))
    how = (
        f"{FAMILIES} families, {found.asked} requests, {PARALLEL} at once in threads: "
        "the same token three times over, an unused one in other hands, a used one "
        "after a minute or from elsewhere"
    )
    name = f"refresh family under {PARALLEL} parallel refreshes and replays"
    counted = {"wrong kills": found.wrong_kills, "wrong answers": found.wrong_answers}
    return [
        Figure(f"{name}: {what}", count, "count", how, kind, goal=0)
        for what, count in counted.items()
    ]


def walked(world: World, progress: Progress) -> list[Figure]:
    """For each case how many of the routes behind a door it walked, and what failed."""
    kind, routes = world.database.kind, len(walk.GUARDED)
    task = progress.add_task(f"{kind}: routes", total=len(walk.CASES))
    figures = []
    for name, case in walk.CASES.items():
        steps = list(case(world, Street(world.make, world.database)))
        seen = {(one.contract.method, one.contract.path) for one in steps}
        open_to = "" if len(seen) == routes else ", the others are for every role"
        how = (
            f"{len(steps)} requests to {len(seen)} of {routes} routes behind a door"
            f"{open_to}; {len(walk.CONTRACTS) - routes} routes have none"
        )
        wrong = sum(not step.right for step in steps)
        figure = f"route walk, {name}: answered otherwise than promised"
        figures.append(Figure(figure, wrong, "count", how, kind, goal=0))
        progress.advance(task)
    return figures


def quiet() -> None:
    """Requests are not logged while they are counted."""
    logger = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=logger)


if __name__ == "__main__":
    main()
