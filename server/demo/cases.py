"""The demo's case file: real door points and real overdue accounts, invented people."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from core.geo import Position

DATA = Path(__file__).parent / "data"
FAMILY_NAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
DAYS_A_MONTH = 30


@dataclass(frozen=True)
class Door:
    """An address point and where a real phone was when its owner stood at that door."""

    place: Position
    phone: Position


def doors() -> list[Door]:
    """All doors of the demo, in a fixed order."""
    with (DATA / "doors.csv").open(newline="") as file:
        return [
            Door(
                Position(float(row["lon"]), float(row["lat"])),
                Position(float(row["phone_lon"]), float(row["phone_lat"])),
            )
            for row in csv.DictReader(file)
        ]


def case_file() -> bytes:
    """CSV as ``docs/import.md`` describes it; its last row has no zone (open sea)."""
    with (DATA / "accounts.csv").open(newline="") as file:
        accounts = list(csv.DictReader(file))
    rows = [
        _row(number, account, door.place)
        for number, (account, door) in enumerate(zip(accounts, doors(), strict=True))
    ]
    rows.append({**rows[0], "case_id": "HZ-SEA", "debt_ref": "L-SEA",
                 "debtor_ref": "D-SEA", "place_id": "sea", "lon": "125.0",
                 "lat": "28.0"})  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _name(number: int) -> str:
    return f"{FAMILY_NAMES[number % len(FAMILY_NAMES)]}某{number}（虚构）"


def _row(number: int, account: dict[str, str], place: Position) -> dict[str, str]:
    return {
        "case_id": f"HZ-{number:04d}",
        "creditor_code": "WLB",
        "creditor_name": "West Lake Bank（虚构）",
        "debt_ref": f"L-{account['account']}",
        "debtor_ref": f"D-{account['account']}",
        "borrower_name": _name(number),
        "borrower_phone": f"+861390000{number:04d}",
        "language": "en" if number % 8 == 7 else "zh",
        "days_past_due": str(int(account["months_behind"]) * DAYS_A_MONTH),
        "amount_minor": str(int(account["bill"]) * 100),
        "currency": "CNY",
        "place_id": "home",
        "place_kind": "home",
        "place_public": "no",
        "address": f"杭州市虚构路{number + 1}号",
        "lon": f"{place.lon}",
        "lat": f"{place.lat}",
        "datum": "wgs84",
        "country": "CN",
        "region": "CN-ZJ",
        "wish_only": "",
        "wish_avoid": "sun 12:00-14:00" if number % 5 == 4 else "",
    }
