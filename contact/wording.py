"""Every text that we send, in Chinese and English; times are local to the place.

What goes to a borrower does not reveal why someone is visiting: whoever holds the phone
may read it. What goes to our own people names no borrower and no address. No text uses
【】, which Chinese gateways reserve for the sender's name.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from core.instants import Interval, zone
from core.words import AlertKind, Language, Role

Text = Mapping[Language, str]

DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
SPEAK_CHINESE = ("CN",)
MINUTE = timedelta(minutes=1)

VISIT_NOTICE: Text = {
    Language.ZH: "{employer}工作人员{names}将于{when}上门走访。核验码：{letters}；"
    "电话核验请用数字码：{digits}。"
    "开门前请先在 {check_url} 核验访客身份，"
    "核验未通过请不要开门。我们绝不在门口收取现金。",
    Language.EN: "{names} of {employer} will call at your door on {when}. "
    "Your code: {letters}, or on the telephone: {digits}. Check it at {check_url} "
    "before you open, and do not open if the check fails. We never ask for cash at "
    "the door.",
}
VISIT_CANCELLED: Text = {
    Language.ZH: "{employer}原定于{when}的上门走访已取消，核验码已失效。"
    "如仍有人以此名义上门，请不要开门。",
    Language.EN: "{employer}: the visit on {when} is cancelled and its code is no "
    "longer valid. If anyone comes for this visit, do not open.",
}
OWN_OVERDUE: Text = {
    Language.ZH: "警报{reference}：您未按时签退。请立即在App中签退或延时；"
    "如需帮助，请按SOS。",
    Language.EN: "Alert {reference}: you have not checked out in time. Check out or "
    "extend in the app now. If you need help, press SOS.",
}
COLLEAGUE: Mapping[AlertKind, Text] = {
    AlertKind.OVERDUE: {
        Language.ZH: "警报{reference}：一位同事未按时签退，可能需要帮助。"
        "请打开App接手此警报；计划走访地点见App。",
        Language.EN: "Alert {reference}: a colleague has not checked out and may need "
        "help. Open the app and acknowledge the alert; it shows the planned stop.",
    },
    AlertKind.SOS: {
        Language.ZH: "SOS警报{reference}：一位同事正在求救！"
        "请立即打开App接手此警报；计划走访地点见App。",
        Language.EN: "SOS alert {reference}: a colleague is asking for help. Open the "
        "app and acknowledge the alert now; it shows the planned stop.",
    },
}
OFFICER: Mapping[AlertKind, Text] = {
    AlertKind.OVERDUE: {
        Language.ZH: "警报{reference}：一名外访人员未按时签退。"
        "请立即打开安全值班台并接手。",
        Language.EN: "Alert {reference}: a collector has not checked out. Open the "
        "safety desk and acknowledge the alert now.",
    },
    AlertKind.SOS: {
        Language.ZH: "SOS警报{reference}：一名外访人员正在求救！"
        "请立即打开安全值班台并接手。",
        Language.EN: "SOS alert {reference}: a collector is asking for help. Open the "
        "safety desk and acknowledge the alert now.",
    },
    AlertKind.DURESS: {
        Language.ZH: "静默警报{reference}：一名外访人员输入了胁迫PIN码，可能受人控制。"
        "切勿致电本人或告知其他同事；请立即打开安全值班台并接手。",
        Language.EN: "SILENT alert {reference}: a collector gave the duress PIN, maybe "
        "under threat. Do NOT call the collector, tell no colleague. Open the "
        "safety desk and acknowledge the alert now.",
    },
    AlertKind.WRONG_PINS: {
        Language.ZH: "静默警报{reference}：一名外访人员的手机一小时内三次输错PIN码。"
        "切勿致电本人；请打开安全值班台并接手，查明其是否安全。",
        Language.EN: "SILENT alert {reference}: three wrong PINs within an hour on a "
        "collector's phone. Do NOT call the collector. Open the safety desk, "
        "acknowledge the alert and find out whether its owner is safe.",
    },
}
REVOKED_DEVICE: Text = {
    Language.ZH: "此求救来自已停用（挂失）的设备，可能是他人所为，"
    "也可能是本人：请先核实。",
    Language.EN: " It came from a device that was reported lost: it may be a stranger, "
    "or the collector. Find out which.",
}
ALL_CLEAR: Text = {
    Language.ZH: "警报{reference}已解除：人员平安，无需再采取行动。谢谢！",
    Language.EN: "Alert {reference}, all clear: your colleague is safe. There is "
    "nothing more to do. Thank you.",
}
ENDED: Mapping[tuple[bool, bool], Text] = {
    (False, False): ALL_CLEAR,
    (False, True): {
        Language.ZH: "警报{reference}已结束，系统继续看护该同事："
        "如仍未按时签退，将再次报警。",
        Language.EN: "Alert {reference} is closed, and your colleague is still "
        "watched: without a check-out a new alert will open.",
    },
    (True, False): {
        Language.ZH: "警报{reference}已结束。谢谢！",
        Language.EN: "Alert {reference} is closed. Thank you.",
    },
    (True, True): {
        Language.ZH: "警报{reference}已结束，系统继续看护您：离开后请在App中签退。",
        Language.EN: "Alert {reference} is closed, and you are still watched: check "
        "out in the app when you have left.",
    },
}
DEPARTURE: Text = {
    Language.ZH: "{name}已出发走访，并指定您为安全联系人。请保持电话畅通。",
    Language.EN: "{name} has left for a visit and named you as their buddy. "
    "Please keep your phone at hand.",
}
WITHDRAWAL: Text = {
    Language.ZH: "{name}正在撤离走访现场。请立即致电，确认其平安。",
    Language.EN: "{name} is withdrawing from a visit. Call now and make sure that "
    "all is well.",
}
DISPATCHER_NOTES: Mapping[str, Text] = {
    "pin_changed": {
        Language.ZH: "走访{reference}：外访人员的PIN码在走访途中被更改。"
        "新PIN码不能结束此次看护。请致电确认其本人是否安全。",
        Language.EN: "Visit {reference}: the collector's PIN was changed during the "
        "visit. The new one does not end this watch. Please find out whether its owner "
        "is safe.",
    },
    "set_aside": {
        Language.ZH: "走访{reference}：已停用（挂失）的设备发来操作，系统未采纳，"
        "看护照常进行。请联系外访人员本人，确认其平安。",
        Language.EN: "Visit {reference}: a device that was reported lost sent an act. "
        "It changed nothing and the watch goes on. Please find out whether the "
        "collector is safe.",
    },
    "superseded": {
        Language.ZH: "走访{reference}：外访人员未签退此次走访，已在另一处签到。"
        "请致电确认。",
        Language.EN: "Visit {reference}: the collector checked in elsewhere without "
        "checking out of this visit. Please call.",
    },
    "contact_refused": {
        Language.ZH: "走访{reference}：当前不允许进行此次走访，已要求外访人员离开。"
        "请致电确认。",
        Language.EN: "Visit {reference} is not allowed now; the collector was told to "
        "leave. Please call.",
    },
    "place_replan": {
        Language.ZH: "走访{reference}：该地点的安全要求已提高，按原计划可能被拒绝。"
        "请重新核对此次安排。",
        Language.EN: "Visit {reference}: its place asks for more care now; as planned "
        "it may be refused. Please look at the visit again.",
    },
    "place_review": {
        Language.ZH: "地点{reference}：有一条安全顾虑或事件待审核。请在系统中审核。",
        Language.EN: "Place {reference}: a concern or an incident waits for a review. "
        "Please review it.",
    },
    "undelivered": {
        Language.ZH: "走访{reference}：给借款人的通知无法送达。"
        "借款人尚不知道此次安排，请重新安排或联系借款人。",
        Language.EN: "Visit {reference}: the message to the borrower could not be "
        "delivered. The borrower does not know: please replan the visit or call.",
    },
    "notice_refused": {
        Language.ZH: "走访{reference}：通知未能发出，规则不允许。"
        "借款人尚不知道此次走访，请重新安排。",
        Language.EN: "Visit {reference}: the notice was not sent, because the rules "
        "forbid it now. The borrower does not know of the visit: please replan it.",
    },
}
CHECK_FAILED: Text = {
    Language.ZH: "走访{reference}：有人核验访客身份，核验未通过"
    "（核验码、工作证或外访人员账号无效）。请立即查明情况。",
    Language.EN: "Visit {reference}: someone checked a visitor and the check did not "
    "pass (the code, a badge or a collector's account is not valid). "
    "Please look into this visit now.",
}
WEBHOOK_DISABLED: Text = {
    Language.ZH: "Webhook {reference}已停用：对方系统已不再接收事件。"
    "请在管理接口中检查并重新启用，未送达的事件会补发。",
    Language.EN: "Webhook {reference} was switched off: the other system does not take "
    "events any more. Check it and switch it on again; what waits will be sent.",
}
SENTINEL_WARNING: Text = {
    Language.ZH: "安全监控出现异常，警报可能延迟。请立即打开安全值班台，"
    "并联系运维人员。",
    Language.EN: "Safety monitoring is not working properly and alerts may be late. "
    "Open the safety desk and call your operator now.",
}

ACCOUNT_CODES: Mapping[str, Text] = {
    "invitation": {
        Language.ZH: "{employer}邀请您开通工作账号。请在 {url} 输入邀请码{code}，"
        "并自行设置密码。邀请码72小时内有效，请勿告诉任何人。",
        Language.EN: "{employer} invites you to open your work account. Type the code "
        "{code} at {url} and choose your own password. It is valid for 72 hours: tell "
        "it to nobody.",
    },
    "password": {
        Language.ZH: "{employer}：您的密码重置码为{code}，请在 {url} 输入，"
        "30分钟内有效。请勿告诉任何人；如非您本人要求，请忽略并告知管理员。",
        Language.EN: "{employer}: the code to set your password anew is {code}. Type "
        "it at {url} within 30 minutes and tell it to nobody. If you did not ask for "
        "it, ignore it and tell your admin.",
    },
    "pin": {
        Language.ZH: "{employer}：您的PIN码重置码为{code}，请在 {url} 输入，"
        "30分钟内有效。请勿告诉任何人；如非您本人要求，请立即告知安全员。",
        Language.EN: "{employer}: the code to set your PIN anew is {code}. Type it at "
        "{url} within 30 minutes and tell it to nobody. If you did not ask for it, "
        "tell your safety officer now.",
    },
}
ACCOUNT_NEWS: Mapping[str, Text] = {
    "second_factor_reset": {
        Language.ZH: "您账号的动态验证码已被重置，下次登录时请重新绑定。"
        "如非您本人要求，请立即联系管理员。",
        Language.EN: "The authenticator of your account was reset: set it up anew at "
        "your next log-in. If you did not ask for this, call your admin now.",
    },
    "password_reset": {
        Language.ZH: "您账号的密码已重置，其他设备均已退出登录。"
        "如非您本人操作，请立即联系管理员。",
        Language.EN: "The password of your account was set anew and all its log-ins "
        "ended. If it was not you, call your admin now.",
    },
    "pin_changed": {
        Language.ZH: "您的PIN码已更改，自下一次签到起生效。"
        "如非您本人操作，请立即联系安全员。",
        Language.EN: "Your PIN was changed and counts from your next check-in on. If "
        "it was not you, call your safety officer now.",
    },
}


def staff_language(country: str) -> Language:
    """The language for an organisation's own people; ISO 3166-1 alpha-2."""
    return Language.ZH if country in SPEAK_CHINESE else Language.EN


