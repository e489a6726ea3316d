"""One module for each noun of the API; each has a ``room``."""

from server.routes import (
    accounts,
    alerts,
    auth,
    badges,
    cases,
    gate,
    mobile,
    organisation,
    payments,
    policies,
    records,
    second_factor,
    users,
    verifications,
    visits,
)

ROOMS = (
    auth.room,
    accounts.room,
    second_factor.room,
    users.room,
    organisation.room,
    policies.room,
    cases.room,
    cases.imports_room,
    cases.creditors_room,
    payments.room,
    badges.room,
    gate.room,
    visits.room,
    mobile.room,
    alerts.room,
    verifications.room,
    records.room,
)
