"""What a call says: a document of <Say> and <Gather>, as many providers take it.

It is handed over with the call, so that nobody can fetch it. The words name no borrower
and no address.
"""

from html import escape
from urllib.parse import quote, urlsplit
from uuid import UUID

from contact import spoken
from contact.carriers.outgoing import Outgoing
from core.words import Language

VOICES = {Language.ZH: "zh-CN", Language.EN: "en-GB"}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
PATIENCE_S = 10
ANYONE = (
    "vouchsafe"  # the name beside the password; the channel's secret is what counts
)


def callback(public_url: str, channel_id: UUID, secret: str) -> str:
    """Where a pressed digit comes back to, the channel's secret as its password."""
    parts = urlsplit(f"{public_url}/v1/channels/{channel_id}/digits")
    shown = f"{ANYONE}:{quote(secret, safe='')}@{parts.netloc}"
    return parts._replace(netloc=shown).geturl()


def of(outgoing: Outgoing, *, callback: str) -> str:
    """The words twice; where a digit takes the alert, one is waited for."""
    words = outgoing.body
    if outgoing.digit is None:
        return _document(_say(words, outgoing.language) * 2)
    words += spoken.press(outgoing.digit, language=outgoing.language)
    action = escape(f"{callback}?reference={outgoing.reference}")
    gather = (
        f'<Gather numDigits="1" timeout="{PATIENCE_S}" method="POST" '
        f'action="{action}">{_say(words, outgoing.language) * 2}</Gather>'
    )
    return _document(gather)


def farewell(words: str, language: Language) -> str:
    """The last words of a call."""
    return _document(_say(words, language) + "<Hangup/>")


def _document(inside: str) -> str:
    return f"{HEAD}<Response>{inside}</Response>"


def _say(words: str, language: Language) -> str:
    return f'<Say language="{VOICES[language]}">{escape(words)}</Say>'