def when(window: Interval, *, time_zone: str, language: Language) -> str:
    """The window in the place's wall time, with its date and weekday."""
    tz = zone(time_zone)
    start, end = window.start.astimezone(tz), window.end.astimezone(tz)
    clock = "%H:%M" if window.length >= MINUTE else "%H:%M:%S"
    last = f"{end:{clock}}"
    if end.date() != start.date():
        last = f"{_day(end.date(), language)} {last}"
    first = f"{_day(start.date(), language)} {start:{clock}}"
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
    from_revoked_device: bool = False,
    reference: str,
    language: Language,
) -> str:
    """One clear thing to do: for the collector himself, an officer, or a colleague.

    Officers are told too that an SOS came from a device that was reported lost.
    """
    if is_subject:
        text = OWN_OVERDUE
    elif role in (Role.SAFETY_OFFICER, Role.ADMIN):
        text = OFFICER[kind]
        if from_revoked_device:
            text = {one: text[one] + REVOKED_DEVICE[one] for one in text}
    else:
        text = COLLEAGUE[kind]
    return text[language].format(reference=reference)


def all_clear(
    *, reference: str, is_subject: bool, watched_on: bool, language: Language
) -> str:
    """To everyone who was called: safe, or closed while the watch goes on."""
    text = ENDED[is_subject, watched_on]
    return text[language].format(reference=reference)


