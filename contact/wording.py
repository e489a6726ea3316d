"""Every text that we send, in Chinese and English; times are local to the place.

What goes to a borrower says nothing of why somebody comes: whoever holds the phone may
read it. What goes to our own people names no borrower and no address.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from core.instants import Interval, zone
from core.words import AlertKind, Language, Role

Text = Mapping[Language, str]

DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
SPEAK_CHINESE = ("CN",)

VISIT_NOTICE: Text = {
    Language.ZH: "{employer}的{names}将于{when}上门拜访。核验码：{letters}，"
    "电话核验用数字：{digits}。"
    "开门前请先在 {check_url} 核验来访者身份；"
    "核验不通过请不要开门。我们绝不在门口收取现金。",
    Language.EN: "{names} of {employer} will call at your door on {when}. "
    "Your code: {letters}; on the telephone: {digits}. Check it at {check_url} before "
    "you open, and do not open if the check fails. We never ask for cash at the door.",
}
VISIT_CANCELLED: Text = {
    Language.ZH: "{employer}原定于{when}的上门拜访已取消，此前的核验码已失效。"
    "如有人持该核验码上门，请不要开门。",
    Language.EN: "{employer}: the visit on {when} will not take place. The code that "
    "you received is no longer valid: do not open to anyone who brings it.",
}
OWN_OVERDUE: Text = {
    Language.ZH: "【{reference}】您尚未按时签退。请立即在应用中签退或延时；"
    "如需帮助，请按SOS。",
    Language.EN: "[{reference}] You have not checked out in time. Check out or "
    "extend in the app now; if you need help, press SOS.",
}
COLLEAGUE: Mapping[AlertKind, Text] = {
    AlertKind.OVERDUE: {
        Language.ZH: "【{reference}】一位同事未按时签退，可能需要帮助。"
        "请打开应用，接手此警报；计划地点见应用。",
        Language.EN: "[{reference}] A colleague has not checked out and may need help. "
        "Open the app and take the alert on; for the planned stop see the app.",
    },
    AlertKind.SOS: {
        Language.ZH: "【{reference}】SOS：一位同事正在求助！"
        "请立即打开应用，接手此警报；计划地点见应用。",
        Language.EN: "[{reference}] SOS: a colleague asks for help. Open the app and "
        "take the alert on now; for the planned stop see the app.",
    },
}
OFFICER: Mapping[AlertKind, Text] = {
    AlertKind.OVERDUE: {
        Language.ZH: "【{reference}】警报：一名外访人员未按时签退。"
        "请立即打开警报页面并接手。",
        Language.EN: "[{reference}] ALERT: a collector has not checked out. Open the "
        "alerts page and take it on now.",
    },
    AlertKind.SOS: {
        Language.ZH: "【{reference}】SOS警报：一名外访人员正在求助！"
        "请立即打开警报页面并接手。",
        Language.EN: "[{reference}] SOS: a collector asks for help. Open the alerts "
        "page and take it on now.",
    },
}
ALL_CLEAR: Text = {
    Language.ZH: "【{reference}】警报已解除：人员安全。无需再采取行动，谢谢。",
    Language.EN: "[{reference}] All clear: your colleague is safe. Nothing more to do, "
    "thank you.",
}
DEPARTURE: Text = {
    Language.ZH: "{name}已出发外访，并指定您为同伴。请保持电话畅通。",
    Language.EN: "{name} has left for a visit and named you as buddy. "
    "Please keep your phone at hand.",
}
WITHDRAWAL: Text = {
    Language.ZH: "{name}正在撤离走访现场。请立即致电确认其安全。",
    Language.EN: "{name} is withdrawing from a visit. Call now and make sure that "
    "all is well.",
}
DISPATCHER_NOTES: Mapping[str, Text] = {
    "wrong_pins": {
        Language.ZH: "【{reference}】一部外访手机三次输错密码。请查明持有人是否安全。",
        Language.EN: "[{reference}] A collector's phone was given a wrong PIN three "
        "times. Please find out whether its owner is safe.",
    },
    "superseded": {
        Language.ZH: "【{reference}】外访人员未签退上一次走访，已在另一处签到。"
        "请联系确认。",
        Language.EN: "[{reference}] The collector checked in elsewhere without "
        "checking out of this visit. Please call.",
    },
    "contact_refused": {
        Language.ZH: "【{reference}】此次走访现在不获准许，外访人员已被要求离开。"
        "请联系确认。",
        Language.EN: "[{reference}] This visit is not allowed now; the collector was "
        "told to leave. Please call.",
    },
    "notice_refused": {
        Language.ZH: "走访{reference}的通知未能发出：当前规则不允许。借款人尚未获知"
        "此次走访，请重新安排。",
        Language.EN: "[{reference}] The notice of this visit was not sent: the rules "
        "forbid it. The borrower does not know of the visit; please plan it anew.",
    },
}
CHECK_FAILED: Text = {
    Language.ZH: "【{reference}】有人用已失效的核验码核验来访者身份。"
    "请查明此次走访的情况。",
    Language.EN: "[{reference}] Somebody checked a visitor by a code that is not valid "
    "any more. Please look into this visit.",
}
SENTINEL_WARNING: Text = {
    Language.ZH: "安全监控出现异常，警报可能延迟。请立即打开警报页面并联系运维人员。",
    Language.EN: "The safety watch is not working properly and alerts may be late. "
    "Open the alerts page and call your operator now.",
}


def staff_language(country: str) -> Language:
    """The language for an organisation's own people; ISO 3166-1 alpha-2."""
    return Language.ZH if country in SPEAK_CHINESE else Language.EN


