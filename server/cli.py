"""The console script: the operator's commands, and what went wrong as one line."""

import os
import sys
from typing import NoReturn

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from core.errors import Invalid, VouchsafeError
from server.commands import (
    audit,
    backups,
    borrowers,
    errors,
    imports,
    keys,
    processes,
    purging,
    setup,
)
from server.logs import configure

OTHERS = 0o077  # the permissions of everybody but the owner


@click.group()
@click.version_option(package_name="vouchsafe")
def vouchsafe() -> None:
    """Plan field visits, vouch for the visitors and watch over them."""
    configure()


for command in (
    keys.keys,
    setup.migrate_command,
    setup.create_admin,
    setup.reset_second_factor,
    processes.web_command,
    processes.worker_command,
    processes.sentinel_command,
    processes.run_command,
    imports.import_command,
    audit.audit,
    purging.purge,
    borrowers.borrower,
    backups.backup_command,
    backups.restore_command,
):
    vouchsafe.add_command(command)


def main() -> None:
    """The console script: what went wrong as one line on standard error.

    What it makes is for its own user alone: the home, the database with the files that
    SQLite keeps beside it, logs.
    """
    os.umask(OTHERS)
    try:
        vouchsafe(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        fail("Aborted.", 130)
    except Invalid as error:
        fail(one_line(error), 1)
    except VouchsafeError as error:
        fail(error.detail, 1)
    except CommandError as error:
        fail(f"The database cannot be migrated: {error}", 1)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        fail(f"Database error: {reason}", 1)
    except OSError as error:
        fail(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "), 1)


def one_line(error: Invalid) -> str:
    """The detail, and what it says of single fields where the detail does not."""
    reasons = [
        f"{field}: {' '.join(new)}"
        for field, found in error.fields.items()
        if (new := [reason for reason in found if reason not in error.detail])
    ]
    return " ".join([error.detail, *reasons])


def fail(words: str, status: int) -> NoReturn:
    """One line, and out."""
    errors.print(words, style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
