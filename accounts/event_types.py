"""Every event of the house by its type: what it tells, and who may be told.

An event is an audit row; its type is the row's action. A type that is not listed here
is told to nobody but safety officers, so that nothing new is shown by oversight.
"""

from collections.abc import Mapping

from core.words import Audience

STAFF, OFFICERS = Audience.STAFF, Audience.SAFETY_OFFICERS
LONGEST = 60  # as the column of the audit rows

# what only safety officers may see: to all others a duress is the same as none
OF_SILENT_ALERTS: Mapping[str, str] = {
    "silent_alert.acknowledged": "Somebody has taken ownership of a silent alert.",
    "silent_alert.all_clear": "Who was told of a silent alert is told that it is over.",
    "silent_alert.closed": "A person has closed a silent alert with words.",
    "silent_alert.lease_expired": "Ownership of a silent alert ended: it climbs on.",
    "silent_alert.note": "Somebody has added words to a silent alert.",
    "silent_alert.opened": "A duress PIN, or wrong ones, have opened a silent alert.",
    "silent_alert.reached_nobody": "A step of a silent alert found nobody to tell.",
    "silent_alert.repaired": "The sentinel has set a silent alert going again.",
    "silent_alert.repeated_duress": "A duress PIN, or wrong ones, were given again.",
    "silent_alert.step": "A step of a silent alert has been run.",
}
FOR_OFFICERS: Mapping[str, str] = {
    **OF_SILENT_ALERTS,
    "incident.corrected": "A report of an incident has a new version.",
    "incident.reported": "Something happened to one of our own people.",
    "named_hold.lifted": "What a named hold kept may be purged again.",
    "named_hold.placed": "What hangs on a case or an alert is kept from purging.",
    "place.concern": "A collector does not feel safe at a place.",
    "place.correction": "A concern or incident was wrong, and counts otherwise.",
    "place.incident": "An incident raises what is asked of visits to its place.",
    "place.review": "A safety officer has judged what a place asks for.",
}
FOR_STAFF: Mapping[str, str] = {
    "alert.acknowledged": "Somebody has taken ownership of the alert for a while.",
    "alert.all_clear": "Everybody who was told of the alert is told that all is well.",
    "alert.closed": "A person has closed the alert with words.",
    "alert.lease_expired": "Ownership ended without a closing: the alert climbs on.",
    "alert.note": "Somebody has added words to the alert.",
    "alert.opened": "A missed check-out or a call for help has opened an alert.",
    "alert.reached_nobody": "A step of the ladder found nobody to tell.",
    "alert.repaired": "The sentinel has set an alert going again that stood still.",
    "alert.repeated_sos": "SOS was pressed again while its alert is open.",
    "alert.step": "A step of the ladder has been run.",
    "badge.issued": "A collector has got a badge.",
    "badge.photo_removed": "The badge has no photo any more.",
    "badge.photo_set": "The badge has got a photo, or another one.",
    "badge.reinstated": "A suspended badge is valid again.",
    "badge.revoked": "A badge was taken away for good.",
    "badge.suspended": "A badge was taken away for a while.",
    "borrower.erased": "What was held about a borrower was erased.",
    "borrower.exported": "A copy of all that is held about a borrower was made.",
    "case.reopened": "A closed case is owed again.",
    "channel.created": "There is a new channel for messages.",
    "channel.disabled": "A channel was switched off.",
    "channel.enabled": "A channel was switched on.",
    "check.failed": "A borrower's check did not pass.",
    "consent.given": "A borrower's consent was recorded.",
    "consent.withdrawn": "A borrower has taken a consent back.",
    "device.registered": "An app has said what phone it runs on.",
    "device.revoked": "A phone is lost: only its call for help is heard.",
    "hold.ended": "A hold on contacting a borrower has ended.",
    "hold.placed": "A borrower is left alone for a while.",
    "import.broken_off": "An import ended before its file did.",
    "import.taken": "A case file was imported.",
    "invitation.accepted": "An invited person has chosen secrets and is a user now.",
    "invitation.renewed": "An invitation has a fresh code.",
    "invitation.revoked": "An invitation was taken back.",
    "invitation.sent": "Somebody was invited.",
    "listing.ended": "We stand on a creditor's list no longer.",
    "listing.recorded": "We stand on a creditor's published list.",
    "login.closed": "Somebody has logged out, or was logged out.",
    "login.opened": "Somebody has logged in.",
    "login.replayed": "A used refresh token came again: the log-in was ended.",
    "organisation.changed": "Settings of the organisation were changed.",
    "organisation.created": "The organisation was opened.",
    "payment.recorded": "A borrower has paid: the case is lowered or closed.",
    "policy.replaced": "The ladder for one kind of alert was replaced.",
    "purge.run": "What is older than its rule allows was purged.",
    "rota.changed": "A rota has other layers, another name or another zone.",
    "rota.created": "There is a new rota.",
    "rota.deleted": "A rota was deleted with its overrides.",
    "rota.override_dropped": "The layers of a rota answer for a span again.",
    "rota.override_made": "Somebody takes a span of a rota.",
    "second_factor.recovery_code_used": "A code kept for emergencies was used.",
    "second_factor.reset": "A second factor was taken away to be set up anew.",
    "second_factor.set_up": "A user has set up a second factor.",
    "user.created": "There is a new user.",
    "user.off_duty": "A user went off duty.",
    "user.on_duty": "A user came on duty.",
    "user.password_changed": "A user has another password.",
    "user.password_reset": "A user has set another password by a code.",
    "user.pin_changed": "A user has another PIN.",
    "user.pin_reset": "A user has set another PIN by a code.",
    "user.reinstated": "A suspended user may log in again.",
    "user.reset_code_sent": "A user was sent a code to set a secret anew.",
    "user.suspended": "A user was suspended.",
    "user.vehicle_set": "What a collector drives was said anew.",
    "visit.assigned": "A visit has got its visitors.",
    "visit.begun": "The first visitor of a visit has checked in.",
    "visit.cancelled": "A visit was called off.",
    "visit.departed": "A visitor is on his way.",
    "visit.finished": "A visit is over.",
    "visit.proposed": "A visit was planned.",
    "visit.published": "The borrower is told of a visit.",
    "visit.rescheduled": "A visit has another window.",
    "visit_cancelled.enqueued": "The borrower will be told that nobody comes.",
    "visit_cancelled.refused": "The gate refused to tell him so now.",
    "visit_code.cancelled": "A visit's code is void: the visit was called off.",
    "visit_code.ended": "A visit's code is void: the visit is over.",
    "visit_code.issued": "A visit has got its code.",
    "visit_code.reassigned": "A visit's code is void: the visitors are others.",
    "visit_code.replaced": "A visit's code is void: there is a newer one.",
    "visit_code.rescheduled": "A visit's code is void: the window is another one.",
    "visit_notice.enqueued": "The borrower will be told of a visit.",
    "visit_notice.refused": "The gate refused to tell him now.",
    "watch.check_in": "A collector is at a door, and watched.",
    "watch.check_in_after_check_out": "A check-in was received after its check-out.",
    "watch.check_in_behind": "An older check-in was received after a newer one.",
    "watch.check_out": "A collector has left and is safe.",
    "watch.close_by_person": "A person has closed the watch with its alert.",
    "watch.extend": "A collector stays longer.",
    "watch.fall_due": "A check-out was missed.",
    "watch.own_due": "The older watch is answered for: this one has its own due.",
    "watch.rearm_by_person": "A person has closed the alert; the watch goes on.",
    "watch.refused": "Contact is refused at this door: the collector is to leave.",
    "watch.release": "A newer watch has answered for this one.",
    "watch.revive": "The sentinel has set a watch going again.",
    "watch.supersede": "The collector has checked in elsewhere.",
    "watch.withdraw": "A collector is withdrawing from a door.",
    "webhook.changed": "A webhook has another address or other types.",
    "webhook.created": "There is a new webhook.",
    "webhook.deleted": "A webhook was deleted.",
    "webhook.disabled": "A webhook was switched off, by hand or as it does not answer.",
    "webhook.enabled": "A webhook was switched on.",
    "webhook.redelivered": "An event is sent again by hand.",
    "webhook.secret_rotated": "A webhook has a new secret beside the old one.",
    "webhook.tested": "A test event was sent to a webhook by hand.",
}
# these belong to no organisation, so that none is told
OF_THE_INSTALLATION: Mapping[str, str] = {
    "installation.restored": "The database was restored from a backup.",
    "keys.retired": "Old keys were thrown away.",
    "keys.rotated": "Everything was sealed with a new key.",
    "check.purged": "Checks of unknown codes were purged.",
    "check.unknown": "A source has run out of tries at the borrower's check.",
}


def audience(name: str) -> Audience:
    """Who may be told of events of this type."""
    return STAFF if name in FOR_STAFF else OFFICERS


def told_to(reader: Audience) -> Mapping[str, str]:
    """The types, with their words, of which a reader is told; officers: of all."""
    return {**FOR_STAFF, **FOR_OFFICERS} if reader is OFFICERS else FOR_STAFF