def when(window: Interval, *, time_zone: str, language: Language) -> str:
    """The window in the place's wall time, with its date and weekday."""
    tz = zone(time_zone)
    start, end = window.start.astimezone(tz), window.end.astimezone(tz)
    last = f"{end:%H:%M}"
    if end.date() != start.date():
        last = f"{_day(end.date(), language)} {last}"
    first = f"{_day(start.date(), language)} {start:%H:%M}"
    if language is Language.ZH:
        return f"{first}至{last}（当地时间）"
    return f"{first} to {last} local time"


def visit_notice(
    *,
    public_names: Sequence[str],
    employer: str,
    window: Interval,
    time_zone: str,
    letters: str,
    digits: str,
    check_url: str,
    language: Language,
) -> str:
    """To the borrower. ``check_url`` is the bare address: the code is never in it."""
    return VISIT_NOTICE[language].format(
        names=_listed(public_names, language),
        employer=employer,
        when=when(window, time_zone=time_zone, language=language),
        letters=letters,
        digits=digits,
        check_url=check_url,
    )


def visit_cancelled(
    *, employer: str, window: Interval, time_zone: str, language: Language
) -> str:
    """To a borrower to whom the visit was announced."""
    moment = when(window, time_zone=time_zone, language=language)
    return VISIT_CANCELLED[language].format(employer=employer, when=moment)


def alert_step(
    *,
    kind: AlertKind,
    role: Role,
    is_subject: bool,
    reference: str,
    language: Language,
) -> str:
    """One clear thing to do: for the collector himself, an officer, or a colleague."""
    if is_subject:
        text = OWN_OVERDUE
    elif role is Role.SAFETY_OFFICER:
        text = OFFICER[kind]
    else:
        text = COLLEAGUE[kind]
    return text[language].format(reference=reference)


def all_clear(*, reference: str, language: Language) -> str:
    """To everyone who was called for help."""
    return ALL_CLEAR[language].format(reference=reference)


def departure(*, name: str, language: Language) -> str:
    """To the buddy; ``name`` is the collector's."""
    return DEPARTURE[language].format(name=name)


def withdrawal(*, name: str, language: Language) -> str:
    """To buddy and dispatchers; ``name`` is the collector's."""
    return WITHDRAWAL[language].format(name=name)


def dispatcher_note(*, what: str, reference: str, language: Language) -> str:
    """``what`` is a key of ``DISPATCHER_NOTES``; ``reference`` names the visit."""
    return DISPATCHER_NOTES[what][language].format(reference=reference)


def check_failed(*, reference: str, language: Language) -> str:
    """To dispatchers and safety officers; ``reference`` names the visit."""
    return CHECK_FAILED[language].format(reference=reference)


def sentinel_warning(*, language: Language) -> str:
    """To safety officers: do not rely on the alarm now."""
    return SENTINEL_WARNING[language]


def _day(day: date, language: Language) -> str:
    if language is Language.ZH:
        return f"{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"
    return f"{DAYS_EN[day.weekday()]} {day.day} {MONTHS_EN[day.month - 1]}"


def _listed(names: Sequence[str], language: Language) -> str:
    """``甲、乙`` or ``A and B``."""
    return "、".join(names) if language is Language.ZH else " and ".join(names)
