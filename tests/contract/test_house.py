"""The rules of the house that a program can check: tree, sizes, clock, Flask, words."""

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USERS_OWN = {"server", "models", "safety", "api_spec", "tests"}
SIBLINGS = {"core", "accounts", "gate", "credentials", "planning", "contact"}
OTHERS = {"bench", "docs"}
PRODUCT = sorted((USERS_OWN - {"tests"}) | SIBLINGS)
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "time_ns", "perf_counter"}
FILE_STOP, FUNCTION_STOP, TEST_STOP = 400, 60, 40


def files(*rooms: str) -> list[Path]:
    """All Python files of the rooms, migrations left out."""
    return [
        path
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py"))
        if "versions" not in path.parts
    ]


def functions(path: Path) -> list[ast.FunctionDef]:
    """Every function of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def body_lines(node: ast.FunctionDef) -> int:
    """Lines of a function without signature and docstring."""
    body = node.body
    if ast.get_docstring(node) is not None:
        body = body[1:] or body
    assert node.end_lineno is not None
    return node.end_lineno - body[0].lineno + 1


def test_the_top_level_is_the_one_that_was_decided():
    folders = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and path.name != "var"
    }
    made = (".egg-info", "__pycache__")
    folders = {name for name in folders if not name.endswith(made)}
    assert folders == USERS_OWN | SIBLINGS | OTHERS


@pytest.mark.parametrize("path", files(*PRODUCT, "tests", "bench"), ids=str)
def test_a_file_stays_under_the_hard_stop(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_STOP


def test_functions_stay_small():
    lengths = [body_lines(node) for path in files(*PRODUCT) for node in functions(path)]
    assert max(lengths) <= FUNCTION_STOP
    assert statistics.median(lengths) < 10


def test_tests_stay_small():
    long = [
        f"{path.name}:{node.name}"
        for path in files("tests")
        for node in functions(path)
        if node.name.startswith("test_") and body_lines(node) > TEST_STOP
    ]
    assert long == []


def clock_readings(path: Path) -> list[str]:
    """Calls that read a clock: ``datetime.now()``, ``time.time()`` and the like."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = getattr(owner, "id", getattr(owner, "attr", ""))
            if node.func.attr in CLOCKS and name in {"datetime", "date", "time"}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            if node.func.attr in {"now", "current_timestamp"} and name == "func":
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def test_only_the_server_reads_the_clock():
    rooms = [room for room in PRODUCT if room != "server"]
    assert [one for path in files(*rooms) for one in clock_readings(path)] == []


def test_below_the_server_every_type_has_a_name():
    rooms = [room for room in PRODUCT if room not in {"server", "api_spec"}]
    vague = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files(*rooms)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Name) and node.id == "Any")
        or (isinstance(node, ast.Attribute) and node.attr == "Any")
    ]
    assert vague == []


def test_one_place_says_how_long_others_are_let_write():
    rooms = [room for room in PRODUCT if room != "server"]
    said = [
        path.relative_to(ROOT).as_posix()
        for path in files(*rooms)
        if "BREATH_S =" in path.read_text("utf-8")
    ]
    assert said == ["models/database.py"]


def test_only_the_server_reads_the_environment():
    rooms = [room for room in PRODUCT if room != "server"]
    readers = [
        path for path in files(*rooms) if "os.environ" in path.read_text("utf-8")
    ]
    assert readers == []


def test_every_module_opens_with_a_sentence():
    silent = [
        path.relative_to(ROOT)
        for path in files(*PRODUCT, "tests")
        if path.read_text(encoding="utf-8").strip()
        and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


def test_every_public_function_of_the_product_has_a_docstring():
    silent = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in files(*PRODUCT)
        for node in public_functions(ast.parse(path.read_text(encoding="utf-8")))
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def public_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """Functions and methods of a module whose names do not begin with an underscore."""
    scopes: list[ast.Module | ast.ClassDef] = [tree]
    scopes += [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return [
        node
        for scope in scopes
        for node in scope.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def test_no_module_is_called_utils():
    names = {path.stem for path in files(*PRODUCT, "tests", "bench")}
    assert not names & {"utils", "util", "common", "misc", "helpers"}


def test_lock_files_carry_hashes_and_no_addresses():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pinned = [line for line in text.splitlines() if "==" in line]
        assert len(pinned) > 20
        assert all(line.rstrip().endswith("\\") for line in pinned)
        assert "http://" not in text
        assert "https://" not in text
