"""Rule packs: the shipped facts, and every way in which a file may be wrong."""

import tomllib
from pathlib import Path

import pytest
import yaml

from core.countries import REGIONS
from core.errors import Misconfigured
from gate import pack_files, packs
from gate.law import Bearing, Kind

COLLECTED = Path(__file__).parents[1] / "data" / "rules_cn.yaml"
REGIONS_OF_CHINA = 34
OURS = {"words_en", "words_zh", "stage", "excluded_regions"}

GOOD = """
jurisdiction = "XX"
name = "Nowhere"
[time_zone]
basis = "single"
tz = "Europe/Paris"
confidence = "recalled"
[[rules]]
id = "XX-HRS-1"
kind = "hours"
channels = ["visit"]
effect = "forbid"
outside = { mon-fri = "09:00-24:00" }
force = "law"
cite = "Act 1"
src = "secondary"
source = "example.org"
role = "decides"
status = "secondary"
effective_from = "unknown"
words_en = "Come by day."
words_zh = "请在白天来访。"
"""


def without_ours(table: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in table.items() if key not in OURS}


def test_the_shipped_pack_states_the_collected_rules_field_for_field() -> None:
    shipped = tomllib.loads((packs.FOLDER / "CN.toml").read_text("utf-8"))
    collected = yaml.safe_load(COLLECTED.read_text("utf-8"))
    rules = [without_ours(rule) for rule in shipped["rules"]]
    assert {**without_ours(shipped), "rules": rules} == collected


def test_the_shipped_pack_is_read_whole() -> None:
    pack = packs.shipped()["CN"]
    assert len(pack.rules) == 20
    assert {rule.id for rule in pack.rules if rule.bearing is Bearing.DECIDES} == {
        "CN-HRS-1",
        "CN-HRS-2",
        "CN-CAP-1",
        "CN-CAP-2",
        "CN-CAP-3",
        "CN-STF-1",
        "CN-PLC-1",
        "CN-PLC-2",
        "CN-PRS-1",
        "CN-LIC-1",
    }


def test_packs_are_read_once() -> None:
    assert packs.shipped() is packs.shipped()


@pytest.mark.parametrize(
    ("country", "region", "found"),
    [
        ("CN", "CN-ZJ", "CN"),
        ("CN", None, "CN"),
        ("CN", "CN-HK", None),
        ("CN", "CN-MO", None),
        ("CN", "CN-TW", None),
        ("HK", None, None),
        ("cn", None, None),
    ],
)
def test_a_place_is_bound_by_the_pack_of_its_country_unless_its_region_has_own_law(
    country: str, region: str | None, found: str | None
) -> None:
    pack = packs.for_place(country, region)
    assert (pack.jurisdiction if pack else None) == found


def test_hours_become_minutes_of_the_week() -> None:
    rule = pack_files.parse(GOOD, file="XX.toml").rules[0]
    assert rule.kind is Kind.HOURS
    assert rule.hours == tuple((d * 1440 + 540, d * 1440 + 1440) for d in range(5))


def test_a_date_of_effect_is_read_and_unknown_means_always() -> None:
    dated = GOOD.replace('from = "unknown"', 'from = "2026-07-01"')
    assert pack_files.parse(GOOD, file="XX.toml").rules[0].effective_from is None
    since = pack_files.parse(dated, file="XX.toml").rules[0].effective_from
    assert str(since) == "2026-07-01"


