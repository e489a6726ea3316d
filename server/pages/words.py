"""The words of the pages and of what goes wrong on them, in each language."""

from core.words import AlertEntryKind, AlertKind, CheckAnswer, EventKind, Language

VERIFY: dict[Language, dict[str, str]] = {
    Language.ZH: {
        "title": "核验访客",
        "lead": "开门前，请输入通知中的核验码。",
        "label": "核验码",
        "hint": "十位字母和数字，或十六位数字；不区分大小写，空格可省略。",
        "button": "核验",
        "again": "再核验一次",
        "name": "姓名",
        "photo": "照片：",
        "photo_hint": "开门前，请透过猫眼或窗户核对来人与照片是否相符；"
        "不符时请不要开门。",
        "employer": "所属单位",
        "badge": "工作证号",
        "window": "约定时间",
        "local": "当地时间",
        "word": "门前暗语",
        "word_hint": "请访客隔着门说出这个词，再决定是否开门。",
        "never": "我们的工作人员上门从不收取现金，也不会向您索要密码。",
        "source": "请只使用您本人收到的通知中的核验码，不要使用访客提供的核验码。",
        "cannot_say": "✕ 暂时无法核验",
        "cannot_say_hint": "请不要开门。请稍后再试，或拨打您合同或银行卡上的电话号码；"
        "如感到不安全，请拨打110。",
        "other": "English",
        "other_lang": "en",
    },
    Language.EN: {
        "title": "Check your visitor",
        "lead": "Before you open the door, type the code from your notice.",
        "label": "Code",
        "hint": "Ten letters and digits, or sixteen digits. Capitals and spaces do "
        "not matter.",
        "button": "Check",
        "again": "Check another code",
        "name": "Name",
        "photo": "Photo of ",
        "photo_hint": "Compare the face with the photo through the closed door, by "
        "spyhole or window. If it is someone else, do not open.",
        "employer": "From",
        "badge": "Badge number",
        "window": "Planned for",
        "local": "local time",
        "word": "Doorstep word",
        "word_hint": "Ask the visitor to say this word through the closed door, "
        "then decide whether to open.",
        "never": "Our visitors never take cash and never ask for a password.",
        "source": "Use only the code from a notice that you received yourself, "
        "never one that the visitor gives you.",
        "cannot_say": "✕ We cannot check just now",
        "cannot_say_hint": "Do not open. Try again in a minute, or call the number on "
        "your contract or card; if you feel unsafe, call the police.",
        "other": "中文",
        "other_lang": "zh",
    },
}

ANSWERS: dict[Language, dict[CheckAnswer, str]] = {
    Language.ZH: {
        CheckAnswer.EXPECTED_NOW: "✓ 访客属实，现为约定时间",
        CheckAnswer.NOT_NOW: "! 走访属实，但现在不是约定时间",
        CheckAnswer.NOT_VALID: "✕ 核验未通过",
        CheckAnswer.UNKNOWN: "✕ 查无此核验码",
        CheckAnswer.TOO_MANY_TRIES: "✕ 错误输入次数过多",
    },
    Language.EN: {
        CheckAnswer.EXPECTED_NOW: "✓ Genuine, and expected now",
        CheckAnswer.NOT_NOW: "! Genuine, but not expected now",
        CheckAnswer.NOT_VALID: "✕ Check not passed",
        CheckAnswer.UNKNOWN: "✕ Unknown code",
        CheckAnswer.TOO_MANY_TRIES: "✕ Too many wrong codes",
    },
}

