"""Every column that hangs on a borrower is exported and erased, or says why not."""

from sqlalchemy import JSON, LargeBinary, String

from core.words import PurgeKind
from models.base import Base, Word
from models.sealed import Personal, Sealed
from safety.borrower_rows import ROWS
from safety.borrower_sheets import SHEETS
from safety.erasure_rules import HIMSELF, KEEPINGS, TAKINGS
from safety.purge_rules import PURGES

TENANT = "whose row it is: the document says so once"
STAFF = "one of our own people: his role is shown"
ITSELF = "the borrower of the document"
DIGEST = "a keyed digest: without the key it says nothing"
SECRET = "a secret"
LIFE = "how a message is sent, not what is held"
CREDITOR = "the document names the creditor once"

# tables of which nothing is exported
NOT_SHOWN = {
    "alerts": "a danger of one of our own people; the visit itself is shown",
    "alert_entries": "what was done to help one of our own people",
    "watch_transitions": "when the timer over a collector was moved",
    "replies": "answers of our own people to calls for help",
    "named_holds": "an inquiry that telling might defeat; it says nothing of him",
    "erasures": "numbers; the borrower row says when he was erased",
    "incidents": "harm to one of our own people; the visit itself is shown",
    "place_marks": "said in confidence: the day alone tells who does not feel safe",
}
NOT_EXPORTED = {
    "borrowers": {
        "creditor_id": CREDITOR,
        "debtor_ref_digest": DIGEST,
        "phone_digest": DIGEST,
    },
    "cases": {
        "creditor_id": CREDITOR,
        "borrower_id": ITSELF,
        "debt_ref_digest": DIGEST,
        "row_digest": DIGEST,
    },
    "places": {"row_digest": DIGEST},
    "case_changes": {"borrower_id": ITSELF},
    "wishes": {"borrower_id": ITSELF},
    "borrower_holds": {"borrower_id": ITSELF},
    "visitors": {"badge_id": "its number is shown", "buddy_id": STAFF},
    "visit_codes": {"code_digest": SECRET, "doorstep_word": SECRET},
    "verifications": {"source_digest": DIGEST},
    "watches": {
        "kind": "one word for all of them",
        "buddy_id": STAFF,
        "state": LIFE,
        "due_at": "when help would have come for the collector",
        "own_due_at": "when help would have come for the collector",
        "ends_by": "when help would have come for the collector",
        "at_most_s": "when help would have come for the collector",
        "superseded_by": "which other timer watched over the collector",
    },
    "watch_events": {
        "event_id": "the phone's own number for it",
        "device_id": "a collector's phone",
        "watch_id": "the stay is shown with its visit",
        "buddy_id": STAFF,
        "phone_at": "what a collector's phone took for the time",
        "position": "where a collector was",
        "accuracy_m": "where a collector was",
        "from_revoked_device": "a collector's phone",
        "request_digest": DIGEST,
        "answer": "what the collector's phone was told about his watch",
        "verdict": "which of his PINs a collector gave",
        "judged_at": "when that was looked at",
    },
    "contacts": {
        "creditor_id": CREDITOR,
        "debt_ref_digest": DIGEST,
        "debtor_ref_digest": DIGEST,
    },
    "messages": {
        "lane": LIFE,
        "dedup_key": LIFE,
        "user_id": "none, of a message to him",
        "alert_id": "none, of a message to him",
        "body": "it has the code and names the visitors; wiped once it has left",
        "channel_rank": LIFE,
        "tried": LIFE,
        "accepted_at": LIFE,
        "reply_digest": "none, of a message to him",
        "leased_until": LIFE,
        "attempt": LIFE,
    },
    "receipts": {
        "channel_id": LIFE,
        "carrier_id": "what a provider calls the message",
    },
    "payments": {"creditor_id": CREDITOR, "reference_digest": DIGEST},
}

