"""Every text of an error that the code can raise, found in the code itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("core", "accounts", "gate", "credentials", "planning", "contact", "safety")
NOT_OF_THE_API = ("commands", "demo", "processes", "pages")
# which argument of these is a text that people read
SAID = {
    **dict.fromkeys(("Unauthenticated", "Forbidden", "Conflict", "Refused"), 0),
    **dict.fromkeys(("Invalid", "NoPicture", "Busy", "Away", "ValidationError"), 0),
    **dict.fromkeys(("Missing", "Needed", "Wrong", "_Refused", "_wrong"), 0),
    **dict.fromkeys(("Unreadable", "NotFound", "unreadable"), 0),
    **dict.fromkeys(("one_field", "later"), 1),
}
KEYWORDS = ("description", "error")
NAMED = ("TITLES", "STATUS", "TOO_MANY", "UNTOLD")
GATHERED = re.compile(r"\b(Invalid|one_field|abort|document)\(")


def all_of_them() -> dict[str, str]:
    """Template to the place where it stands, for every text."""
    found: dict[str, str] = {}
    for path in modules():
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        known = dict(_constants(tree))
        gathers = GATHERED.search(source) is not None
        for node in ast.walk(tree):
            listed = _listed(node) if gathers else ()
            for said in (*_said(node), *listed):
                for text in _texts(said, known):
                    found.setdefault(text, f"{path.relative_to(ROOT)}:{said.lineno}")
    return found


def modules() -> Iterator[Path]:
    """Where texts of the API stand."""
    for room in (*ROOMS, "server"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if not set(path.relative_to(ROOT).parts) & set(NOT_OF_THE_API):
                yield path


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _said(node: ast.AST) -> Iterator[ast.expr]:
    """What is said to people by this piece of code."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = SAID.get(name)
        if place is not None and len(node.args) > place:
            yield node.args[place]
        if name == "Invalid":
            yield from node.args[1:]
        if name in ("abort", "Regexp", "Equal", "OneOf", "document"):
            yield from (one.value for one in node.keywords if one.arg in KEYWORDS)
            yield from node.args[1:3] if name == "document" else ()
        if name == "__init__" and isinstance(node.func, ast.Attribute):
            yield from node.args[:1]
        yield from (one.value for one in node.keywords if one.arg == "noun")
    if isinstance(node, ast.AnnAssign | ast.Assign):
        targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
        named = {one.id for one in targets if isinstance(one, ast.Name)}
        if named & set(NAMED) and node.value is not None:
            yield node.value


def _listed(node: ast.AST) -> Iterator[ast.expr]:
    """What is put aside first, and raised by its name."""
    match node:
        case ast.Return(value=ast.List() as told):
            yield told
        case ast.Call(func=ast.Attribute(attr="append"), args=[said]):
            if isinstance(said, ast.Constant | ast.JoinedStr):
                yield said
        case ast.ListComp(elt=ast.JoinedStr() as said):
            yield said
        case ast.Assign(targets=[ast.Name(id="detail" | "reason" | "what")]):
            if isinstance(node.value, ast.Constant | ast.JoinedStr | ast.IfExp):
                yield node.value


def _texts(node: ast.expr, known: dict[str, ast.expr]) -> Iterator[str]:
    """The templates that an expression can be; a name is looked up in its module."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(_part(one) for one in parts)
        case ast.Name(id=name) if name in known:
            yield from _texts(known[name], {})
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one, known), *_texts(other, known))
        case ast.Dict(values=values):
            for value in values:
                yield from _texts(value, known)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                yield from _texts(item, known)


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    names = [one for one in ast.walk(node.value) if isinstance(one, ast.Name)]
    attributes = [one for one in ast.walk(node.value) if isinstance(one, ast.Attribute)]
    name = attributes[0].attr if attributes else names[0].id
    return f"{{{name.lower()}}}"
