"""openapi-typescript makes types of the document; a caller compiles against them."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def npm(*command: str) -> subprocess.CompletedProcess[str]:
    """What npm says, in this folder."""
    found = shutil.which("npm")
    if found is None:
        pytest.skip("there is no npm on this machine: run `make node` as root")
    return subprocess.run(
        [found, *command], cwd=HERE, capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(300)
def test_a_typescript_caller_compiles_against_the_generated_types():
    if not (HERE / "node_modules").exists():
        installed = npm("ci", "--no-audit", "--no-fund")
        assert installed.returncode == 0, installed.stderr
    for script in ("generate", "check"):
        done = npm("run", "--silent", script)
        assert done.returncode == 0, done.stdout + done.stderr
    types = (HERE / "generated" / "api.d.ts").read_text(encoding="utf-8")
    assert "export interface paths" in types
    assert '"If-Match": string' in types


def test_the_lock_file_names_no_registry():
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