WRONG = [
    ('kind = "hours"', 'kind = "times"', "XX-HRS-1", "kind"),
    ('effect = "forbid"', 'effect = "allow"', "XX-HRS-1", "effect"),
    ('effect = "forbid"\n', "", "XX-HRS-1", "effect"),
    ('role = "decides"', 'role = "suggests"', "XX-HRS-1", "role"),
    ('role = "decides"', 'role = "obliges"', "XX-HRS-1", "stage"),
    ('role = "decides"\n', "", "XX-HRS-1", "role"),
    ('status = "secondary"', 'status = "organisation"', "XX-HRS-1", "status"),
    ('status = "secondary"\n', "", "XX-HRS-1", "status"),
    ('force = "law"', 'force = "custom"', "XX-HRS-1", "force"),
    ('force = "law"\n', "", "XX-HRS-1", "force"),
    ('src = "secondary"', 'src = "hearsay"', "XX-HRS-1", "src"),
    ('source = "example.org"\n', "", "XX-HRS-1", "source"),
    ('source = "example.org"', 'source = " "', "XX-HRS-1", "source"),
    ('id = "XX-HRS-1"\n', "", "rule 1", "id"),
    ('channels = ["visit"]', 'channels = ["pigeon"]', "XX-HRS-1", "channels"),
    ('channels = ["visit"]', "channels = []", "XX-HRS-1", "channels"),
    ('channels = ["visit"]', "regoin = 1", "XX-HRS-1", "regoin"),
    ('"09:00-24:00"', '"22:00-08:00"', "XX-HRS-1", "outside"),
    ('"09:00-24:00"', '"9:00-22:00"', "XX-HRS-1", "outside"),
    ('"09:00-24:00"', '"09:00-24:01"', "XX-HRS-1", "outside"),
    ('"09:00-24:00"', "9", "XX-HRS-1", "outside"),
    ("mon-fri =", "fri-mon =", "XX-HRS-1", "outside"),
    ("mon-fri =", "holiday =", "XX-HRS-1", "outside"),
    ("mon-fri =", 'tue = "10:00-11:00", mon-fri =', "XX-HRS-1", "outside"),
    ('outside = { mon-fri = "09:00-24:00" }\n', "", "XX-HRS-1", "outside"),
    ('from = "unknown"', 'from = "soon"', "XX-HRS-1", "effective_from"),
    ("words_zh", "words_fr", "XX-HRS-1", "words_zh"),
    ('tz = "Europe/Paris"', 'tz = "Mars/Base"', "time_zone", "tz"),
    ('tz = "Europe/Paris"\n', "", "time_zone", "tz"),
    ('jurisdiction = "XX"', 'jurisdiction = "YY"', "pack", "jurisdiction"),
    ('name = "Nowhere"', 'nom = "Nowhere"', "pack", "name"),
]


@pytest.mark.parametrize(("good", "bad", "rule", "field"), WRONG)
def test_a_wrong_file_is_refused_naming_file_rule_and_field(
    good: str, bad: str, rule: str, field: str
) -> None:
    assert good in GOOD
    with pytest.raises(Misconfigured) as error:
        pack_files.parse(GOOD.replace(good, bad), file="XX.toml")
    assert error.value.facts == {"file": "XX.toml", "rule": rule, "field": field}
    assert error.value.detail.startswith(f"XX.toml: {rule}: {field}: ")


def test_a_rule_that_stands_there_twice_is_refused() -> None:
    twice = GOOD + GOOD[GOOD.index("[[rules]]") :]
    with pytest.raises(Misconfigured, match=r"XX.toml: XX-HRS-1: id: appears twice"):
        pack_files.parse(twice, file="XX.toml")


def test_holidays_that_bind_are_refused_until_they_are_decided() -> None:
    holidays = '[public_holidays]\neffect = "forbid"\nconfidence = "read"\n'
    with pytest.raises(Misconfigured, match="public_holidays: effect"):
        pack_files.parse(
            GOOD.replace("[[rules]]", holidays + "[[rules]]"), file="XX.toml"
        )


@pytest.mark.parametrize("text", ["rules = [", "= 1", "a = 1\na = 2"])
def test_a_file_that_is_not_toml_is_refused_by_name(text: str) -> None:
    with pytest.raises(Misconfigured, match=r"XX\.toml: is not valid TOML"):
        pack_files.parse(text, file="XX.toml")


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="contains no rule pack"):
        pack_files.read_folder(tmp_path)


def test_a_file_that_is_not_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "XX.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match=r"XX\.toml: cannot be read"):
        pack_files.read_folder(tmp_path)


def test_the_regions_of_a_country_with_rules_are_known():
    for country, pack in packs.shipped().items():
        assert REGIONS[country] > pack.excluded_regions
        assert {region[:3] for region in REGIONS[country]} == {f"{country}-"}
    assert len(REGIONS["CN"]) == REGIONS_OF_CHINA