DESK: dict[Language, dict[str, str]] = {
    Language.ZH: {
        "title": "安全值班台",
        "log_in": "登录",
        "log_out": "退出",
        "organisation": "机构",
        "login": "账号",
        "password": "密码",
        "only": "本页供本机构的安全员和管理员使用。首次登录时，"
        "将引导您绑定手机上的验证器。",
        "forgotten": "忘记密码",
        "code": "动态验证码",
        "code_hint": "验证器App显示的六位数字，或一个备用码；尚未绑定时请留空。",
        "second_factor": "绑定验证器",
        "enrol_lead": "请用手机上的验证器App扫描二维码，再输入它显示的六位数字。"
        "完成后即可查看警报。",
        "qr": "二维码",
        "secret": "无法扫描时，请手动输入密钥：",
        "first_code": "验证器显示的验证码",
        "confirm": "完成绑定",
        "codes_lead": "绑定完成。请妥善保存以下备用码：手机不在身边时，"
        "每个可代替验证码使用一次。此页不会再次显示。",
        "codes_kept": "已保存，查看警报",
        "away": "暂时无法读取警报，页面每十秒自动重试。请直接致电外访人员确认安全，"
        "并联系运维人员。",
        "open": "未结束的警报",
        "none": "目前没有未结束的警报。",
        "fresh": "本页每十秒自动刷新。最后更新：",
        "collector": "外访人员",
        "opened": "触发时间",
        "place": "走访地点",
        "last_position": "最后位置",
        "revoked": "来自已停用（挂失）的设备",
        "set_aside": "已停用设备发来，未采纳",
        "partner": "同伴",
        "buddy": "安全联系人",
        "owner": "接手人",
        "until": "接手至",
        "nobody": "暂无人接手",
        "next": "下一步时间",
        "details": "查看与处理",
        "handover": "报警时要说的信息",
        "back": "返回警报列表",
        "reload": "刷新本页",
        "still": "本页不会自动刷新，以免丢失您输入的文字。",
        "timeline": "处理经过",
        "told": "已通知 {} 人",
        "acknowledge": "由我接手",
        "note": "备注",
        "note_button": "添加备注",
        "why": "请说明结束理由（结束后，所有已收到警报的人都会收到平安通知）",
        "close": "结束警报",
        "closed": "已结束",
        "by": "结束人",
        "zone": "时区",
        "other": "English",
        "other_lang": "en",
    },
    Language.EN: {
        "title": "Safety desk",
        "log_in": "Log in",
        "log_out": "Log out",
        "organisation": "Organisation",
        "login": "Login",
        "password": "Password",
        "only": "This page is for our staff: safety officers and admins. Your "
        "first log-in sets up the authenticator on your phone.",
        "forgotten": "Password forgotten",
        "code": "Code",
        "code_hint": "The six digits in your authenticator app, or a recovery code. "
        "Leave it empty if you have not set one up.",
        "second_factor": "Set up your authenticator",
        "enrol_lead": "Scan this with an authenticator app on your phone and type the "
        "six digits that it shows. Then you see the alerts.",
        "qr": "QR code",
        "secret": "If you cannot scan it, type this key:",
        "first_code": "Code that the app shows",
        "confirm": "Confirm",
        "codes_lead": "Done. Keep these recovery codes in a safe place: each stands in "
        "for the app once. They are not shown again.",
        "codes_kept": "I have kept them: to the alerts",
        "away": "The alerts cannot be read just now; this page tries again every ten "
        "seconds. Call your collectors directly, and call your operator.",
        "open": "Open alerts",
        "none": "No alert is open.",
        "fresh": "Refreshes every ten seconds. Last updated",
        "collector": "Collector",
        "opened": "Opened",
        "place": "Planned place",
        "last_position": "Last position",
        "revoked": "from a revoked device",
        "set_aside": "From a revoked device, changed nothing",
        "partner": "Partner",
        "buddy": "Buddy",
        "owner": "Owner",
        "until": "until",
        "nobody": "nobody yet",
        "next": "Next step at",
        "handover": "Facts for the police call",
        "details": "Open",
        "back": "Back to all alerts",
        "reload": "Refresh this page",
        "still": "This page does not refresh by itself, so that what you type is not "
        "lost.",
        "timeline": "What happened",
        "told": "{} told",
        "acknowledge": "Acknowledge",
        "note": "Note",
        "note_button": "Add note",
        "why": "Why is it safe to close? (Everyone who was told gets the all-clear.)",
        "close": "Close the alert",
        "closed": "Closed",
        "by": "Closed by",
        "zone": "Time zone",
        "other": "中文",
        "other_lang": "zh",
    },
}

KINDS: dict[Language, dict[AlertKind, str]] = {
    Language.ZH: {
        AlertKind.SOS: "SOS 求救",
        AlertKind.OVERDUE: "超时未签退",
        AlertKind.DURESS: "静默警报：胁迫PIN码（切勿致电本人）",
        AlertKind.WRONG_PINS: "静默警报：多次输错PIN码（切勿致电本人）",
    },
    Language.EN: {
        AlertKind.SOS: "SOS",
        AlertKind.OVERDUE: "Missed check-out",
        AlertKind.DURESS: "Silent: duress PIN (do not call the collector)",
        AlertKind.WRONG_PINS: "Silent: wrong PINs (do not call the collector)",
    },
}

