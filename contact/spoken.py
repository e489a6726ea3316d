"""What is added to a call for help for whoever answers it without the app."""

from collections.abc import Mapping

from core.provider_words import ReplyResult
from core.words import Language

Text = Mapping[Language, str]

REPLY: Text = {
    Language.ZH: "回复{code}即由您接手。",
    Language.EN: " Reply {code} to take it over.",
}
PRESS: Text = {
    Language.ZH: "请按{digit}接手此警报。",
    Language.EN: " Press {digit} to take it over.",
}
TAKEN: Text = {
    Language.ZH: "您已接手此警报。请打开App查看地点。",
    Language.EN: "You have taken the alert. Open the app: it shows where.",
}
NOT_TAKEN: Text = {
    Language.ZH: "未能接手此警报。请打开App处理。",
    Language.EN: "The alert was not taken. Please open the app.",
}
YES = (ReplyResult.ACKNOWLEDGED, ReplyResult.SPENT)


def reply(code: str, *, language: Language) -> str:
    """The end of an SMS: what to send back."""
    return REPLY[language].format(code=code)


def press(digit: str, *, language: Language) -> str:
    """The end of a call's words: which digit to press."""
    return PRESS[language].format(digit=digit)


def heard(result: ReplyResult, *, language: Language) -> str:
    """What a caller is told of the digit that he pressed."""
    return (TAKEN if result in YES else NOT_TAKEN)[language]
