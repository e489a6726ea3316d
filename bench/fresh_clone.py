"""``make bench-fresh-clone``: what a stranger waits for, from an empty environment.

The clone has the last commit only, its HOME is empty and its PATH plain.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import ROOT, Figure, keep

PLAIN = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
# where the machine says how its packages are reached; nothing else is passed on
PASSED_ON = ("PIP_CERT", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT")
STEPS = (
    ("make install", ["make", "install"], None),
    ("make demo EXIT=1, installed", ["make", "demo", "EXIT=1"], 90.0),
    ("make test, from there on", ["make", "test"], 600.0),
)


def main() -> None:
    """Every step has to end with status 0; its words go to standard error."""
    with tempfile.TemporaryDirectory(prefix="vouchsafe-clone-") as folder:
        checkout = Path(folder) / "vouchsafe"
        subprocess.run(["git", "clone", "-q", ROOT, checkout], check=True)
        figures = [
            Figure(
                name,
                round(timed(command, checkout), 1),
                "s",
                "fresh clone, empty HOME, plain PATH; packages from a near mirror; "
                f"load average {os.getloadavg()[0]:.1f} at its end",
                "both" if command[1] == "test" else "sqlite",
                goal,
            )
            for name, command, goal in STEPS
        ]
    for line in keep("main-job", figures):
        print(line)


def timed(command: list[str], checkout: Path) -> float:
    """Seconds of one command in the empty environment."""
    python = str(Path(sys.base_prefix) / "bin")
    environment = {
        "HOME": str(checkout.parent),
        "PATH": ":".join((*PLAIN, python)),
        "LANG": "C.UTF-8",
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
    }
    began = time.monotonic()
    subprocess.run(
        command, cwd=checkout, env=environment, stdout=sys.stderr, check=True
    )
    return time.monotonic() - began


if __name__ == "__main__":
    main()
