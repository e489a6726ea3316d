"""How long records of contacts stay: what the rule pack asks for, or our default."""

from datetime import timedelta

from gate import packs

POSITIONS = timedelta(days=30)
MESSAGES = timedelta(days=30)  # their bodies and recipients; the ledger stays longer
CHECKS = timedelta(days=366)
BROKEN_IMPORTS = timedelta(days=1)
CODES = timedelta(days=30)  # after they are used or too old: invitations, resets
DELIVERIES = timedelta(days=30)  # of webhooks, after their arrival
FORMER_PINS = timedelta(days=90)  # as long as a phone may repeat what it said
DEFAULT = timedelta(days=3 * 366)  # where no pack says anything


def records(country: str) -> timedelta:
    """The longest time that any rule of the country asks records to be kept."""
    pack = packs.shipped().get(country)
    kept = [rule.keep for rule in pack.rules if rule.keep] if pack else []
    return max(kept, default=DEFAULT)
