"""How large the body of a request may be: by its method and path, before it is read."""

import re

from credentials import pictures

LARGEST_BODY = 1_000_000
LARGEST_IMPORT = 200_000_000
IMPORTS = "/v1/imports"
PHOTO = re.compile(r"/v1/badges/[^/]+/photo")


def largest(method: str, path: str) -> int:
    """In bytes."""
    plain = "/" + path.strip("/")  # as waitress and Flask will read it
    if method == "POST" and plain == IMPORTS:
        return LARGEST_IMPORT
    if method == "PUT" and PHOTO.fullmatch(plain):
        return pictures.LARGEST
    return LARGEST_BODY
