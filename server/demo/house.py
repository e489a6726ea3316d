"""The demo organisation: its people, its ladder of seconds, its channel, its badges."""

from dataclasses import dataclass
from datetime import timedelta

from server.demo import cases
from server.demo.client import Person, until

SLUG = "hangzhou-demo"
PASSWORD = "demo-only-password"  # noqa: S105 - printed for the visitor of the demo
PIN = "2580"
MARK = "（虚构）"
OVERDUE = {
    "steps": [
        {"delay_s": 0, "recipients": [{"kind": "collector"}]},
        {"delay_s": 2, "recipients": [{"kind": "collector"}]},
        {
            "delay_s": 4,
            "recipients": [{"kind": "buddy"}, {"kind": "nearest", "count": 2}],
        },
        {"delay_s": 8, "recipients": [{"kind": "rota"}]},
        {"delay_s": 14, "recipients": [{"kind": "role", "role": "safety_officer"}]},
    ],
    "repeat_s": 10,
    "lease_s": 60,
}
STAFF = (
    ("dispatcher", "dina", "狄娜"),
    ("safety_officer", "shen", "沈安"),
    ("auditor", "audrey", "欧审"),
    ("collector", "chen", "陈访"),
    ("collector", "wuwen", "吴问"),
    ("collector", "zhou", "周伴"),
)


@dataclass
class House:
    """Everyone who acts in the story."""

    admin: Person
    dispatcher: Person
    officer: Person
    auditor: Person
    chen: Person
    wu: Person
    zhou: Person
    badges: dict[str, str]


def build(base: str, offset: timedelta) -> House:
    """Create everything as the admin would, through the API."""
    admin = Person(base, offset, "admin").log_in(SLUG, "admin", PASSWORD)
    admin.change("PUT", "/v1/policies/overdue", body=OVERDUE)
    admin.post("/v1/channels", {"kind": "file", "rank": 0})
    for number, (role, login, name) in enumerate(STAFF):
        admin.post("/v1/users", _user(number, role, login, name))
    people = {
        login: Person(base, offset, login).log_in(SLUG, login, PASSWORD)
        for _, login, _ in STAFF
    }
    for login in ("shen", "dina", "chen", "wuwen", "zhou"):
        people[login].put("/v1/me/duty", {"on": True})
    badges = {
        login: _badge(admin, people[login], number)
        for number, login in enumerate(("chen", "wuwen", "zhou"))
    }
    return House(
        admin=admin,
        dispatcher=people["dina"],
        officer=people["shen"],
        auditor=people["audrey"],
        chen=people["chen"],
        wu=people["wuwen"],
        zhou=people["zhou"],
        badges=badges,
    )


def _user(number: int, role: str, login: str, name: str) -> dict[str, object]:
    return {
        "login": login,
        "name": name + MARK,
        "phone": f"+86138000000{number:02d}",
        "role": role,
        "password": PASSWORD,
        "pin": PIN if role == "collector" else None,
    }


def _badge(admin: Person, collector: Person, number: int) -> str:
    badge = admin.post(
        "/v1/badges",
        {
            "user_id": collector.id,
            "number": f"HZ-{100 + number}",
            "public_name": ("陈先生", "吴女士", "周先生")[number] + MARK,
            "licence": f"DEMO-{number:04d}",
            "valid_from": collector.now().isoformat(),
            "valid_to": (collector.now() + timedelta(days=365)).isoformat(),
        },
    )
    return str(badge["id"])


def import_cases(house: House) -> dict[str, object]:
    """The dispatcher imports; the admin records the creditor's published list."""
    sent = house.dispatcher.upload("/v1/imports", cases.case_file())
    url = f"/v1/imports/{sent['id']}"
    until("the worker takes the file", 30, lambda: _taken(house, url))
    for creditor in house.admin.get("/v1/creditors")["items"]:
        house.admin.post(
            f"/v1/creditors/{creditor['id']}/listings",
            {
                "starts_at": (house.admin.now() - timedelta(days=30)).isoformat(),
                "evidence": "https://bank.example/agencies (invented for the demo)",
            },
        )
    taken: dict[str, object] = house.dispatcher.get(url)
    return taken


def _taken(house: House, url: str) -> bool:
    return bool(house.dispatcher.get(url)["state"] == "done")
