"""The phones of the demo: every message that the file channel delivered."""

import json
import re
from pathlib import Path
from typing import Any

LETTERS = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b")


def inbox(folder: Path) -> list[dict[str, Any]]:
    """All messages so far, as the file carrier wrote them: one JSON line each."""
    lines: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.jsonl")):
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]  # a line may just be being written
        lines += [json.loads(line) for line in whole.splitlines()]
    return lines


def notice(folder: Path, phone: str) -> str | None:
    """The newest visit notice that this phone received."""
    bodies = [
        str(message["body"])
        for message in inbox(folder)
        if message["recipient"] == phone and message["kind"] == "visit_notice"
    ]
    return bodies[-1] if bodies else None


def code_in(body: str) -> str:
    """The letters of the visit code in a notice."""
    found = LETTERS.search(body)
    if found is None:
        raise ValueError("the notice carries no code")
    return found.group()
