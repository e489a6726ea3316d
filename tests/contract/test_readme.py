"""What the prose names exists: targets, commands, variables, files."""

import re
from pathlib import Path

import click
import pytest
import yaml

from server import cli, settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = "".join(
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("server/settings.py", "server/commands/setup.py")
)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROSE = ("README.md", "CONTRIBUTING.md", ".ci/run")
VARIABLE = re.compile(r"\b(?:VOUCHSAFE_[A-Z_]+|DATABASE_URL)\b")


def commands(group: click.Group, before: str = "") -> set[str]:
    """Every command that can be typed, groups with their commands."""
    found = set()
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{before}{name} ")
        else:
            found.add(f"{before}{name}")
    return found


def typed(text: str) -> set[str]:
    """The `vouchsafe` commands that a text types, groups with their commands."""
    found = re.findall(r"(?:^|`)vouchsafe ([a-z][a-z-]*)(?: ([a-z-]+))?", text, re.M)
    groups = {name.split()[0] for name in commands(cli.vouchsafe) if " " in name}
    return {f"{one} {two}" if one in groups else one for one, two in found}


@pytest.mark.parametrize("name", PROSE)
def test_every_make_target_that_the_prose_names_exists(name: str):
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named
    assert named <= targets


def test_the_readme_shows_the_two_commands_first():
    first = README.split("## ")[1]
    assert first.startswith("Two commands")
    assert "make demo" in first
    assert "make test" in first


def test_every_command_that_the_readme_types_exists():
    named = typed(README)
    assert {"keys generate", "migrate", "create-admin", "web", "worker"} <= named
    assert named <= commands(cli.vouchsafe)


def test_the_readme_and_the_settings_name_the_same_variables():
    assert set(VARIABLE.findall(README)) == set(VARIABLE.findall(SETTINGS))


def test_a_variable_that_nothing_reads_is_told_from_the_others():
    assert set(VARIABLE.findall(README)) - {"DATABASE_URL"} == settings.KNOWN
    environ = dict.fromkeys(("VOUCHSAFE_POTR", "PATH"), "8123")
    assert settings.from_environment(environ).unknown == ("VOUCHSAFE_POTR",)
    fine = {"VOUCHSAFE_PORT": "8123", "VOUCHSAFE_ADMIN_PASSWORD": "x"}
    assert settings.from_environment(fine).unknown == ()


def test_every_file_that_the_readme_links_to_exists():
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []


def test_the_example_for_containers_starts_what_exists_with_variables_that_exist():
    text = (ROOT / "docs" / "operations" / "compose.yml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]
    started = [one["command"] for one in services.values() if "command" in one]
    ours = {words[1] for words in started if words[0] == "vouchsafe"}
    assert ours == {"web", "worker", "sentinel"} <= commands(cli.vouchsafe)
    assert set(VARIABLE.findall(text)) <= set(VARIABLE.findall(SETTINGS))
