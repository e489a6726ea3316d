"""The words of the pages on which people open an account or set a secret anew."""

from core.words import Language

ACCOUNT: dict[Language, dict[str, dict[str, str]]] = {
    Language.ZH: {
        "invitation": {
            "title": "开通账号",
            "lead": "请输入短信中的邀请码，并自行设置密码。外访人员还需设置PIN码。",
            "button": "开通账号",
            "done": "账号已开通。",
        },
        "reset": {
            "title": "忘记密码",
            "lead": "请输入机构和账号，我们将把重置码发送到您登记的手机。",
            "button": "发送重置码",
            "done": "如果该账号存在，重置码已发送到登记的手机；十分钟内不会重复发送。",
        },
        "password": {
            "title": "重置密码",
            "lead": "请输入短信中的重置码和新密码。您在所有设备上的登录都将失效。",
            "button": "保存新密码",
            "done": "新密码已保存。",
        },
        "pin": {
            "title": "重置PIN码",
            "lead": "请输入短信中的重置码和新PIN码。新PIN码自下一次签到起生效。",
            "button": "保存新PIN码",
            "done": "新PIN码已保存，自下一次签到起生效。",
        },
        "fields": {
            "code": "短信中的代码",
            "password": "密码（至少12个字符）",
            "new": "新密码（至少12个字符）",
            "pin": "PIN码（4至8位数字）",
            "pin_optional": "PIN码（4至8位数字，仅外访人员）",
            "duress_pin": "胁迫PIN码（受人胁迫时输入：操作照常完成，"
            "同时静默通知安全值班员）",
            "organisation": "机构",
            "login": "账号",
        },
        "common": {
            "who": "请用以下信息登录：",
            "next": "输入重置码",
            "other": "English",
            "other_lang": "en",
        },
        "errors": {
            "code": "代码有误、已使用或已过期，请申请新的代码。",
            "password": "密码须为12至200个字符。",
            "new": "密码须为12至200个字符。",
            "pin": "PIN码须为4至8位数字，不能全部相同，也不能是连续数字。",
            "duress_pin": "胁迫PIN码须与PIN码等长，至少两位数字不同，且不易猜到；"
            "如您已设有胁迫PIN码，须一并重新设置。",
            "too_many_tries": "尝试次数过多，请在{seconds}秒后重试。",
            "other": "操作未成功，请重试。",
        },
    },
    Language.EN: {
        "invitation": {
            "title": "Open your account",
            "lead": "Type the code from the message and choose your own password. "
            "Collectors choose a PIN, too.",
            "button": "Open the account",
            "done": "Your account is open.",
        },
        "reset": {
            "title": "Password forgotten",
            "lead": "Type your organisation and your login: a code goes to the phone "
            "on record.",
            "button": "Send the code",
            "done": "If this login exists, a code was sent to the phone on record. No "
            "second one is sent within ten minutes.",
        },
        "password": {
            "title": "Set your password anew",
            "lead": "Type the code from the message and a new password. All your "
            "log-ins end, on every device.",
            "button": "Keep the new password",
            "done": "The new password is kept.",
        },
        "pin": {
            "title": "Set your PIN anew",
            "lead": "Type the code from the message and a new PIN. It counts from your "
            "next check-in on.",
            "button": "Keep the new PIN",
            "done": "The new PIN is kept. It counts from your next check-in on.",
        },
        "fields": {
            "code": "Code from the message",
            "password": "Password (at least 12 characters)",
            "new": "New password (at least 12 characters)",
            "pin": "PIN (4 to 8 digits)",
            "pin_optional": "PIN (4 to 8 digits, collectors only)",
            "duress_pin": "Duress PIN, for when you are forced: all looks as ever, and "
            "safety officers are called unseen",
            "organisation": "Organisation",
            "login": "Login",
        },
        "common": {
            "who": "Log in with:",
            "next": "I have a code",
            "other": "中文",
            "other_lang": "zh",
        },
        "errors": {
            "code": "This code is wrong, was used or is too old. Ask for another one.",
            "password": "A password has 12 to 200 characters.",
            "new": "A password has 12 to 200 characters.",
            "pin": "A PIN has 4 to 8 digits, not all the same and not counting up or "
            "down.",
            "duress_pin": "A duress PIN is as long as the PIN, differs from it in two "
            "digits and is not easily guessed. Whoever has one chooses both anew.",
            "too_many_tries": "Too many tries failed. Try again in {seconds} seconds.",
            "other": "That did not work. Please try again.",
        },
    },
}


def explain(language: Language, code: str, **facts: int) -> str:
    """What went wrong, by the field or the code of the error."""
    words = ACCOUNT[language]["errors"]
    return words.get(code, words["other"]).format(**facts)
