"""Rule packs read from TOML, strictly: what is not understood is refused by name."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from core.errors import Misconfigured
from gate import fields
from gate.law import (
    Bearing,
    Effect,
    Force,
    Kind,
    Pack,
    Premises,
    Reach,
    Reading,
    Rule,
    Stage,
    Status,
)

# Facts that a file states and that no decision rests on yet: read, and not kept.
ON_RECORD: dict[str, fields.Read[object]] = {
    "force": fields.word(Force),
    "effect": fields.word(Effect),
    "max": fields.count,
    "count": fields.text,
    "scope": fields.text,
    "window": fields.text,
    "by": fields.text,
    "note": fields.text,
    "show": fields.many(fields.text),
    "when": fields.text,
    "media": fields.many(fields.text),
    "except": fields.text,
    "gate": fields.text,
    "what": fields.text,
    "applies_to": fields.text,
}
NEEDED = ("force",)
NEEDED_BY_KIND = {
    Kind.HOURS: ("outside",),
    Kind.STAFFING: ("min_staff",),
    Kind.PLACE: ("places",),
    Kind.CAP: ("max", "count", "scope", "window", "by"),
}
NEEDED_BY_BEARING: dict[Bearing, tuple[str, ...]] = {
    Bearing.DECIDES: ("effect",),
    Bearing.OBLIGES: ("stage",),
    Bearing.INFORMS: (),
}


def _demand(
    table: fields.Table, kind: Kind, bearing: Bearing, reading: Reading
) -> None:
    """Refuse a rule without a field that one like it needs."""
    needed = [*NEEDED, *NEEDED_BY_KIND.get(kind, ()), *NEEDED_BY_BEARING[bearing]]
    if reading is not Reading.NONE:
        needed.append("source")
    for field in needed:
        if field not in table.left:
            raise table.wrong(field, f"is missing (kind {kind}, role {bearing})")


def _rule(raw: object, *, file: str, number: int) -> Rule:
    name = raw.get("id") if isinstance(raw, dict) else None
    table = fields.Table(raw, file=file, rule=str(name or f"rule {number}"))
    rule_id = table.must("id", fields.text)
    kind = table.must("kind", fields.word(Kind))
    bearing = table.must("role", fields.word(Bearing))
    _demand(table, kind, bearing, table.must("src", fields.word(Reading)))
    channels = table.may("channels", fields.many(fields.word(Reach)))
    rule = Rule(
        id=rule_id,
        kind=kind,
        bearing=bearing,
        status=table.must("status", fields.word(Status)),
        channels=channels or frozenset({Reach.ANY}),
        cite=table.must("cite", fields.text),
        source=table.may("source", fields.text),
        effective_from=table.must("effective_from", fields.since),
        hours=table.may("outside", fields.hours) or (),
        min_staff=table.may("min_staff", fields.count) or 1,
        places=table.may("places", fields.many(fields.word(Premises))) or frozenset(),
        persons=table.may("persons", fields.many(fields.text)) or frozenset(),
        unless=table.may("unless", fields.text),
        stage=table.may("stage", fields.word(Stage)),
        words_en=table.must("words_en", fields.text),
        words_zh=table.must("words_zh", fields.text),
        keep=table.may("min", fields.period),
    )
    for field, read in ON_RECORD.items():
        table.may(field, read)
    table.end()
    return rule


def _rules(raw: object, *, file: str) -> tuple[Rule, ...]:
    if not isinstance(raw, list) or not raw:
        raise ValueError("must be a list of rules")
    rules: dict[str, Rule] = {}
    for number, one in enumerate(raw, 1):
        rule = _rule(one, file=file, number=number)
        if rule.id in rules:
            detail = f"{file}: {rule.id}: id: appears twice"
            raise Misconfigured(detail, file=file, rule=rule.id, field="id")
        rules[rule.id] = rule
    return tuple(rules.values())


def _legal_zone(raw: object, *, file: str) -> ZoneInfo | None:
    table = fields.Table(raw, file=file, rule="time_zone")
    single = table.must("basis", fields.text) == "single"
    tz = table.must("tz", fields.zone) if single else table.may("tz", fields.zone)
    table.must("confidence", fields.text)
    table.end()
    return tz if single else None


def _holidays(raw: object, *, file: str) -> None:
    table = fields.Table(raw, file=file, rule="public_holidays")
    if table.must("effect", fields.text) != "none_found":
        raise table.wrong(
            "effect", "rules on holidays are not supported yet: only none_found is"
        )
    table.must("confidence", fields.text)
    table.end()


def parse(text: str, *, file: str) -> Pack:
    """One pack from TOML; ``Misconfigured`` names ``file``, the rule and the field."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{file}: is not valid TOML: {error}", file=file) from error
    table = fields.Table(raw, file=file, rule="pack")
    table.may("public_holidays", lambda part: _holidays(part, file=file))
    pack = Pack(
        jurisdiction=table.must("jurisdiction", fields.text),
        name=table.must("name", fields.text),
        tz=table.must("time_zone", lambda part: _legal_zone(part, file=file)),
        excluded_regions=table.may("excluded_regions", fields.many(fields.text))
        or frozenset(),
        rules=table.must("rules", lambda part: _rules(part, file=file)),
    )
    table.end()
    if pack.jurisdiction != Path(file).stem:
        raise table.wrong("jurisdiction", "must be the file's name")
    return pack


def read_folder(folder: Path) -> Mapping[str, Pack]:
    """Every ``*.toml`` of the folder; ``Misconfigured`` if one of them errs."""
    packs: dict[str, Pack] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{path.name}: cannot be read", file=path.name) from (
                error
            )
        pack = parse(text, file=path.name)
        packs[pack.jurisdiction] = pack
    if not packs:
        raise Misconfigured(f"{folder}: contains no rule pack", file=str(folder))
    return MappingProxyType(packs)
