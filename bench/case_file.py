"""A generated case file of any length: invented people at points around Hangzhou."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

HEADER = (
    *("case_id", "creditor_code", "creditor_name", "debt_ref", "debtor_ref"),
    *("borrower_name", "borrower_phone", "language", "days_past_due", "amount_minor"),
    *("currency", "place_id", "place_kind", "place_public", "address", "lon", "lat"),
    *("datum", "country", "region", "wish_only", "wish_avoid", "employment"),
    *("household_size", "ability_to_pay", "willingness_to_pay"),
)
DATUMS = ("wgs84", "gcj02")
EMPLOYMENT = ("full_time", "part_time", "retired", "unemployed", "")


def write(file: Path, rows: int) -> None:
    """The same file for the same number of rows."""
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(lines(rows))


def lines(rows: int) -> Iterator[list[object]]:
    """One case a line, one borrower a case, twenty creditors."""
    chance = random.Random(7)
    for n in range(rows):
        creditor = n % 20
        yield [
            *(f"HZ-{n:07d}", f"B{creditor}", f"Bank {creditor}", f"L-{n}", f"D-{n}"),
            *(f"王某{n}（虚构）", f"+86139{n:08d}", "zh" if n % 9 else "en"),
            *(chance.randrange(1, 400), chance.randrange(100, 9_000_000), "CNY"),
            *("home", "home", "no", f"杭州市虚构路{n}号"),
            f"{120 + chance.random() / 2:.6f}",
            f"{30 + chance.random() / 2:.6f}",
            *(DATUMS[n % 2], "CN", "CN-ZJ"),
            "mon-fri 18:00-20:00" if n % 7 == 0 else "",
            "sun 12:00-14:00" if n % 5 == 0 else "",
            *(EMPLOYMENT[n % 5], n % 5 + 1, "partly", "willing"),
        ]
