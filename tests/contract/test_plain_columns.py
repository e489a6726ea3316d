"""Every column that could hold words and is not sealed, with what it holds instead."""

from sqlalchemy import JSON, LargeBinary, String

from models.base import Base, Word
from models.sealed import Sealed

DIGEST = "a digest"
CODE = "a code of the house or of a standard"
PLAIN = {
    "organisations": {
        "slug": CODE,
        "name": "a company's name",
        "public_name": "what borrowers may read",
        "country": CODE,
        "fallback_phones": "the office's numbers, shown to every collector",
        "emergency_phone": "a public number",
    },
    "kept_answers": {"key_digest": DIGEST, "request_digest": DIGEST},
    "installation": {"keyring_check": DIGEST, "oldest_program": CODE},
    "process_pulses": {
        "kind": CODE,
        "host": "a machine's name",
        "program": CODE,
    },
    "creditors": {"code": CODE, "name": "a company's name"},
    "creditor_listings": {"evidence": "where the creditor's public list can be read"},
    "users": {
        "login_digest": DIGEST,
        "password_hash": "argon2",
        "pin_hash": "argon2",
        "duress_pin_hash": "argon2",
    },
    "devices": {"app_version": "the number of the app's version"},
    "badges": {"number": "printed on the badge", "licence": "printed on the badge"},
    "borrowers": {"debtor_ref_digest": DIGEST, "phone_digest": DIGEST},
    "cases": {
        "external_id": "the agency's own file number",
        "debt_ref_digest": DIGEST,
        "currency": CODE,
        "row_digest": DIGEST,
    },
    "payments": {"reference_digest": DIGEST, "currency": CODE},
    "places": {
        "external_id": "the agency's own file number",
        "datum": CODE,
        "country": CODE,
        "region": CODE,
        "time_zone": CODE,
        "unschedulable": "reason codes",
        "row_digest": DIGEST,
    },
    "access_records": {"route": CODE},
    "erasures": {"counts": "numbers", "kept": "tables, numbers, days"},
    "named_holds": {"name": "a file number; no words"},
    "purge_receipts": {"held": "names of holds and numbers"},
    "wishes": {"kind": CODE, "spans": "minutes of a week"},
    "incidents": {"attachments": "digests and sizes of files"},
    "imports": {"file_digest": DIGEST, "format": "encoding, separator, columns"},
    "case_changes": {"columns": CODE},
    "import_problems": {"column": CODE, "reason": "our words; no value of the file"},
    "visits": {"obligations": "rules in our words"},
    "visit_transitions": {"reason": CODE},
    "invitations": {"login_digest": DIGEST, "code_digest": DIGEST},
    "reset_codes": {"code_digest": DIGEST},
    "former_pins": {"pin_hash": "argon2", "duress_pin_hash": "argon2"},
    "recovery_codes": {"code_digest": DIGEST},
    "tries": {"key_digest": DIGEST},
    "known_sources": {"source_digest": DIGEST},
    "verifications": {"source_digest": DIGEST},
    "visit_codes": {
        "code_digest": DIGEST,
        "doorstep_word": "a word from the list",
        "end_reason": CODE,
    },
    "webhooks": {"types": "types of events", "disabled_for": CODE},
    "webhook_deliveries": {
        "about": "table and id",
        "reason": "a status or a kind",
    },
    "rotas": {"name": "what the office calls it", "time_zone": CODE},
    "rota_layers": {"weekdays": "digits of weekdays"},
    "watches": {"contact": CODE},
    "watch_events": {"request_digest": DIGEST},
    "watch_transitions": {"reason": CODE},
    "policy_steps": {"recipients": CODE, "whom": "codes, ids, numbers"},
    "alerts": {"dedup_key": "ids", "policy": "delays and recipients"},
    "alert_entries": {"detail": "ids, numbers, codes"},
    "messages": {
        "dedup_key": "ids",
        "tried": "ranks of channels",
        "reply_digest": DIGEST,
    },
    "receipts": {
        "reason": "a status or the kind of an error",
        "carrier_id": "what a provider calls the message",
    },
    "delivery_reports": {"carrier_id": "what a provider calls the message"},
    "replies": {"carrier_id": "what a provider calls the answer"},
    "contacts": {
        "debt_ref_digest": DIGEST,
        "debtor_ref_digest": DIGEST,
        "decision": "the gate's answer: rules in our words",
        "source": CODE,
    },
    "audit_rows": {
        "action": CODE,
        "subject": CODE,
        "detail": "ids, numbers, codes",
        "mac": DIGEST,
    },
    "audit_seals": {"row_digest": DIGEST, "chain": DIGEST},
}


def test_every_column_that_could_hold_words_is_sealed_or_says_what_it_holds():
    found = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
        if not isinstance(column.type, Word | Sealed)
    }
    listed = {(table, column) for table, of in PLAIN.items() for column in of}
    assert found == listed
