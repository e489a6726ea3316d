"""``make bench-main-job``: alarm, check-in and check on both databases, in figures."""

import os

from rich.console import Console
from rich.progress import Progress

from bench import measures
from bench.figures import Figure, keep, spread
from bench.house import DURABILITY, serving
from bench.town import Town
from core.keyring import Keyring
from models.sealed import ring
from tests.support.premises import Premises

OPEN_VISITS, SPREAD_S = 100, 10.0
CHECK_INS, CHECKS, CLIENTS = 300, 500, 4
PROCESSES = "web (waitress, 8 threads), worker, sentinel and client on one machine"


def main() -> None:
    """Measure on SQLite, then on PostgreSQL; every figure is printed and kept."""
    ring.use(Keyring.generate())
    console = Console(stderr=True)
    for name in DURABILITY:
        with Progress(console=console) as progress, serving(name) as premises:
            figures = measure(premises, name, progress)
        for line in keep("main-job", figures):
            print(line)


def measure(premises: Premises, name: str, progress: Progress) -> list[Figure]:
    """The three measurements, one after the other, on one installation."""
    load = f"load average {os.getloadavg()[0]:.1f} before"
    circumstances = f"{PROCESSES}; {DURABILITY[name]}; {load}"

    def bar(what: str, total: int) -> measures.Tick:
        task = progress.add_task(f"{name}: {what}", total=total)
        return lambda: progress.advance(task)

    with premises.database.sessions() as session:
        town = Town(premises, session)
        tick = bar("visits for check-ins", CHECK_INS)
        rounds = [town.round(CHECK_INS // CLIENTS, tick) for _ in range(CLIENTS)]
        arrived = measures.check_ins(town, rounds, bar("check-ins", CHECK_INS))
        # check-outs end a visit's code: the checks ask for visits that are to come
        tick = bar("visits for checks", CHECK_INS)
        fresh = [town.round(CHECK_INS // CLIENTS, tick) for _ in range(CLIENTS)]
        tick = bar("public checks", CHECKS)
        asked = measures.checks(town, fresh, count=CHECKS, tick=tick)
        delays = measures.first_dispatches(
            town,
            visits=OPEN_VISITS,
            spread_s=SPREAD_S,
            tick=bar("open visits", OPEN_VISITS),
        )
    return [
        *spread(
            f"missed check-out to first dispatch, {OPEN_VISITS} open visits",
            delays,
            unit="ms",
            how="receipt's start minus watch's due, dues spread over "
            f"{SPREAD_S:.0f} s, file channel; {circumstances}",
            database=name,
        ),
        *spread(
            "check-in over HTTP",
            arrived,
            unit="ms",
            how=f"{CLIENTS} clients at once, each check-in followed by a check-out "
            f"that is not counted; {circumstances}",
            database=name,
        ),
        *spread(
            "public check POST /v1/verifications",
            asked,
            unit="ms",
            how=f"{CLIENTS} clients at once, codes of genuine visits; {circumstances}",
            database=name,
        ),
    ]


if __name__ == "__main__":
    main()
