"""Every event that the code can write is listed, with who may be told of it."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from accounts import event_types
from core.words import AlertEntryKind, Audience
from planning import visit_states
from safety import states

ROOT = Path(__file__).parents[2]
ROOMS = ("accounts", "gate", "credentials", "planning", "contact", "safety", "server")
TYPE = re.compile(r"[a-z_]+\.[a-z_]+")
LISTED = {
    **event_types.FOR_STAFF,
    **event_types.FOR_OFFICERS,
    **event_types.OF_THE_INSTALLATION,
}
HOW = "list it in accounts/event_types.py, with who may be told"


def recording() -> Iterator[tuple[Path, ast.Module]]:
    """Every module that writes audit rows."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if "audit.record(" in text:
                yield path.relative_to(ROOT), ast.parse(text)


def actions(tree: ast.Module) -> Iterator[ast.expr]:
    """What stands behind ``action=`` where an audit row is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
            yield from (one.value for one in node.keywords if one.arg == "action")


def constants(tree: ast.Module) -> set[str]:
    """Every text of a module that reads like a type of event."""
    found = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {one for one in found if isinstance(one, str) and TYPE.fullmatch(one)}


def pattern(action: ast.JoinedStr) -> str:
    """The types that a formatted text can become."""
    pieces = [
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z_]+"
        for part in action.values
    ]
    return "".join(pieces)


def test_every_type_that_the_code_names_is_listed():
    unlisted = [
        (str(path), one, HOW)
        for path, tree in recording()
        for one in constants(tree) - LISTED.keys()
    ]
    assert unlisted == []


def test_every_enumerated_type_is_listed():
    loud = set(AlertEntryKind) - {AlertEntryKind.REPEATED_DURESS}
    silent = set(AlertEntryKind) - {AlertEntryKind.REPEATED_SOS}
    words = {f"alert.{word}" for word in loud}
    words |= {f"silent_alert.{word}" for word in silent}
    words |= {f"visit.{act}" for act in visit_states.Act}
    words |= {f"watch.{act}" for act in states.Act}
    assert words - LISTED.keys() == set()


def test_every_formatted_type_and_every_listed_one_is_found_in_the_code():
    patterns, named = set(), set()
    for _, tree in recording():
        named |= constants(tree)
        for action in actions(tree):
            if isinstance(action, ast.JoinedStr):
                patterns.add(pattern(action))
    fits = {p: [one for one in LISTED if re.fullmatch(p, one)] for p in patterns}
    assert [p for p, found in fits.items() if not found] == []
    formatted = {one for found in fits.values() for one in found}
    others = {one for one in LISTED if one.startswith("visit_code.")}
    assert LISTED.keys() - named - formatted - others == set()


def test_a_type_that_is_not_listed_is_told_to_officers_only():
    assert event_types.audience("duress.opened") is Audience.SAFETY_OFFICERS
    assert event_types.audience("visit.published") is Audience.STAFF


def test_no_type_stands_in_two_lists_and_each_fits_its_column():
    assert len(LISTED) == sum(
        map(
            len,
            (
                event_types.FOR_STAFF,
                event_types.FOR_OFFICERS,
                event_types.OF_THE_INSTALLATION,
            ),
        )
    )
    assert max(map(len, LISTED)) <= event_types.LONGEST


def test_the_page_for_receivers_lists_them_all():
    page = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    told = {**event_types.FOR_STAFF, **event_types.FOR_OFFICERS}
    assert [one for one in told if f"`{one}`" not in page] == []


def test_the_document_lists_them_all_under_its_webhooks():
    text = (ROOT / "api_spec" / "openapi.json").read_text(encoding="utf-8")
    post = json.loads(text)["webhooks"]["event"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    [named] = [one["properties"] for one in schema["allOf"] if "properties" in one]
    told = {**event_types.FOR_STAFF, **event_types.FOR_OFFICERS}
    assert set(named["type"]["enum"]) == {*told, "webhook.test"}
