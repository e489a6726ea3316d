"""The committed OpenAPI document is the one that the code describes."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api_spec import build
from models.sealed import ring
from server.endpoint import CONTRACTS

COMMITTED = build.TARGET.read_text(encoding="utf-8")
SPEC: dict[str, Any] = json.loads(COMMITTED)


@pytest.fixture
def keys() -> Iterator[None]:
    """Building the document takes keys of its own: the run's come back."""
    before = ring.keyring
    yield
    ring.use(before)


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each operation, named as a reader would."""
    for path, methods in SPEC["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The node itself, or what its reference points at."""
    found: Any = SPEC if "$ref" in node else node
    for step in node.get("$ref", "#").split("/")[1:]:
        found = found[step]
    return found  # type: ignore[no-any-return]


@pytest.mark.usefixtures("keys")
def test_the_committed_document_is_what_the_code_says():
    assert build.document() == COMMITTED


@pytest.mark.usefixtures("keys")
def test_the_document_does_not_depend_on_the_installation_that_builds_it():
    assert build.document() == build.document()


def test_the_document_is_openapi_3_1():
    assert SPEC["openapi"].startswith("3.1.")


def test_every_contract_stands_in_the_document_under_a_name_of_its_own():
    names = [operation["operationId"] for _, operation in operations()]
    assert len(names) == len(set(names)) == len(CONTRACTS)


def test_every_reference_points_at_something():
    references = re.findall(r'"\$ref": "([^"]+)"', COMMITTED)
    assert references
    assert all(resolved({"$ref": one}) for one in set(references))


def test_every_error_is_a_problem_document():
    wrong, seen = [], 0
    for name, operation in operations():
        for status, answer in operation["responses"].items():
            if not status.startswith(("2", "304")):
                seen += 1
                content = resolved(answer).get("content", ())
                if set(content) != {"application/problem+json"}:
                    wrong.append((name, status, answer))
    assert wrong == []
    assert seen > len(CONTRACTS)


def test_every_guarded_operation_names_the_token_and_no_public_one_does():
    guarded = {name for name, operation in operations() if "security" in operation}
    public = {name for name, _ in operations()} - guarded
    by_code = ("invitation", "password-reset", "password", "pin")
    assert public == {
        "POST /v1/auth/login",
        "POST /v1/channels/{channel_id}/reports",
        "POST /v1/channels/{channel_id}/replies",
        "POST /v1/channels/{channel_id}/digits",
        "POST /v1/verifications",
        *(f"POST /v1/account/{what}" for what in by_code),
    }
    assert "bearer" in SPEC["components"]["securitySchemes"]


def test_every_operation_says_in_a_sentence_what_it_does():
    silent = [name for name, operation in operations() if not operation.get("summary")]
    assert silent == []


def test_every_operation_that_reads_a_body_describes_it():
    reading = {
        name
        for name, operation in operations()
        if "413" in operation["responses"] or "415" in operation["responses"]
    }
    described = {name for name, operation in operations() if "requestBody" in operation}
    assert described == reading
    assert "POST /v1/imports" in reading
