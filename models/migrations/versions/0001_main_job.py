"""The main job: every table of the first version, with the guards of the database.

Beside tables and indexes: a collector's planned visits never overlap, and records of
what happened can be neither changed nor deleted.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(length=40)
SEALED = sa.LargeBinary()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

APPEND_ONLY = (
    "audit_rows",
    "audit_seals",
    "alert_entries",
    "badge_transitions",
    "visit_transitions",
    "watch_transitions",
    "receipts",
)

SQLITE_OVERLAP = """
CREATE TRIGGER visitors_no_overlap_{when} BEFORE {event} ON visitors
WHEN NEW.active AND EXISTS (
    SELECT 1 FROM visitors AS other
    WHERE other.user_id = NEW.user_id AND other.active AND other.id <> NEW.id
      AND other.planned_start < NEW.planned_end
      AND NEW.planned_start < other.planned_end
)
BEGIN SELECT RAISE(ABORT, 'ex_visitors_no_overlap'); END
"""

POSTGRESQL_OVERLAP = """
ALTER TABLE visitors ADD CONSTRAINT ex_visitors_no_overlap EXCLUDE USING gist (
    user_id WITH =, tstzrange(planned_start, planned_end, '[)') WITH &&
) WHERE (active)
"""


def _guard_sqlite() -> None:
    for when, event in (
        ("insert", "INSERT"),
        ("update", "UPDATE OF user_id, active, planned_start, planned_end"),
    ):
        op.execute(SQLITE_OVERLAP.format(when=when, event=event))
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{event.lower()} "
                f"BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _guard_postgresql() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(POSTGRESQL_OVERLAP)
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "installation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("clock_offset_s", sa.Double(), nullable=False),
        sa.Column("keyring_check", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "demo OR clock_offset_s = 0",
            name=op.f("ck_installation_only_a_demo_shifts"),
        ),
        sa.CheckConstraint("number = 1", name=op.f("ck_installation_single")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_installation")),
    )
    op.create_table(
        "organisations",
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("public_name", sa.String(length=120), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("fallback_phones", JSON, nullable=False),
        sa.Column("emergency_phone", sa.String(length=20), nullable=False),
        sa.Column("fence_m", sa.Integer(), nullable=False),
        sa.Column("visit_length_s", sa.Integer(), nullable=False),
        sa.Column("leave_now_s", sa.Integer(), nullable=False),
        sa.Column("extension_max_s", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "extension_max_s BETWEEN 5 AND 3600",
            name=op.f("ck_organisations_extension_max"),
        ),
        sa.CheckConstraint(
            "fence_m >= 50", name=op.f("ck_organisations_fence_stays_on")
        ),
        sa.CheckConstraint(
            "leave_now_s BETWEEN 5 AND 600", name=op.f("ck_organisations_leave_now")
        ),
        sa.CheckConstraint(
            "visit_length_s BETWEEN 5 AND 14400",
            name=op.f("ck_organisations_visit_length"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisations_slug")),
    )
    op.create_table(
        "process_pulses",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=120), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_pulses")),
    )
    op.create_index(
        op.f("ix_process_pulses_beat_at"), "process_pulses", ["beat_at"], unique=False
    )
    op.create_table(
        "audit_rows",
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_audit_rows_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_rows")),
    )
    op.create_index(
        op.f("ix_audit_rows_subject_id"), "audit_rows", ["subject_id"], unique=False
    )
    op.create_index(
        op.f("ix_audit_rows_organisation_id_id"),
        "audit_rows",
        ["organisation_id", "id"],
        unique=False,
    )
    op.create_table(
        "creditors",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_creditors_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditors")),
        sa.UniqueConstraint(
            "organisation_id", "code", name=op.f("uq_creditors_organisation_id_code")
        ),
    )
    op.create_index(
        op.f("ix_creditors_organisation_id"),
        "creditors",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "message_channels",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("target", SEALED, nullable=True),
        sa.Column("secret", SEALED, nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('console', 'file', 'webhook')",
            name=op.f("ck_message_channels_kind_word"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_message_channels_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_channels")),
        sa.UniqueConstraint(
            "organisation_id",
            "rank",
            name=op.f("uq_message_channels_organisation_id_rank"),
        ),
    )
    op.create_index(
        op.f("ix_message_channels_organisation_id"),
        "message_channels",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "policies",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("repeat_s", sa.Integer(), nullable=False),
        sa.Column("lease_s", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('overdue', 'sos')", name=op.f("ck_policies_kind_word")
        ),
        sa.CheckConstraint(
            "lease_s BETWEEN 5 AND 1800", name=op.f("ck_policies_lease")
        ),
        sa.CheckConstraint(
            "repeat_s BETWEEN 1 AND 300", name=op.f("ck_policies_repeat")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_policies_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
        sa.UniqueConstraint(
            "organisation_id", "kind", name=op.f("uq_policies_organisation_id_kind")
        ),
    )
    op.create_index(
        op.f("ix_policies_organisation_id"),
        "policies",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "users",
        sa.Column("login_digest", sa.String(length=64), nullable=False),
        sa.Column("login", SEALED, nullable=False),
        sa.Column("name", SEALED, nullable=False),
        sa.Column("phone", SEALED, nullable=True),
        sa.Column("role", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("on_duty_since", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "role IN ('collector', 'dispatcher', 'safety_officer', 'contact_desk', 'auditor', 'admin')",
            name=op.f("ck_users_role_word"),
        ),
        sa.CheckConstraint(
            "state IN ('active', 'suspended')", name=op.f("ck_users_state_word")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_users_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint(
            "organisation_id",
            "login_digest",
            name=op.f("uq_users_organisation_id_login_digest"),
        ),
    )
    op.create_index(
        op.f("ix_users_organisation_id"), "users", ["organisation_id"], unique=False
    )
    op.create_table(
        "audit_pending",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit_rows.id"], name=op.f("fk_audit_pending_audit_id")
        ),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("row_digest", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit_rows.id"], name=op.f("fk_audit_seals_audit_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_seals_audit_id")),
    )
    op.create_table(
        "badges",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("public_name", SEALED, nullable=False),
        sa.Column("licence", sa.String(length=64), nullable=False),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_to", INSTANT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'suspended', 'revoked')",
            name=op.f("ck_badges_state_word"),
        ),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_badges_validity")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_badges_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_badges_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badges")),
        sa.UniqueConstraint(
            "organisation_id", "number", name=op.f("uq_badges_organisation_id_number")
        ),
    )
    op.create_index(
        op.f("ix_badges_organisation_id"), "badges", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_badges_user_id"), "badges", ["user_id"], unique=False)
    op.create_table(
        "borrowers",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_ref", SEALED, nullable=False),
        sa.Column("debtor_ref_digest", sa.String(length=64), nullable=False),
        sa.Column("name", SEALED, nullable=False),
        sa.Column("phone", SEALED, nullable=True),
        sa.Column("phone_digest", sa.String(length=64), nullable=True),
        sa.Column("language", WORD, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "language IN ('zh', 'en')", name=op.f("ck_borrowers_language_word")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["creditors.id"], name=op.f("fk_borrowers_creditor_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_borrowers_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_borrowers")),
        sa.UniqueConstraint(
            "organisation_id",
            "creditor_id",
            "debtor_ref_digest",
            name=op.f("uq_borrowers_organisation_id_creditor_id_debtor_ref_digest"),
        ),
    )
    op.create_index(
        op.f("ix_borrowers_debtor_ref_digest"),
        "borrowers",
        ["debtor_ref_digest"],
        unique=False,
    )
    op.create_index(
        op.f("ix_borrowers_organisation_id"),
        "borrowers",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_borrowers_organisation_id_phone_digest"),
        "borrowers",
        ["organisation_id", "phone_digest"],
        unique=False,
    )
    op.create_table(
        "creditor_listings",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at > starts_at",
            name=op.f("ck_creditor_listings_span"),
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"],
            ["creditors.id"],
            name=op.f("fk_creditor_listings_creditor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_creditor_listings_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_creditor_listings_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditor_listings")),
    )
    op.create_index(
        op.f("ix_creditor_listings_creditor_id"),
        "creditor_listings",
        ["creditor_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_creditor_listings_organisation_id"),
        "creditor_listings",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "devices",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_login_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_devices_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_devices_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint(
            "user_id", "app_id", name=op.f("uq_devices_user_id_app_id")
        ),
    )
    op.create_index(
        op.f("ix_devices_organisation_id"), "devices", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_devices_user_id"), "devices", ["user_id"], unique=False)
    op.create_table(
        "imports",
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "NOT (running AND finished_at IS NOT NULL)",
            name=op.f("ck_imports_finished"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_imports_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_imports_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(
        "uq_imports_running",
        "imports",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("running"),
        postgresql_where=sa.text("running"),
    )
    op.create_index(
        op.f("ix_imports_organisation_id"), "imports", ["organisation_id"], unique=False
    )
    op.create_table(
        "policy_steps",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("delay_s", sa.Integer(), nullable=False),
        sa.Column("recipients", JSON, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("delay_s >= 0", name=op.f("ck_policy_steps_delay")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_policy_steps_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.id"], name=op.f("fk_policy_steps_policy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_steps")),
        sa.UniqueConstraint(
            "policy_id", "place", name=op.f("uq_policy_steps_policy_id_place")
        ),
    )
    op.create_index(
        op.f("ix_policy_steps_organisation_id"),
        "policy_steps",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "badge_transitions",
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("old", WORD, nullable=True),
        sa.Column("new", WORD, nullable=False),
        sa.Column("reason", SEALED, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_badge_transitions_actor_id")
        ),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badges.id"], name=op.f("fk_badge_transitions_badge_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_badge_transitions_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_transitions")),
    )
    op.create_index(
        op.f("ix_badge_transitions_badge_id"),
        "badge_transitions",
        ["badge_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_badge_transitions_organisation_id"),
        "badge_transitions",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "cases",
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("borrower_id", sa.Uuid(), nullable=False),
        sa.Column("debt_ref", SEALED, nullable=False),
        sa.Column("debt_ref_digest", sa.String(length=64), nullable=False),
        sa.Column("days_past_due", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("row_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_cases_amount")),
        sa.CheckConstraint("days_past_due >= 0", name=op.f("ck_cases_days")),
        sa.ForeignKeyConstraint(
            ["borrower_id"], ["borrowers.id"], name=op.f("fk_cases_borrower_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["creditors.id"], name=op.f("fk_cases_creditor_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_cases_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint(
            "organisation_id",
            "external_id",
            name=op.f("uq_cases_organisation_id_external_id"),
        ),
    )
    op.create_index(
        op.f("ix_cases_borrower_id"), "cases", ["borrower_id"], unique=False
    )
    op.create_index(
        op.f("ix_cases_creditor_id"), "cases", ["creditor_id"], unique=False
    )
    op.create_index(
        op.f("ix_cases_debt_ref_digest"), "cases", ["debt_ref_digest"], unique=False
    )
    op.create_index(
        op.f("ix_cases_organisation_id"), "cases", ["organisation_id"], unique=False
    )
    op.create_table(
        "import_problems",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_problems_import_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_import_problems_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problems")),
    )
    op.create_index(
        op.f("ix_import_problems_import_id"),
        "import_problems",
        ["import_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_import_problems_organisation_id"),
        "import_problems",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "login_sessions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_login_sessions_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_login_sessions_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_login_sessions_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
    )
    op.create_index(
        op.f("ix_login_sessions_organisation_id"),
        "login_sessions",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_login_sessions_user_id"), "login_sessions", ["user_id"], unique=False
    )
    op.create_table(
        "places",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("address", SEALED, nullable=True),
        sa.Column("position", SEALED, nullable=False),
        sa.Column("datum", sa.String(length=10), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("time_zone", sa.String(length=40), nullable=True),
        sa.Column("unschedulable", JSON, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('home', 'workplace', 'other')", name=op.f("ck_places_kind_word")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_places_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_places_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
        sa.UniqueConstraint(
            "case_id", "external_id", name=op.f("uq_places_case_id_external_id")
        ),
    )
    op.create_index(op.f("ix_places_case_id"), "places", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_places_organisation_id"), "places", ["organisation_id"], unique=False
    )
    op.create_table(
        "wishes",
        sa.Column("borrower_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("spans", JSON, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('only', 'avoid')", name=op.f("ck_wishes_kind_word")
        ),
        sa.ForeignKeyConstraint(
            ["borrower_id"], ["borrowers.id"], name=op.f("fk_wishes_borrower_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_wishes_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_wishes_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
    )
    op.create_index(
        op.f("ix_wishes_borrower_id"), "wishes", ["borrower_id"], unique=False
    )
    op.create_index(op.f("ix_wishes_case_id"), "wishes", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_wishes_organisation_id"), "wishes", ["organisation_id"], unique=False
    )
    op.create_table(
        "consents",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("evidence", SEALED, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('workplace_visit', 'enter_home', 'outside_hours')",
            name=op.f("ck_consents_kind_word"),
        ),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_consents_span")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_consents_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_consents_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["places.id"], name=op.f("fk_consents_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_consents_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_case_id"), "consents", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_consents_organisation_id"),
        "consents",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "visits",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("planned_start", INSTANT, nullable=False),
        sa.Column("planned_end", INSTANT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("obligations", JSON, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'assigned', 'published', 'under_way', 'done', 'cancelled')",
            name=op.f("ck_visits_state_word"),
        ),
        sa.CheckConstraint(
            "planned_end > planned_start", name=op.f("ck_visits_window")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_visits_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_visits_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_visits_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["places.id"], name=op.f("fk_visits_place_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_case_id"), "visits", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_visits_organisation_id"), "visits", ["organisation_id"], unique=False
    )
    op.create_index(
        op.f("ix_visits_organisation_id_planned_start"),
        "visits",
        ["organisation_id", "planned_start"],
        unique=False,
    )
    op.create_index(op.f("ix_visits_place_id"), "visits", ["place_id"], unique=False)
    op.create_table(
        "verifications",
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("answer", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "answer IN ('expected_now', 'not_now', 'not_valid', 'unknown', 'too_many_tries')",
            name=op.f("ck_verifications_answer_word"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_verifications_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_verifications_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    op.create_index(
        op.f("ix_verifications_source_digest_at"),
        "verifications",
        ["source_digest", "at"],
        unique=False,
    )
    op.create_table(
        "visit_codes",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("doorstep_word", sa.String(length=40), nullable=False),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_to", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "valid_to > valid_from", name=op.f("ck_visit_codes_validity")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_visit_codes_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_codes_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_codes")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_visit_codes_code_digest")),
    )
    op.create_index(
        op.f("ix_visit_codes_organisation_id"),
        "visit_codes",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_visit_codes_visit_id"), "visit_codes", ["visit_id"], unique=False
    )
    op.create_table(
        "visit_transitions",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("old", WORD, nullable=True),
        sa.Column("new", WORD, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_visit_transitions_actor_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_visit_transitions_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_transitions_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_transitions")),
    )
    op.create_index(
        op.f("ix_visit_transitions_organisation_id"),
        "visit_transitions",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_visit_transitions_visit_id"),
        "visit_transitions",
        ["visit_id"],
        unique=False,
    )
    op.create_table(
        "visitors",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("planned_start", INSTANT, nullable=False),
        sa.Column("planned_end", INSTANT, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("departed_at", INSTANT, nullable=True),
        sa.Column("buddy_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "planned_end > planned_start", name=op.f("ck_visitors_window")
        ),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badges.id"], name=op.f("fk_visitors_badge_id")
        ),
        sa.ForeignKeyConstraint(
            ["buddy_id"], ["users.id"], name=op.f("fk_visitors_buddy_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_visitors_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_visitors_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visitors_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitors")),
        sa.UniqueConstraint(
            "visit_id", "user_id", name=op.f("uq_visitors_visit_id_user_id")
        ),
    )
    op.create_index(
        op.f("ix_visitors_organisation_id"),
        "visitors",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_visitors_user_id_planned_start"),
        "visitors",
        ["user_id", "planned_start"],
        unique=False,
    )
    op.create_index(
        op.f("ix_visitors_visit_id"), "visitors", ["visit_id"], unique=False
    )
    op.create_table(
        "watches",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("buddy_id", sa.Uuid(), nullable=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("contact", sa.String(length=8), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("own_due_at", INSTANT, nullable=False),
        sa.Column("ends_by", INSTANT, nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", WORD, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)",
            name=op.f("ck_watches_closing"),
        ),
        sa.CheckConstraint(
            "contact IN ('allowed', 'refused')", name=op.f("ck_watches_contact_word")
        ),
        sa.CheckConstraint("kind IN ('visit')", name=op.f("ck_watches_kind_word")),
        sa.CheckConstraint(
            "state IN ('armed', 'overdue', 'superseded', 'closed')",
            name=op.f("ck_watches_state_word"),
        ),
        sa.ForeignKeyConstraint(
            ["buddy_id"], ["users.id"], name=op.f("fk_watches_buddy_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_watches_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by"], ["watches.id"], name=op.f("fk_watches_superseded_by")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_watches_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_watches_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
    )
    op.create_index(
        "ix_watches_armed_due",
        "watches",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'armed'"),
        postgresql_where=sa.text("state = 'armed'"),
    )
    op.create_index(
        op.f("ix_watches_organisation_id"), "watches", ["organisation_id"], unique=False
    )
    op.create_index(
        "ix_watches_open",
        "watches",
        ["user_id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_watches_user_id"), "watches", ["user_id"], unique=False)
    op.create_index(
        op.f("ix_watches_visit_id_user_id"),
        "watches",
        ["visit_id", "user_id"],
        unique=False,
    )
    op.create_index(
        "uq_watches_one_armed_visit",
        "watches",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("state = 'armed' AND kind = 'visit'"),
        postgresql_where=sa.text("state = 'armed' AND kind = 'visit'"),
    )
    op.create_table(
        "alerts",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("dedup_key", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("watch_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("buddy_id", sa.Uuid(), nullable=True),
        sa.Column("policy", JSON, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("ladder_from", INSTANT, nullable=False),
        sa.Column("next_action_at", INSTANT, nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("owned_until", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('overdue', 'sos')", name=op.f("ck_alerts_kind_word")
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (next_action_at IS NOT NULL)",
            name=op.f("ck_alerts_no_silent_end"),
        ),
        sa.CheckConstraint(
            "(owner_id IS NULL) = (owned_until IS NULL)",
            name=op.f("ck_alerts_lease_has_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["buddy_id"], ["users.id"], name=op.f("fk_alerts_buddy_id")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["users.id"], name=op.f("fk_alerts_closed_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_alerts_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_alerts_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_alerts_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_alerts_visit_id")
        ),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watches.id"], name=op.f("fk_alerts_watch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint(
            "organisation_id",
            "dedup_key",
            name=op.f("uq_alerts_organisation_id_dedup_key"),
        ),
    )
    op.create_index(
        "ix_alerts_open_next_action",
        "alerts",
        ["next_action_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        op.f("ix_alerts_organisation_id"), "alerts", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_alerts_user_id"), "alerts", ["user_id"], unique=False)
    op.create_index(op.f("ix_alerts_watch_id"), "alerts", ["watch_id"], unique=False)
    op.create_index(
        "uq_alerts_one_open_sos",
        "alerts",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL AND kind = 'sos'"),
        postgresql_where=sa.text("closed_at IS NULL AND kind = 'sos'"),
    )
    op.create_table(
        "watch_events",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("watch_id", sa.Uuid(), nullable=True),
        sa.Column("buddy_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("phone_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("position", SEALED, nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("outside_fence", sa.Boolean(), nullable=False),
        sa.Column("recording", sa.Boolean(), nullable=True),
        sa.Column("result", WORD, nullable=False),
        sa.Column("outcome", WORD, nullable=True),
        sa.Column("words", SEALED, nullable=True),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("answer", SEALED, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('depart', 'check_in', 'extend', 'check_out', 'withdraw', 'sos')",
            name=op.f("ck_watch_events_kind_word"),
        ),
        sa.CheckConstraint(
            "result IN ('ok', 'already', 'already_closed', 'before_check_in', 'not_watched', 'time_to_leave', 'wrong_pin')",
            name=op.f("ck_watch_events_result_word"),
        ),
        sa.CheckConstraint(
            "outcome IN ('borrower_met', 'other_person', 'nobody', 'refused', 'wrong_address', 'withdrew_unsafe')",
            name=op.f("ck_watch_events_outcome_word"),
        ),
        sa.ForeignKeyConstraint(
            ["buddy_id"], ["users.id"], name=op.f("fk_watch_events_buddy_id")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_watch_events_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_watch_events_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_watch_events_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_watch_events_visit_id")
        ),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watches.id"], name=op.f("fk_watch_events_watch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_events")),
        sa.UniqueConstraint(
            "user_id", "event_id", name=op.f("uq_watch_events_user_id_event_id")
        ),
    )
    op.create_index(
        op.f("ix_watch_events_organisation_id"),
        "watch_events",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_watch_events_user_id_received_at"),
        "watch_events",
        ["user_id", "received_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_watch_events_visit_id"), "watch_events", ["visit_id"], unique=False
    )
    op.create_table(
        "watch_transitions",
        sa.Column("watch_id", sa.Uuid(), nullable=False),
        sa.Column("old", WORD, nullable=True),
        sa.Column("new", WORD, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_watch_transitions_actor_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_watch_transitions_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watches.id"], name=op.f("fk_watch_transitions_watch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_transitions")),
    )
    op.create_index(
        op.f("ix_watch_transitions_organisation_id"),
        "watch_transitions",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_watch_transitions_watch_id"),
        "watch_transitions",
        ["watch_id"],
        unique=False,
    )
    op.create_table(
        "alert_entries",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("words", SEALED, nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opened', 'step', 'reached_nobody', 'repeated_sos', 'acknowledged', 'lease_expired', 'note', 'repaired', 'closed', 'all_clear')",
            name=op.f("ck_alert_entries_kind_word"),
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_alert_entries_actor_id")
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_entries_alert_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_alert_entries_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_entries")),
    )
    op.create_index(
        op.f("ix_alert_entries_alert_id"), "alert_entries", ["alert_id"], unique=False
    )
    op.create_index(
        op.f("ix_alert_entries_organisation_id"),
        "alert_entries",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "messages",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("lane", WORD, nullable=False),
        sa.Column("dedup_key", sa.String(length=160), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("recipient", SEALED, nullable=True),
        sa.Column("body", SEALED, nullable=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("channel_rank", sa.Integer(), nullable=False),
        sa.Column("available_at", INSTANT, nullable=False),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("final_at", INSTANT, nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'leased') = (leased_until IS NOT NULL)",
            name=op.f("ck_messages_lease"),
        ),
        sa.CheckConstraint(
            "(state IN ('pending', 'leased')) = (final_at IS NULL)",
            name=op.f("ck_messages_final"),
        ),
        sa.CheckConstraint(
            "kind IN ('visit_notice', 'visit_cancelled', 'alert_step', 'all_clear', 'departure', 'withdrawal', 'dispatcher_note', 'check_failed', 'sentinel')",
            name=op.f("ck_messages_kind_word"),
        ),
        sa.CheckConstraint(
            "lane IN ('sos', 'alert', 'ordinary')", name=op.f("ck_messages_lane_word")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'leased', 'sent', 'failed', 'cancelled')",
            name=op.f("ck_messages_state_word"),
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_messages_alert_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_messages_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_messages_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_messages_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_messages_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "organisation_id",
            "dedup_key",
            name=op.f("uq_messages_organisation_id_dedup_key"),
        ),
    )
    op.create_index(
        op.f("ix_messages_alert_id"), "messages", ["alert_id"], unique=False
    )
    op.create_index(
        op.f("ix_messages_organisation_id"),
        "messages",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(op.f("ix_messages_user_id"), "messages", ["user_id"], unique=False)
    op.create_index(
        op.f("ix_messages_visit_id"), "messages", ["visit_id"], unique=False
    )
    op.create_index(
        "ix_messages_waiting",
        "messages",
        ["lane", "available_at"],
        unique=False,
        sqlite_where=sa.text("final_at IS NULL"),
        postgresql_where=sa.text("final_at IS NULL"),
    )
    op.create_table(
        "contacts",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("debt_ref_digest", sa.String(length=64), nullable=False),
        sa.Column("debtor_ref_digest", sa.String(length=64), nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", WORD, nullable=True),
        sa.Column("decision", JSON, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('visit', 'call', 'sms', 'email', 'letter', 'notice', 'web')",
            name=op.f("ck_contacts_channel_word"),
        ),
        sa.CheckConstraint(
            "kind IN ('attempt', 'contact', 'answer')",
            name=op.f("ck_contacts_kind_word"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_contacts_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["creditors.id"], name=op.f("fk_contacts_creditor_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_contacts_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_contacts_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_contacts_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_contacts_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(
        op.f("ix_contacts_case_id_at"), "contacts", ["case_id", "at"], unique=False
    )
    op.create_index(
        op.f("ix_contacts_debtor_ref_digest_at"),
        "contacts",
        ["debtor_ref_digest", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contacts_organisation_id"),
        "contacts",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contacts_message_id"), "contacts", ["message_id"], unique=False
    )
    op.create_index(
        op.f("ix_contacts_visit_id"), "contacts", ["visit_id"], unique=False
    )
    op.create_table(
        "receipts",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("channel", WORD, nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_receipts_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_receipts_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_index(
        op.f("ix_receipts_message_id"), "receipts", ["message_id"], unique=False
    )
    op.create_index(
        op.f("ix_receipts_organisation_id"),
        "receipts",
        ["organisation_id"],
        unique=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    """Drop everything; there is nothing before."""
    op.drop_index(op.f("ix_receipts_organisation_id"), table_name="receipts")
    op.drop_index(op.f("ix_receipts_message_id"), table_name="receipts")
    op.drop_table("receipts")
    op.drop_index(op.f("ix_contacts_visit_id"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_message_id"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_organisation_id"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_debtor_ref_digest_at"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_case_id_at"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(
        "ix_messages_waiting",
        table_name="messages",
        sqlite_where=sa.text("final_at IS NULL"),
        postgresql_where=sa.text("final_at IS NULL"),
    )
    op.drop_index(op.f("ix_messages_visit_id"), table_name="messages")
    op.drop_index(op.f("ix_messages_user_id"), table_name="messages")
    op.drop_index(op.f("ix_messages_organisation_id"), table_name="messages")
    op.drop_index(op.f("ix_messages_alert_id"), table_name="messages")
    op.drop_table("messages")
    op.drop_index(op.f("ix_alert_entries_organisation_id"), table_name="alert_entries")
    op.drop_index(op.f("ix_alert_entries_alert_id"), table_name="alert_entries")
    op.drop_table("alert_entries")
    op.drop_index(op.f("ix_watch_transitions_watch_id"), table_name="watch_transitions")
    op.drop_index(
        op.f("ix_watch_transitions_organisation_id"), table_name="watch_transitions"
    )
    op.drop_table("watch_transitions")
    op.drop_index(op.f("ix_watch_events_visit_id"), table_name="watch_events")
    op.drop_index(
        op.f("ix_watch_events_user_id_received_at"), table_name="watch_events"
    )
    op.drop_index(op.f("ix_watch_events_organisation_id"), table_name="watch_events")
    op.drop_table("watch_events")
    op.drop_index(
        "uq_alerts_one_open_sos",
        table_name="alerts",
        sqlite_where=sa.text("closed_at IS NULL AND kind = 'sos'"),
        postgresql_where=sa.text("closed_at IS NULL AND kind = 'sos'"),
    )
    op.drop_index(op.f("ix_alerts_watch_id"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_user_id"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_organisation_id"), table_name="alerts")
    op.drop_index(
        "ix_alerts_open_next_action",
        table_name="alerts",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("alerts")
    op.drop_index(
        "uq_watches_one_armed_visit",
        table_name="watches",
        sqlite_where=sa.text("state = 'armed' AND kind = 'visit'"),
        postgresql_where=sa.text("state = 'armed' AND kind = 'visit'"),
    )
    op.drop_index(op.f("ix_watches_visit_id_user_id"), table_name="watches")
    op.drop_index(op.f("ix_watches_user_id"), table_name="watches")
    op.drop_index(
        "ix_watches_open",
        table_name="watches",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_watches_organisation_id"), table_name="watches")
    op.drop_index(
        "ix_watches_armed_due",
        table_name="watches",
        sqlite_where=sa.text("state = 'armed'"),
        postgresql_where=sa.text("state = 'armed'"),
    )
    op.drop_table("watches")
    op.drop_index(op.f("ix_visitors_visit_id"), table_name="visitors")
    op.drop_index(op.f("ix_visitors_user_id_planned_start"), table_name="visitors")
    op.drop_index(op.f("ix_visitors_organisation_id"), table_name="visitors")
    op.drop_table("visitors")
    op.drop_index(op.f("ix_visit_transitions_visit_id"), table_name="visit_transitions")
    op.drop_index(
        op.f("ix_visit_transitions_organisation_id"), table_name="visit_transitions"
    )
    op.drop_table("visit_transitions")
    op.drop_index(op.f("ix_visit_codes_visit_id"), table_name="visit_codes")
    op.drop_index(op.f("ix_visit_codes_organisation_id"), table_name="visit_codes")
    op.drop_table("visit_codes")
    op.drop_index(op.f("ix_verifications_source_digest_at"), table_name="verifications")
    op.drop_table("verifications")
    op.drop_index(op.f("ix_visits_place_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_organisation_id_planned_start"), table_name="visits")
    op.drop_index(op.f("ix_visits_organisation_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_case_id"), table_name="visits")
    op.drop_table("visits")
    op.drop_index(op.f("ix_consents_organisation_id"), table_name="consents")
    op.drop_index(op.f("ix_consents_case_id"), table_name="consents")
    op.drop_table("consents")
    op.drop_index(op.f("ix_wishes_organisation_id"), table_name="wishes")
    op.drop_index(op.f("ix_wishes_case_id"), table_name="wishes")
    op.drop_index(op.f("ix_wishes_borrower_id"), table_name="wishes")
    op.drop_table("wishes")
    op.drop_index(op.f("ix_places_organisation_id"), table_name="places")
    op.drop_index(op.f("ix_places_case_id"), table_name="places")
    op.drop_table("places")
    op.drop_index(op.f("ix_login_sessions_user_id"), table_name="login_sessions")
    op.drop_index(
        op.f("ix_login_sessions_organisation_id"), table_name="login_sessions"
    )
    op.drop_table("login_sessions")
    op.drop_index(
        op.f("ix_import_problems_organisation_id"), table_name="import_problems"
    )
    op.drop_index(op.f("ix_import_problems_import_id"), table_name="import_problems")
    op.drop_table("import_problems")
    op.drop_index(op.f("ix_cases_organisation_id"), table_name="cases")
    op.drop_index(op.f("ix_cases_debt_ref_digest"), table_name="cases")
    op.drop_index(op.f("ix_cases_creditor_id"), table_name="cases")
    op.drop_index(op.f("ix_cases_borrower_id"), table_name="cases")
    op.drop_table("cases")
    op.drop_index(
        op.f("ix_badge_transitions_organisation_id"), table_name="badge_transitions"
    )
    op.drop_index(op.f("ix_badge_transitions_badge_id"), table_name="badge_transitions")
    op.drop_table("badge_transitions")
    op.drop_index(op.f("ix_policy_steps_organisation_id"), table_name="policy_steps")
    op.drop_table("policy_steps")
    op.drop_index(op.f("ix_imports_organisation_id"), table_name="imports")
    op.drop_index("uq_imports_running", table_name="imports")
    op.drop_table("imports")
    op.drop_index(op.f("ix_devices_user_id"), table_name="devices")
    op.drop_index(op.f("ix_devices_organisation_id"), table_name="devices")
    op.drop_table("devices")
    op.drop_index(
        op.f("ix_creditor_listings_organisation_id"), table_name="creditor_listings"
    )
    op.drop_index(
        op.f("ix_creditor_listings_creditor_id"), table_name="creditor_listings"
    )
    op.drop_table("creditor_listings")
    op.drop_index(
        op.f("ix_borrowers_organisation_id_phone_digest"), table_name="borrowers"
    )
    op.drop_index(op.f("ix_borrowers_organisation_id"), table_name="borrowers")
    op.drop_index(op.f("ix_borrowers_debtor_ref_digest"), table_name="borrowers")
    op.drop_table("borrowers")
    op.drop_index(op.f("ix_badges_user_id"), table_name="badges")
    op.drop_index(op.f("ix_badges_organisation_id"), table_name="badges")
    op.drop_table("badges")
    op.drop_table("audit_seals")
    op.drop_table("audit_pending")
    op.drop_index(op.f("ix_users_organisation_id"), table_name="users")
    op.drop_table("users")
    op.drop_index(op.f("ix_policies_organisation_id"), table_name="policies")
    op.drop_table("policies")
    op.drop_index(
        op.f("ix_message_channels_organisation_id"), table_name="message_channels"
    )
    op.drop_table("message_channels")
    op.drop_index(op.f("ix_creditors_organisation_id"), table_name="creditors")
    op.drop_table("creditors")
    op.drop_index(op.f("ix_audit_rows_organisation_id_id"), table_name="audit_rows")
    op.drop_index(op.f("ix_audit_rows_subject_id"), table_name="audit_rows")
    op.drop_table("audit_rows")
    op.drop_index(op.f("ix_process_pulses_beat_at"), table_name="process_pulses")
    op.drop_table("process_pulses")
    op.drop_table("organisations")
    op.drop_table("installation")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
