"""One figure is one JSON line, printed and kept under ``bench/results``."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
ORDER = (
    *("figure", "value", "unit", "goal", "holds", "how"),
    *("database", "machine", "python", "commit", "at"),
)


@dataclass(frozen=True)
class Figure:
    """What was measured; ``how`` says under which circumstances.

    ``goal`` is the most that it may be, where one was set; the least, where
    ``more_is_better``.
    """

    figure: str
    value: float
    unit: str
    how: str
    database: str
    goal: float | None = None
    more_is_better: bool = False

    @property
    def holds(self) -> bool | None:
        """Is the goal met?"""
        if self.goal is None:
            return None
        if self.more_is_better:
            return self.value >= self.goal
        return self.value <= self.goal


def keep(topic: str, figures: Sequence[Figure]) -> list[str]:
    """Append the figures to the topic's file; the lines."""
    where = {
        "machine": machine(),
        "python": platform.python_version(),
        "commit": commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    facts = [{**asdict(one), "holds": one.holds, **where} for one in figures]
    lines = [json.dumps({name: one[name] for name in ORDER}) for one in facts]
    RESULTS.mkdir(parents=True, exist_ok=True)
    with (RESULTS / f"{topic}.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    return lines


def tell(topic: str, figures: Sequence[Figure], *, only_try: bool) -> None:
    """Print them; those of a mere try are kept nowhere."""
    if only_try:
        for one in figures:
            print(
                f"{one.value:9} {one.unit:6} {one.figure}, {one.database} ({one.how})"
            )
        return
    for line in keep(topic, figures):
        print(line)


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that ``share`` percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def spread(
    name: str, values: Sequence[float], *, unit: str, how: str, database: str
) -> list[Figure]:
    """p50 and p99 of one measurement."""
    return [
        Figure(
            f"{name}, p{share}",
            round(percentile(values, share), 1),
            unit,
            f"n={len(values)}; {how}",
            database,
        )
        for share in (50, 99)
    ]


def machine() -> str:
    """Cores, processor and memory."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {_processor()}, {gib:.0f} GiB"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    models = [line.partition(":")[2] for line in lines if line.startswith("model name")]
    return models[0].strip() if models else platform.machine()


def commit() -> str:
    """The checkout's commit, ``unknown`` where there is none."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else "unknown"
