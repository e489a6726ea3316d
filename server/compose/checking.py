"""The borrower's check: one answer, its words, and what it sets off in the house."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import staff
from contact import outbox, wording
from core import ids
from core.words import Channel, CheckAnswer, ContactKind, Lane, MessageKind
from credentials import checks, photos
from credentials.checks import Checked
from credentials.photo_files import Folder
from gate import ledger
from models import Case, Visit
from models.badges import Kept
from safety import informing, on_call

WORDS: dict[CheckAnswer, tuple[str, str]] = {
    CheckAnswer.EXPECTED_NOW: (
        "This visitor is genuine and expected now. Compare the name, the badge number "
        "and the doorstep word before you open.",
        "访客属实，现为约定时间。开门前，请核对姓名、工作证号和门前暗语。",
    ),
    CheckAnswer.NOT_NOW: (
        "This visit is genuine, but it is not expected now. Do not open to anyone now.",
        "此次走访属实，但现在不是约定时间。现在请不要开门。",
    ),
    CheckAnswer.NOT_VALID: (
        "This check did not pass. Do not open. Our office has been alerted.",
        "核验未通过。请不要开门。我们已通知工作人员处理。",
    ),
    CheckAnswer.UNKNOWN: (
        "We do not know this code. Check that you typed it correctly; if in doubt, do "
        "not open.",
        "查无此核验码。请检查是否输入有误；如有疑问，请不要开门。",
    ),
    CheckAnswer.TOO_MANY_TRIES: (
        "Too many unknown codes have been entered. Do not open; try again in ten "
        "minutes.",
        "错误核验码输入次数过多，请十分钟后再试。在此之前请不要开门。",
    ),
}


def check(session: Session, *, code: str, source: str, now: datetime) -> Checked:
    """Answer one check; a failed one is told to dispatchers and safety officers.

    The answer to a code that we know stands in the ledger: as an answer, at any hour.
    """
    checked = checks.check(session, text=code, source=source, now=now)
    if checked.visit_id is not None:
        _into_ledger(session, checked.visit_id, now)
    if checked.incident and checked.organisation_id is not None:
        _tell(session, checked, now)
    return checked


def _into_ledger(session: Session, visit_id: UUID, now: datetime) -> None:
    visit = session.get_one(Visit, visit_id)
    ledger.record(
        session,
        case=session.get_one(Case, visit.case_id),
        channel=Channel.WEB,
        kind=ContactKind.ANSWER,
        at=now,
        decision={},  # nobody asks the gate: the borrower did
        source="check",
        visit_id=visit.id,
    )


def _tell(session: Session, checked: Checked, now: datetime) -> None:
    assert checked.organisation_id is not None
    assert checked.visit_id is not None
    people = on_call.of(session, checked.organisation_id, None, now=now)
    people += staff.dispatchers(session, checked.organisation_id)
    body = wording.check_failed(
        reference=ids.short(checked.visit_id),
        language=informing.language(session, checked.organisation_id),
    )
    minute = int(now.timestamp()) // 60
    outbox.enqueue_for_all(
        session,
        people,
        organisation_id=checked.organisation_id,
        kind=MessageKind.CHECK_FAILED,
        lane=Lane.ALERT,
        once=f"check_failed:{checked.visit_id}:{minute}",
        body=body,
        visit_id=checked.visit_id,
        now=now,
    )


def describe(checked: Checked, folder: Folder | None) -> dict[str, Any]:
    """The same shape for every answer; names only where a visit is genuine.

    For after the commit: photos may have to be read from ``folder``.
    """
    words_en, words_zh = WORDS[checked.answer]
    facts = checked.facts
    return {
        "answer": checked.answer,
        "words_en": words_en,
        "words_zh": words_zh,
        "public_names": list(facts.public_names) if facts else [],
        "employer": facts.employer if facts else None,
        "badge_numbers": list(facts.badge_numbers) if facts else [],
        "photos": _uris(facts.photos, folder) if facts else [],
        "window_start": facts.window.start if facts else None,
        "window_end": facts.window.end if facts else None,
        "doorstep_word_en": facts.doorstep_word_en if facts else None,
        "doorstep_word_zh": facts.doorstep_word_zh if facts else None,
    }


def _uris(kept: Sequence[Kept | None], folder: Folder | None) -> list[str | None]:
    """The photos inside the answer: no address leads to them afterwards."""
    start = "data:image/jpeg;base64,"
    pictures = photos.seen(kept, folder)
    return [start + b64encode(one).decode() if one else None for one in pictures]
