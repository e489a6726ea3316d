"""The map of the house in docs/architecture.md names every module, and no other."""

import re

import pytest

from tests.contract.test_house import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MAP = PAGE[PAGE.index("## 3.") : PAGE.index("## 4.")]
ROWS = dict(re.findall(r"^\| (\w+) \| (.*) \|$", MAP, re.MULTILINE))
ROWS.pop("room")


def modules(room: str) -> set[str]:
    """Modules and folders that stand in a room itself."""
    return {
        path.stem
        for path in (ROOT / room).iterdir()
        if path.suffix == ".py" or path.is_dir()
        if not path.name.startswith("__")
    }


def deeper(room: str) -> set[str]:
    """Modules in a room's folders: the map may name them."""
    return {path.stem for path in (ROOT / room).glob("*/**/*.py")}


def test_the_map_has_the_rooms_that_hold_rules():
    assert ROWS.keys() == {
        *("accounts", "gate", "credentials", "planning", "contact", "safety"),
        "server",
    }


@pytest.mark.parametrize("room", ROWS)
def test_the_map_of_a_room_is_complete_and_true(room: str):
    named = set(re.findall(r"`(\w+)/?`", ROWS[room]))
    assert modules(room) - named == set(), "docs/architecture.md, section 3, lacks them"
    assert named - modules(room) - deeper(room) == set(), "there are no such modules"
