"""Words of debt: what no public name and no notice may say to whoever reads along."""

import re
import unicodedata

# Simplified and traditional; each is found anywhere.
ZH = (
    "债", "債", "欠", "贷", "貸", "逾期", "催收", "催缴", "催繳", "催讨", "催討",
    "催款", "还款", "還款", "还钱", "還錢", "借款", "借钱", "借錢", "借条", "借條",
    "付款", "收款", "收账", "收帳", "款项", "款項", "账单", "帳單", "账款", "帳款",
    "坏账", "壞帳", "呆账", "呆帳", "清收", "追讨", "追討", "追缴", "追繳", "追收",
    "追款", "违约", "違約", "失信", "老赖", "老賴", "征信", "徵信", "信用", "利息",
    "罚息", "罰息", "本金", "滞纳", "滯納", "分期", "抵押", "担保", "擔保",
    "不良资产", "不良資產", "资产处置", "資產處置", "资产保全", "資產保全", "赊",
    "賒", "起诉", "起訴", "诉讼", "訴訟", "律师函", "律師函", "强制执行", "強制執行",
    "法院", "查封", "扣押", "当铺", "當鋪", "典当", "典當",
)  # fmt: skip
# Each stands for every word that starts with it: "loan" for "loans" and "loaned".
EN_STEMS = (
    "debt", "arrear", "overdue", "collect", "loan", "lend", "borrow", "recover",
    "credit", "repay", "repaid", "default", "bailiff", "payment", "payable", "payday",
    "payoff", "unpaid", "delinquen", "instalment", "installment", "mortgage",
    "repossess", "foreclos", "garnish", "liquidat", "insolven", "bankrupt", "invoice",
    "billing", "lawsuit", "litigat", "enforcement", "dunning", "pawn",
)  # fmt: skip
# Each stands for itself: "owe" must not forbid Owen, nor "court" a courteous visit.
EN_WORDS = (
    "owe", "owes", "owed", "owing", "due", "dues", "dun", "iou", "bills", "court",
    "courts", "lent",
)  # fmt: skip

_camel_case = re.compile(r"(?<=[a-z])(?=[A-Z])")
_english = re.compile(
    rf"(?<![a-z])(?:(?:{'|'.join(EN_WORDS)})(?![a-z])|(?:{'|'.join(EN_STEMS)}))"
)


def found_in(text: str) -> str | None:
    """The first word of debt in ``text`` as the lists spell it, or nothing.

    Compatibility forms (full-width letters), case, invisible characters and blanks
    between Chinese characters do not hide a word.
    """
    plain = _visible(unicodedata.normalize("NFKC", text))
    joined = "".join(plain.split())
    if chinese := next((word for word in ZH if word in joined), None):
        return chinese
    english = _english.search(_camel_case.sub(" ", plain).lower())
    return english.group() if english else None


def _visible(text: str) -> str:
    """Without format characters: a zero-width space would split a word unseen."""
    return "".join(mark for mark in text if unicodedata.category(mark) != "Cf")
