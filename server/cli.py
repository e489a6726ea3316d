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
from server.runtime import OTHERS


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

# what a list of commands says of each: one line of 80 columns, where click would cut
for command, words in (
    (keys.keys, "Make and change the keys of this installation."),
    (keys.generate, "Write new keys; an existing file is never written over."),
    (keys.rotate, "Seal all values under a new key, while others work on."),
    (keys.retire, "Take out old keys that no value needs any more."),
    (setup.migrate_command, "Bring the database to this version's schema."),
    (setup.create_admin, "Create an admin, and the organisation if it is new."),
    (setup.reset_second_factor, "Take away a lost authenticator."),
    (processes.web_command, "Serve HTTP: the API and the pages."),
    (processes.worker_command, "Open and escalate alerts, send messages."),
    (processes.sentinel_command, "Watch the workers and the alerts."),
    (processes.run_command, "Web, worker and sentinel; makes what they need."),
    (imports.import_command, "Import cases from a CSV or JSON lines file."),
    (audit.audit, "Check the audit record."),
    (audit.verify, "Check the chain of seals; names the first broken row."),
    (purging.purge, "Purge what is older than its rule allows."),
    (borrowers.borrower, "Export or erase what is held about one borrower."),
    (borrowers.export, "Write all that is held about a borrower to a file."),
    (borrowers.erase, "Erase what is held about a borrower, for good."),
    (backups.backup_command, "Copy an SQLite database in use to a file."),
    (backups.restore_command, "Put a backup in the place of the SQLite database."),
):
    command.short_help = words


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
