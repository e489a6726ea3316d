"""The day: planned, announced, checked, walked, missed, escalated, owned, safe."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from server.demo import cases, house, phone
from server.demo.client import Person, StoryFailed, until
from server.demo.house import PIN, House
from server.demo.telling import HANGZHOU, Telling

STEPS = 30
FIRST, SECOND = 0, 1  # whose doors are visited
THIRD = 2  # announced, for whoever looks on to check; nobody comes
TO_LOOK_ON_S = 3600


@dataclass
class Story:
    """What the story knows as it goes on."""

    house: House
    borrower: Person
    messages: Path
    telling: Telling
    code_left: str = ""

    def tell(self, who: str, what: str) -> None:
        """A step was seen."""
        self.telling.step(self.borrower.now(), who, what)

    def play(self) -> None:
        """Every step, in order; the first that is not seen ends it."""
        self.import_and_ask()
        first = self.plan(FIRST, starts_in_s=6, length_s=12)
        second = self.plan(SECOND, starts_in_s=19, length_s=10)
        self.borrower_checks(first)
        self.visit_and_leave(first)
        self.visit_and_miss(second)
        alert = self.escalate(second)
        self.own_and_close(alert)
        self.audit()
        self.leave_a_code()

    # planning

    def import_and_ask(self) -> None:
        """Cases in, and two questions that the gate refuses."""
        taken = house.import_cases(self.house)
        expect(taken["created"], 41)
        self.tell(
            "dispatcher", f"imported {taken['created']} cases at real door points"
        )
        sea = self.find("HZ-SEA")["places"][0]["unschedulable"]
        expect([reason["code"] for reason in sea], ["zone_unknown"])
        self.tell("server", "marked one place unschedulable: no time zone at sea")
        alone = self.ask(FIRST, people=1)
        expect([reason["rule_id"] for reason in alone["refusals"]], ["CN-STF-1"])
        self.tell("gate", "refused a lone visitor: CN-STF-1 (unverified, binding)")
        night = self.ask(FIRST, people=2, hours=15)
        rules = {reason["rule_id"] for reason in night["refusals"]}
        expect(rules, {"CN-HRS-1", "CN-HRS-2"})
        opens = datetime.fromisoformat(night["next_lawful_at"]).astimezone(HANGZHOU)
        self.tell("gate", f"refused 23:00; next lawful time {opens:%d %B %H:%M}")

    def find(self, external_id: str) -> Any:
        """One case by the creditor's number."""
        found = self.house.dispatcher.get("/v1/cases", external_id=external_id)
        return self.house.dispatcher.get(f"/v1/cases/{found['items'][0]['id']}")

    def ask(self, number: int, *, people: int, hours: int = 0) -> Any:
        """A gate decision for a quarter of an hour."""
        case = self.find(f"HZ-{number:04d}")
        start = self.borrower.now() + timedelta(hours=hours, minutes=1)
        question = {
            "case_id": case["id"],
            "place_id": case["places"][0]["id"],
            "channel": "visit",
            "start": start.isoformat(),
            "end": (start + timedelta(minutes=15)).isoformat(),
            "people": people,
        }
        return self.house.dispatcher.post("/v1/gate/decisions", question)

    def plan(self, number: int, *, starts_in_s: int, length_s: int) -> Any:
        """Propose, assign the pair, publish; the notice leaves."""
        case = self.find(f"HZ-{number:04d}")
        start = self.borrower.now() + timedelta(seconds=starts_in_s)
        visit = self.house.dispatcher.post(
            "/v1/visits",
            {
                "case_id": case["id"],
                "place_id": case["places"][0]["id"],
                "planned_start": start.isoformat(),
                "planned_end": (start + timedelta(seconds=length_s)).isoformat(),
                "people": 2,
            },
        )
        pair = {"user_ids": [self.house.chen.id, self.house.wu.id]}
        dispatcher, thing = self.house.dispatcher, f"/v1/visits/{visit['id']}"
        dispatcher.change("PUT", thing, "/visitors", pair)
        published = dispatcher.change("POST", thing, "/publication")
        expect(published["state"], "published")
        self.tell(
            "dispatcher", f"published visit {number + 1} for Chen and Wu as a pair"
        )
        return {**published, "number": number, "phone": case["borrower"]["phone"]}

    # the borrower

    def borrower_checks(self, visit: Any) -> None:
        """The code of the notice, typed before opening, at the API and on the page."""
        body = self.notice(visit)
        self.tell("borrower", "received the notice: who, when, a code, no word of debt")
        code = phone.code_in(body)
        answer = self.borrower.post("/v1/verifications", {"code": code})
        expect(answer["answer"], "expected_now")
        names = " and ".join(answer["public_names"])
        self.tell("borrower", f"checked the code: expected now, {names}")
        wrong = self.borrower.post("/v1/verifications", {"code": "00000-00000"})
        expect(wrong["answer"], "unknown")
        self.tell("borrower", "tried another code: unknown, do not open")
        form = {"code": code, "lang": "zh"}
        page = self.borrower.http.post(self.borrower.base + "/verify", form, timeout=10)
        expect(names.split(" and ")[0] in page.text and code not in page.text, True)
        self.tell("borrower", "saw the same answer on the page, without JavaScript")

    def notice(self, visit: Any) -> Any:
        """The text of the visit's notice, once it was sent."""
        return until(
            "the notice", 15, lambda: phone.notice(self.messages, visit["phone"])
        )

    # at the door

    def visit_and_leave(self, visit: Any) -> None:
        """Both leave, check in with the phone's real position, and check out."""
        self.wait_for(visit)
        for collector in (self.house.chen, self.house.wu):
            day = collector.get("/v1/mobile/day")
            expect(visit["id"] in [stop["visit_id"] for stop in day["visits"]], True)
            self.depart(collector, visit)
            self.check_in(collector, visit)
        self.tell(
            "collectors",
            "left (Zhou is buddy), checked in: watched, allowed",
        )
        for collector in (self.house.chen, self.house.wu):
            self.check_out(collector, visit)
        done = self.house.dispatcher.get(f"/v1/visits/{visit['id']}")
        expect(done["state"], "done")
        self.tell("collectors", "checked out with their PINs: visit done")

    def wait_for(self, visit: Any) -> None:
        """Nobody rings before the window that the borrower was told."""
        start = datetime.fromisoformat(visit["planned_start"])
        until("the visit's window", 60, lambda: self.borrower.now() >= start)

    def depart(self, collector: Person, visit: Any) -> None:
        """Name Zhou as buddy, as the day lists him."""
        colleagues = collector.get("/v1/mobile/day")["colleagues"]
        [zhou] = [one for one in colleagues if one["name"].startswith("周伴")]
        path = f"/visits/{visit['id']}/departure"
        collector.act(path, buddy_id=zhou["user_id"])

    def check_in(self, collector: Person, visit: Any) -> Any:
        """The phone's real offset from the door; the watch is armed whatever it is."""
        fix = cases.doors()[visit["number"]].phone
        answer = collector.act(
            f"/visits/{visit['id']}/check-in",
            position={
                "lon": fix.lon, "lat": fix.lat, "datum": "wgs84", "accuracy_m": 15,
            },
            recording=True,
        )  # fmt: skip
        expect((answer["watch"]["watched"], answer["contact"]), (True, "allowed"))
        return answer

    def check_out(self, collector: Person, visit: Any) -> None:
        """The PIN answers for the person."""
        path = f"/visits/{visit['id']}/check-out"
        answer = collector.act(path, pin=PIN, outcome="borrower_met", recording=True)
        expect((answer["result"], answer["watch"]["state"]), ("ok", "closed"))

    def visit_and_miss(self, visit: Any) -> None:
        """Chen comes back; Wu does not check out."""
        self.wait_for(visit)
        for collector in (self.house.chen, self.house.wu):
            self.depart(collector, visit)
            answer = self.check_in(collector, visit)
        due = datetime.fromisoformat(answer["watch"]["due"]).astimezone(HANGZHOU)
        self.tell("collectors", f"checked in at the second door, due at {due:%H:%M:%S}")
        self.check_out(self.house.chen, visit)
        self.tell("Chen", "checked out; Wu's phone is silent")

    # the alert

    def escalate(self, visit: Any) -> Any:
        """The server finds it, and climbs from Wu to Zhou to Shen."""
        officer = self.house.officer
        alert = until("the alert", 30, lambda: self.open_alert(visit))
        expect(alert["user_id"], self.house.wu.id)
        self.tell(
            "server", f"found the missed check-out, opened alert {alert['reference']}"
        )
        for who, person in (("Wu", self.house.wu), ("Zhou, the buddy", self.house.zhou),
                            ("Shen, safety officer", officer)):  # fmt: skip
            until(f"{who} told", 30, lambda: self.was_told(alert, person.id))  # noqa: B023
            self.tell("server", f"told {who}")
        expect(self.house.chen.id in self.told(alert), False)
        self.tell("server", "did not ask Chen: a partner is never asked to help")
        self.look_at_the_phone(alert)
        return alert

    def look_at_the_phone(self, alert: Any) -> None:
        """Zhou opens the app, as the message asks him to."""
        [shown] = self.house.zhou.get("/v1/mobile/alerts")["items"]
        expect((shown["id"], shown["about_me"]), (alert["id"], False))
        expect(shown["collector"]["user_id"], self.house.wu.id)
        expect(bool(shown["collector"]["phone"] and shown["place"]["address"]), True)
        self.tell("Zhou", "sees in the app who it is, her phone and the planned place")

    def open_alert(self, visit: Any) -> Any:
        """The open alert of this visit, if there is one."""
        found = self.house.officer.get("/v1/alerts", open="true")["items"]
        return next((one for one in found if one["visit_id"] == visit["id"]), None)

    def told(self, alert: Any) -> list[str]:
        """Whom the alert has reached."""
        found = self.house.officer.get(f"/v1/alerts/{alert['id']}")["told"]
        return [str(user_id) for user_id in found]

    def was_told(self, alert: Any, user_id: str) -> bool:
        """A message of this alert to this person was really sent."""
        return user_id in self.sent(alert, "alert_step")

    def sent(self, alert: Any, kind: str) -> set[str]:
        """To whom messages of one kind went."""
        officer = self.house.officer
        found = officer.get("/v1/messages", alert_id=alert["id"], limit=200)["items"]
        return {
            one["user_id"]
            for one in found
            if one["kind"] == kind and one["state"] == "sent"
        }

    def own_and_close(self, alert: Any) -> None:
        """A person takes it, calls, closes with words; everyone hears it is over."""
        officer = self.house.officer
        owned = officer.post(f"/v1/alerts/{alert['id']}/acknowledgement")
        expect(owned["owner_id"], officer.id)
        self.tell("Shen", "acknowledged the alert: escalation pauses for a while")
        words = {
            "words": "Called Chen: Wu's phone is flat. She is at the car with him."
        }
        officer.post(f"/v1/alerts/{alert['id']}/notes", words)
        self.tell("Shen", "noted what was said on the phone")
        closed = officer.post(f"/v1/alerts/{alert['id']}/closing", words)
        expect(closed["closed_by"], officer.id)
        self.tell("Shen", "closed the alert and wrote why")
        everyone = set(self.told(alert))
        until("all-clear", 15, lambda: everyone <= self.sent(alert, "all_clear"))
        self.tell(
            "server", f"sent the all-clear to all {len(everyone)} who had been told"
        )
        expect(self.open_alert({"id": alert["visit_id"]}), None)
        state = self.house.dispatcher.get(f"/v1/visits/{alert['visit_id']}")["state"]
        expect(state, "done")
        self.tell("server", "has no open alert left; the visit is done")

    def audit(self) -> None:
        """The auditor finds every contact with the decision that allowed it."""
        case = self.find("HZ-0000")
        found = self.house.auditor.get("/v1/contacts", case_id=case["id"])["items"]
        ours = [one for one in found if one["kind"] != "answer"]
        expect(sorted(one["channel"] for one in ours), ["notice", "visit", "visit"])
        allowed = [one["decision"].get("allowed") for one in ours]
        expect((allowed, len(found) - len(ours)), ([True] * 3, 2))
        self.tell("auditor", "read each contact, its decision, and two checks answered")
        actions = self.audited()
        expect({"visit.published", "watch.fall_due", "alert.closed"} <= actions, True)
        self.tell("auditor", f"read the audit: {len(actions)} kinds of action")

    def leave_a_code(self) -> None:
        """One visit is left announced, so that its code can be tried by hand."""
        visit = self.plan(THIRD, starts_in_s=6, length_s=TO_LOOK_ON_S)
        self.code_left = phone.code_in(self.notice(visit))
        answer = self.borrower.post("/v1/verifications", {"code": self.code_left})
        expect(answer["answer"], "expected_now")
        self.tell("borrower", "at the third door can check his code for an hour")

    def audited(self) -> set[str]:
        """Every kind of act in the audit, page by page."""
        actions: set[str] = set()
        query: dict[str, object] = {"limit": 200}
        while True:
            page = self.house.auditor.get("/v1/audit", **query)
            actions |= {row["action"] for row in page["items"]}
            if page["next"] is None:
                return actions
            query["after"] = page["next"]


def expect(seen: object, wanted: object) -> None:
    """What was seen must be what was wanted."""
    if seen != wanted:
        raise StoryFailed(f"saw {seen!r}, wanted {wanted!r}")
