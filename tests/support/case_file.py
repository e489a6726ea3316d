"""A case file of good lines, with what a test wants otherwise."""

GOOD = {
    "case_id": "C-1",
    "creditor_code": "WLB",
    "creditor_name": "West Lake Bank",
    "debt_ref": "L-1",
    "debtor_ref": "D-1",
    "borrower_name": "王某",
    "borrower_phone": "+8613900000001",
    "language": "zh",
    "days_past_due": "60",
    "amount_minor": "1234500",
    "currency": "CNY",
    "place_id": "home",
    "place_kind": "home",
    "place_public": "no",
    "address": "杭州市虚构路1号",
    "lon": "120.1551",
    "lat": "30.2741",
    "datum": "wgs84",
    "country": "CN",
    "region": "CN-ZJ",
    "wish_only": "",
    "wish_avoid": "mon-fri 18:00-20:00",
}


def a_file(*lines):
    """A case file; each line is the good one with these cells instead."""
    header = {**GOOD, **lines[0]}
    rows = [",".join({**GOOD, **cells}.values()) for cells in lines]
    return "\n".join([",".join(header), *rows, ""]).encode()
