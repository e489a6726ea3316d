"""Names and logins as people type them, brought into one form."""

import unicodedata

from core.errors import one_field

LOGIN_LENGTHS = range(3, 81)


def readable(text: str, *, field: str, longest: int) -> str:
    """One line of 1 to ``longest`` visible characters, blanks around it cut off."""
    stripped = text.strip()
    if not (stripped.isprintable() and 1 <= len(stripped) <= longest):
        raise one_field(field, f"must have 1 to {longest} printable characters")
    return stripped


def login(text: str) -> str:
    """A normal login of 3 to 80 characters without blanks; ``Invalid`` otherwise."""
    normal = normal_login(text)
    visible = normal.isprintable() and " " not in normal
    if not visible or len(normal) not in LOGIN_LENGTHS:
        raise one_field("login", "must have 3 to 80 characters and no spaces")
    return normal


def normal_login(text: str) -> str:
    """Lower case, without blanks around, compatibility forms folded; never refuses."""
    return unicodedata.normalize("NFKC", text).strip().lower()