ENTRIES: dict[Language, dict[AlertEntryKind, str]] = {
    Language.ZH: {
        AlertEntryKind.OPENED: "警报触发",
        AlertEntryKind.STEP: "按预案逐级通知",
        AlertEntryKind.REACHED_NOBODY: "此步未能通知到任何人",
        AlertEntryKind.REPEATED_SOS: "再次求救",
        AlertEntryKind.REPEATED_DURESS: "再次输入",
        AlertEntryKind.ACKNOWLEDGED: "已接手",
        AlertEntryKind.LEASE_EXPIRED: "接手时限已到",
        AlertEntryKind.NOTE: "备注",
        AlertEntryKind.REPAIRED: "由监控程序恢复",
        AlertEntryKind.CLOSED: "警报结束",
        AlertEntryKind.ALL_CLEAR: "已发送平安通知",
    },
    Language.EN: {
        AlertEntryKind.OPENED: "Alert opened",
        AlertEntryKind.STEP: "Escalation step",
        AlertEntryKind.REACHED_NOBODY: "This step reached nobody",
        AlertEntryKind.REPEATED_SOS: "SOS again",
        AlertEntryKind.REPEATED_DURESS: "The PIN was given again",
        AlertEntryKind.ACKNOWLEDGED: "Acknowledged",
        AlertEntryKind.LEASE_EXPIRED: "Acknowledgement expired",
        AlertEntryKind.NOTE: "Note",
        AlertEntryKind.REPAIRED: "Restarted by the sentinel",
        AlertEntryKind.CLOSED: "Closed",
        AlertEntryKind.ALL_CLEAR: "All-clear sent",
    },
}

ACTS: dict[Language, dict[EventKind, str]] = {
    Language.ZH: {
        EventKind.DEPART: "出发",
        EventKind.CHECK_IN: "签到",
        EventKind.EXTEND: "延时",
        EventKind.CHECK_OUT: "签退",
        EventKind.WITHDRAW: "撤离",
        EventKind.SOS: "SOS 求救",
    },
    Language.EN: {
        EventKind.DEPART: "departure",
        EventKind.CHECK_IN: "check-in",
        EventKind.EXTEND: "extension",
        EventKind.CHECK_OUT: "check-out",
        EventKind.WITHDRAW: "withdrawal",
        EventKind.SOS: "SOS",
    },
}

# By page and by the code of the error that was raised there; "other" for the rest.
ERRORS: dict[Language, dict[str, dict[str, str]]] = {
    Language.ZH: {
        "login": {
            "unauthenticated": "机构、账号或密码有误。",
            "forbidden": "本页仅供安全员和管理员使用。",
            "form": "页面已过期，请重新登录。",
            "too_many_tries": "尝试次数过多，请在{seconds}秒后重试。",
            "second_factor_needed": "密码正确。请再次输入密码和验证器显示的验证码。",
            "second_factor_wrong": "验证码有误或已使用过，请等待下一个验证码。",
            "other": "登录未成功，请重试。",
        },
        "alert": {
            "invalid": "请说明理由，至少三个字。",
            "conflict": "此警报已经结束。",
            "forbidden": "您不能处理此警报：警报涉及您本人，或您是此次走访的同伴。",
            "other": "操作未成功，请重试。",
        },
        "second_factor": {
            "invalid": "验证码不正确，请输入验证器现在显示的数字。",
            "too_many_tries": "尝试次数过多，请稍后再试。",
            "other": "操作未成功，请重试。",
        },
        "board": {
            "not_found": "没有此警报。",
            "other": "操作未成功，请重试。",
        },
    },
    Language.EN: {
        "login": {
            "unauthenticated": "Organisation, login or password is wrong.",
            "forbidden": "This page is for safety officers and admins.",
            "form": "This form is out of date. Please log in again.",
            "too_many_tries": "Too many tries failed. Try again in {seconds} seconds.",
            "second_factor_needed": "Type your password again, and the code that your "
            "authenticator shows.",
            "second_factor_wrong": "This code is wrong or was used before. Wait for "
            "the next one.",
            "other": "That log-in did not work. Please try again.",
        },
        "alert": {
            "invalid": "Say why it is safe to close, in at least three characters.",
            "conflict": "This alert is already closed.",
            "forbidden": "You cannot act on this alert: it is about you, or you are a "
            "partner on its visit.",
            "other": "That did not work. Please try again.",
        },
        "second_factor": {
            "invalid": "That is not the code that the app shows now. Try again.",
            "too_many_tries": "Too many tries failed. Try again in a while.",
            "other": "That did not work. Please try again.",
        },
        "board": {
            "not_found": "There is no such alert.",
            "other": "That did not work. Please try again.",
        },
    },
}


def explain(language: Language, page: str, code: str) -> str:
    """What went wrong on a page, in words for whoever reads it."""
    words = ERRORS[language][page]
    return words.get(code, words["other"])