CODE = "a code of the house or of a standard"
KEEPS = "the law keeps it: a purge takes it then"
HELP = "of a danger to one of our own people; purged by its own age"
NOT_ERASED = {
    "borrowers": {"debtor_ref_digest": "by it a file that names him is refused"},
    "cases": {
        "debt_ref_digest": "by it a file that names his debt is refused",
        "currency": CODE,
    },
    "places": {
        "datum": CODE,
        "country": CODE,
        "region": "a province: under which law contacts were made",
        "time_zone": CODE,
        "unschedulable": CODE,
    },
    "case_changes": {"columns": CODE},
    "payments": {"reference_digest": DIGEST, "currency": CODE},
    "consents": {"evidence": KEEPS},
    "contacts": {
        "debt_ref_digest": KEEPS,
        "debtor_ref_digest": KEEPS,
        "decision": KEEPS,
        "source": KEEPS,
    },
    "access_records": {"route": KEEPS},
    "visits": {"obligations": "rules in our words"},
    "visit_transitions": {"reason": CODE},
    "visit_codes": {
        "code_digest": DIGEST,
        "doorstep_word": "a word from the list",
        "end_reason": CODE,
    },
    "watches": {"contact": CODE},
    "watch_transitions": {"reason": CODE},
    "watch_events": {
        "request_digest": DIGEST,
        "answer": "states and times: what the phone is told again",
        "verdict": "which of his PINs a collector gave",
    },
    "messages": {
        "dedup_key": "ids",
        "tried": "ranks of channels",
        "reply_digest": DIGEST,
    },
    "replies": {"carrier_id": "what a provider calls the answer"},
    "receipts": {
        "reason": "a status or the kind of an error",
        "carrier_id": "what a provider calls the message",
    },
    "alerts": {"dedup_key": "ids", "policy": "delays and recipients"},
    "alert_entries": {"detail": "ids, numbers, codes", "words": HELP},
    "named_holds": {"name": "a file number; no words"},
    "erasures": {"counts": "numbers", "kept": "tables, numbers, days"},
    "incidents": {"words": HELP, "attachments": "digests and sizes of files"},
}
# what no foreign key leads to, and what becomes of it
ELSEWHERE = {
    "kept_answers": "answers that name an id of his are deleted",
    "import_chunks": "no erasure while a file is taken; leftovers are deleted",
    "import_problems": "our words; no value of the file",
    "audit_rows": "ids, numbers, keyed digests",
    "webhook_deliveries": "which audit row is on its way; what is sent is made of that",
}
OF_OUR_OWN = {  # sealed values of our own people and of the ways out of the house
    *("users", "devices", "badges", "badge_photos", "badge_transitions"),
    *("invitations", "second_factors", "vehicles", "message_channels", "webhooks"),
}


def hanging() -> set[str]:
    """Every table from which foreign keys lead to a borrower, over however many."""
    found = {"borrowers"}
    while True:
        more = {
            table.name
            for table in Base.metadata.sorted_tables
            for key in table.foreign_keys
            if key.column.table.name in found
        }
        if more <= found:
            return found
        found |= more


def column(model, name: str) -> str:  # type: ignore[no-untyped-def]
    """The table's column behind an attribute, sealed or not."""
    attribute = vars(model).get(name)
    name = attribute.column if isinstance(attribute, Personal) else name
    return str(model.__mapper__.attrs[name].columns[0].name)


def columns(table: str) -> set[str]:
    """All of a table's."""
    return {one.name for one in Base.metadata.tables[table].columns}


def wordy(table: str) -> set[str]:
    """Columns of a table that could hold words."""
    return {
        one.name
        for one in Base.metadata.tables[table].columns
        if isinstance(getattr(one.type, "impl", one.type), String | JSON | LargeBinary)
        if not isinstance(one.type, Word)
    }


def test_every_table_that_hangs_on_a_borrower_is_exported_or_says_why_not():
    shown = {sheet.model.__tablename__ for sheet in SHEETS}
    assert hanging() == shown | NOT_SHOWN.keys()
    assert not shown & NOT_SHOWN.keys()
    erased = {taking.model.__tablename__ for taking in TAKINGS}
    assert {model.__tablename__ for model in ROWS} == shown | erased


def test_every_column_of_these_is_exported_or_says_why_not():
    silent = {}
    for sheet in SHEETS:
        table = sheet.model.__tablename__
        shown = {column(sheet.model, name) for name in (*sheet.shows, *sheet.staff)}
        why = NOT_EXPORTED.get(table, {}).keys() | {"organisation_id"}
        assert not shown & why, table
        silent[table] = columns(table) ^ (shown | why)
    assert {table: left for table, left in silent.items() if left} == {}
    assert NOT_EXPORTED.keys() <= silent.keys()


def test_every_column_that_could_hold_words_is_erased_or_says_why_not():
    erased: dict[str, set[str]] = {}
    for taking in (*TAKINGS, HIMSELF):
        model, table = taking.model, taking.model.__tablename__
        names = (*taking.clears, *taking.renamed, *taking.with_it)
        gone = {column(model, name) for name in names}
        erased[table] = gone if taking.clears else columns(table)
    erased["messages"] = {"body", "recipient"}
    silent = {
        table: wordy(table) - erased.get(table, set())
        ^ NOT_ERASED.get(table, {}).keys()
        for table in hanging()
    }
    assert {table: left for table, left in silent.items() if left} == {}


def test_what_the_law_keeps_is_purged_in_the_end():
    purged = {purge.model for purge in PURGES}
    assert {keeping.model for keeping in KEEPINGS} <= purged
    assert {PurgeKind.CONTACTS, PurgeKind.ALERT_WORDS} <= {one.kind for one in PURGES}


def test_no_other_sealed_column_holds_anything_of_a_borrower():
    sealed = {
        table.name
        for table in Base.metadata.sorted_tables
        if any(isinstance(one.type, Sealed) for one in table.columns)
    }
    assert sealed - hanging() == OF_OUR_OWN | {"kept_answers", "import_chunks"}
    assert not hanging() & ELSEWHERE.keys()
    assert ELSEWHERE.keys() <= Base.metadata.tables.keys()
