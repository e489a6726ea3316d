"""``make figures``: the newest of each figure as a table in ``docs/performance.md``.

The text around the table is written by hand; what stands between its two marks is not.
"""

import json
from collections.abc import Iterable
from typing import Any

from bench.figures import RESULTS, ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- foundation: begin -->\n", "<!-- foundation: end -->\n"
HEAD = "| figure | SQLite | PostgreSQL | goal |\n|---|---|---|---|\n"
Line = dict[str, Any]


def main() -> None:
    """Write the page."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def written(page: str) -> str:
    """The page with the table of what the results file holds now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    with (RESULTS / "foundation.jsonl").open(encoding="utf-8") as file:
        lines = list(map(json.loads, file))
    return f"{before}{BEGIN}{table(lines)}{END}{after}"


def table(lines: Iterable[Line]) -> str:
    """One row for each figure, in the order in which they were first measured."""
    newest: dict[str, dict[str, Line]] = {}
    for line in lines:
        newest.setdefault(line["figure"], {})[line["database"]] = line
    return HEAD + "".join(_row(name, found) for name, found in newest.items())


def _row(name: str, found: dict[str, Line]) -> str:
    values = [_value(found.get(one)) for one in ("sqlite", "postgresql")]
    [goal, *_] = [_goal(line) for line in found.values()]
    return f"| {name} | {values[0]} | {values[1]} | {goal} |\n"


def _value(line: Line | None) -> str:
    if line is None:
        return "not measured"
    missed = ", **missed**" if line["holds"] is False else ""
    return f"{line['value']:g} {line['unit']}".strip() + missed


def _goal(line: Line) -> str:
    value, goal = line["value"], line["goal"]
    if goal is None:
        return "none"
    if value == goal:
        return f"{goal:g}"
    at_least = (value > goal) == line["holds"]
    return f"{'≥' if at_least else '≤'} {goal:g}"


if __name__ == "__main__":
    main()