def departure(*, name: str, language: Language) -> str:
    """To the buddy; ``name`` is the collector's."""
    return DEPARTURE[language].format(name=name)


def withdrawal(*, name: str, language: Language) -> str:
    """To buddy and dispatchers; ``name`` is the collector's."""
    return WITHDRAWAL[language].format(name=name)


def dispatcher_note(*, what: str, reference: str, language: Language) -> str:
    """``what`` is a key of ``DISPATCHER_NOTES``; ``reference``: the visit, or place."""
    return DISPATCHER_NOTES[what][language].format(reference=reference)


def check_failed(*, reference: str, language: Language) -> str:
    """To dispatchers and safety officers; ``reference`` names the visit."""
    return CHECK_FAILED[language].format(reference=reference)


def webhook_disabled(*, reference: str, language: Language) -> str:
    """To admins, or to safety officers for theirs; ``reference`` names the webhook."""
    return WEBHOOK_DISABLED[language].format(reference=reference)


def sentinel_warning(*, language: Language) -> str:
    """To safety officers: do not rely on the alarm now."""
    return SENTINEL_WARNING[language]


def account_code(
    *, what: str, employer: str, code: str, url: str, language: Language
) -> str:
    """A key of ``ACCOUNT_CODES``; ``url`` is the bare page: no code is ever in it."""
    text = ACCOUNT_CODES[what][language]
    return text.format(employer=employer, code=code, url=url)


def account_news(*, what: str, language: Language) -> str:
    """To one of our own people about his account; a key of ``ACCOUNT_NEWS``."""
    return ACCOUNT_NEWS[what][language]


def _day(day: date, language: Language) -> str:
    if language is Language.ZH:
        return f"{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"
    return f"{DAYS_EN[day.weekday()]} {day.day} {MONTHS_EN[day.month - 1]}"


def _listed(names: Sequence[str], language: Language) -> str:
    """``甲、乙`` or ``A and B``."""
    return "、".join(names) if language is Language.ZH else " and ".join(names)
