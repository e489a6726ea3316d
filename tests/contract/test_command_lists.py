"""Every list of commands says all of each in one line of a terminal."""

from collections.abc import Iterator

import click
import pytest

from server import cli

WIDTH = 80


def groups(group: click.Group) -> Iterator[click.Group]:
    """The group, and those within it."""
    yield group
    for one in group.commands.values():
        if isinstance(one, click.Group):
            yield from groups(one)


@pytest.mark.parametrize("group", [*groups(cli.vouchsafe)], ids=lambda one: one.name)
def test_a_list_of_commands_says_all_of_each_in_one_line(
    group: click.Group, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    lines = group.get_help(click.Context(group, info_name="it")).splitlines()
    listed = lines[lines.index("Commands:") + 1 :]
    assert [line.split()[0] for line in listed] == sorted(group.commands)
    for line, name in zip(listed, sorted(group.commands), strict=True):
        said = line.strip().removeprefix(name).strip()
        assert said == group.commands[name].short_help
        assert len(line) <= WIDTH
