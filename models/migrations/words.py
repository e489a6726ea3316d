"""Change a CHECK, or whether a sealed column may be empty, in a table that stays.

PostgreSQL exchanges the constraint. SQLite cannot, and a table made anew would lose its
triggers: there the text is changed in the schema itself, which SQLite names as the way
for CHECK and NOT NULL (sqlite.org/lang_altertable.html, section 7).
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op


def add(table: str, column: str, word: str) -> None:
    """One more word, at the end."""
    _exchange(table, column, lambda words: [*words, word])


def take_away(table: str, column: str, word: str) -> None:
    """One word less; no row may have it."""
    _exchange(table, column, lambda words: [one for one in words if one != word])


def optional(table: str, column: str) -> None:
    """A sealed column that may be empty from now on."""
    _may_be_empty(table, column, True)


def required(table: str, column: str) -> None:
    """A sealed column that may not; no row may have it empty."""
    _may_be_empty(table, column, False)


def add_check(table: str, name: str, says: str) -> None:
    """A CHECK that every row fulfils already."""
    connection, constraint = op.get_bind(), f"ck_{table}_{name}"
    if connection.dialect.name == "sqlite":
        first = f"CONSTRAINT {_first_check(connection, table)} CHECK ("
        new = f"CONSTRAINT {constraint} CHECK ({says}), \n\t{first}"
        _rewrite(connection, table, first, new)
    else:
        op.create_check_constraint(op.f(constraint), table, says)


def drop_check(table: str, name: str, says: str) -> None:
    """Undo ``add_check``."""
    connection, constraint = op.get_bind(), f"ck_{table}_{name}"
    if connection.dialect.name == "sqlite":
        line = f"CONSTRAINT {constraint} CHECK ({says}), \n\t"
        _rewrite(connection, table, line, "")
    else:
        op.drop_constraint(op.f(constraint), table, type_="check")


def _first_check(connection: sa.Connection, table: str) -> str:
    found = sa.inspect(connection).get_check_constraints(table)
    return str(found[0]["name"])


def _may_be_empty(table: str, column: str, empty: bool) -> None:
    connection = op.get_bind()
    loose, strict = f"\t{column} BLOB", f"\t{column} BLOB NOT NULL"
    if connection.dialect.name == "sqlite":
        old, new = (strict, loose) if empty else (loose, strict)
        _rewrite(connection, table, f"{old}, ", f"{new}, ")
    else:
        op.alter_column(table, column, nullable=empty)


def _exchange(
    table: str, column: str, change: Callable[[list[str]], list[str]]
) -> None:
    connection = op.get_bind()
    name = f"ck_{table}_{column}_word"
    found = {
        one["name"]: str(one["sqltext"])
        for one in sa.inspect(connection).get_check_constraints(table)
    }
    old = re.findall(r"'(\w+)'", found[name])
    words = ", ".join(f"'{word}'" for word in change(old))
    if connection.dialect.name == "sqlite":
        _rewrite(connection, table, found[name], f"{column} IN ({words})")
    else:
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"{column} IN ({words})")


def _rewrite(connection: sa.Connection, table: str, old: str, new: str) -> None:
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) "
        "WHERE type = 'table' AND name = ? AND instr(sql, ?) > 0",
        (old, new, table, old),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
    if changed.rowcount != 1:
        raise RuntimeError(f"the words of {table} were not found")
