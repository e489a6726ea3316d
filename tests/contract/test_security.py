"""What docs/security.md says of the ten risks is proved by tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
LINE = re.compile(r"^- \*\*API(\d+) [^*]+\*\*: (.+)$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def defined(path: str) -> set[str]:
    """The tests that pytest finds at the top of a file."""
    file = ROOT / path
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {name for name in names if name.startswith("test_")}


def test_each_of_the_ten_risks_has_its_line():
    assert [int(number) for number, _ in LINE.findall(PAGE)] == list(range(1, 11))


@pytest.mark.parametrize(("number", "words"), LINE.findall(PAGE))
def test_every_test_that_the_page_names_exists(number: str, words: str):
    named = NAMED.findall(words)
    assert named, f"API{number} names no test"
    assert [one for one in named if one[1] not in defined(one[0])] == []


def test_nothing_else_that_looks_like_a_test_is_named():
    assert PAGE.count("::") == len(NAMED.findall(PAGE))
