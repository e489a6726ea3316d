"""Keyed digests by which a creditor's own references are found, however sealed.

An import, an erasure and an agency's file must make the same of the same reference: who
was erased is known again by these alone.
"""

from models.sealed import ring


def debtor(creditor_code: str, reference: str) -> str:
    """What finds a borrower of a creditor, whichever agency visits him."""
    return _digest("debtor_ref", creditor_code, reference)


def debt(creditor_code: str, reference: str) -> str:
    """What finds a debt of a creditor."""
    return _digest("debt_ref", creditor_code, reference)


def payment(creditor_code: str, reference: str) -> str:
    """What finds a payment that a creditor has reported."""
    return _digest("payment_ref", creditor_code, reference)


def _digest(purpose: str, creditor_code: str, reference: str) -> str:
    return ring.keyring.digest(purpose, f"{creditor_code}:{reference}")
