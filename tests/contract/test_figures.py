"""What the documents say of speed is what was measured last."""

from bench import tables
from bench.tables import PAGE

LINE = {"figure": "check-ins", "unit": "1/s", "goal": 300}


def test_the_page_shows_the_newest_figures():
    page = PAGE.read_text(encoding="utf-8")
    assert tables.BEGIN in page
    assert page == tables.written(page), "run `make figures`"


def test_a_missed_goal_is_called_missed_and_the_newest_line_counts():
    old = {**LINE, "database": "postgresql", "value": 31, "holds": False}
    new = {**old, "value": 29.5}
    row = tables.table([old, new]).splitlines()[-1]
    assert row == "| check-ins | not measured | 29.5 1/s, **missed** | ≥ 300 |"


def test_the_most_that_something_may_be_is_told_from_the_least():
    slow = {**LINE, "database": "sqlite", "value": 301, "holds": False}
    quick = {**LINE, "database": "postgresql", "value": 30, "holds": True}
    row = tables.table([slow, quick]).splitlines()[-1]
    assert row == "| check-ins | 301 1/s, **missed** | 30 1/s | ≤ 300 |"
    even = {**quick, "value": 300}
    assert tables.table([even]).splitlines()[-1].endswith("| 300 |")
