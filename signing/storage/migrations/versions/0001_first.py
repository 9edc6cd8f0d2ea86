"""The first schema: tables, and the triggers that make evidence append-only."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)
SEALED = sa.LargeBinary()
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

APPEND_ONLY = (
    "events",
    "certificates",
    "log_leaves",
    "log_tiles",
    "log_heads",
    "log_checkpoints",
)
"""Neither changed nor deleted."""

UNCHANGED = ("event_openings", "events_pending")
"""Deleted but never changed: erased, or sequenced."""


def upgrade() -> None:
    """Forward; there is no way back: restore a backup instead."""
    _create_callers()
    _create_agreements()
    _create_files()
    _create_signing()
    _create_events()
    _create_log()
    _insert_empty_tree()
    if op.get_bind().dialect.name == "sqlite":
        _create_sqlite_triggers()
    else:
        _create_postgresql_triggers()


def _insert_empty_tree() -> None:
    state = sa.table(
        "log_state",
        sa.column("id", sa.Integer),
        sa.column("size", sa.BigInteger),
        sa.column("root", sa.LargeBinary),
        sa.column("frontier", sa.LargeBinary),
    )
    empty = {"id": 1, "size": 0, "root": hashlib.sha256(b"").digest(), "frontier": bytes(8)}
    op.bulk_insert(state, [empty])


def _create_sqlite_triggers() -> None:
    refused = [(table, verb) for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")]
    refused += [(table, "UPDATE") for table in UNCHANGED]
    refused += [("log_state", "DELETE")]
    for table, verb in refused:
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER log_state_no_shrink BEFORE UPDATE ON log_state WHEN NEW.size < OLD.size "
        "BEGIN SELECT RAISE(ABORT, 'the log never shrinks'); END"
    )


def _create_postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE FUNCTION refuse_shrink() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF NEW.size < OLD.size THEN RAISE EXCEPTION 'the log never shrinks'; END IF; "
        "RETURN NEW; END $$"
    )
    for table in APPEND_ONLY:
        _refuse(table, "UPDATE OR DELETE")
    for table in UNCHANGED:
        _refuse(table, "UPDATE")
    _refuse("log_state", "DELETE")
    op.execute(
        "CREATE TRIGGER log_state_no_shrink BEFORE UPDATE ON log_state "
        "FOR EACH ROW EXECUTE FUNCTION refuse_shrink()"
    )


def _refuse(table: str, verbs: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _create_callers() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_api_keys_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("secret_sha256", name="uq_api_keys_secret_sha256"),
    )
    op.create_index("ix_api_keys_tenant_id", "api_keys", ["tenant_id"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("key_sha256", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("answer", SEALED, nullable=True),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key_sha256", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_started_at", "idempotency", ["started_at"], unique=False)
    op.create_table(
        "certificates",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_certificates"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", SEALED, nullable=False),
        sa.Column("run_at", TIME, nullable=False),
        sa.Column("leased_until", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", SEALED, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_run_at", "jobs", ["run_at", "id"], unique=False)
    op.create_index("uq_jobs_kind_key", "jobs", ["kind", "key"], unique=True)


def _create_agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("performance_place", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("draft", SEALED, nullable=False),
        sa.Column("findings", SEALED, nullable=False),
        sa.Column("closed_reason", SEALED, nullable=False),
        sa.Column("template_version", sa.String(), nullable=False),
        sa.Column("template_sha256", sa.String(), nullable=False),
        sa.Column("rule_pack_version", sa.String(), nullable=False),
        sa.Column("renderer_id", sa.String(), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("revision_sha256", sa.String(), nullable=False),
        sa.Column("document_sha256", sa.String(), nullable=False),
        sa.Column("archive_sha256", sa.String(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("completed_at", TIME, nullable=True),
        sa.Column("test_certificates", sa.Boolean(), nullable=False),
        sa.Column("audit_n", sa.Integer(), nullable=False),
        sa.Column("audit_head", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_agreements_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agreements"),
        sa.UniqueConstraint("number", name="uq_agreements_number"),
        sa.UniqueConstraint("tag", name="uq_agreements_tag"),
    )
    op.create_index("ix_agreements_due", "agreements", ["status", "expires_at"], unique=False)
    op.create_index(
        "ix_agreements_newest", "agreements", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_agreements_reference", "agreements", ["tenant_id", "reference"], unique=False
    )
    op.create_table(
        "parties",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("name", SEALED, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("custody", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("link_generation", sa.Integer(), nullable=False),
        sa.Column("signed_at", TIME, nullable=True),
        sa.Column("signed_sha256", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name="fk_parties_agreement_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_parties"),
    )
    op.create_index("ix_parties_agreement_id", "parties", ["agreement_id"], unique=False)


def _create_files() -> None:
    op.create_table(
        "files",
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("page", SEALED, nullable=False),
        sa.Column("plan", SEALED, nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name="fk_files_agreement_id"),
        sa.PrimaryKeyConstraint("agreement_id", name="pk_files"),
    )
    op.create_table(
        "revisions",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name="fk_revisions_agreement_id"
        ),
        sa.PrimaryKeyConstraint("sha256", "agreement_id", name="pk_revisions"),
    )
    op.create_index("ix_revisions_agreement_id", "revisions", ["agreement_id"], unique=False)
    op.create_table(
        "lookups",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name="fk_lookups_agreement_id"
        ),
        sa.PrimaryKeyConstraint("token", "agreement_id", name="pk_lookups"),
    )
    op.create_index("ix_lookups_agreement_id", "lookups", ["agreement_id"], unique=False)


def _create_signing() -> None:
    op.create_table(
        "ceremonies",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("state", SEALED, nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name="fk_ceremonies_party_id"),
        sa.PrimaryKeyConstraint("party_id", name="pk_ceremonies"),
    )
    op.create_table(
        "intents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("custody", sa.String(), nullable=False),
        sa.Column("base_sha256", sa.String(), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("prepared", SEALED, nullable=False),
        sa.Column("certificates", SEALED, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("result_sha256", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name="fk_intents_agreement_id"
        ),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name="fk_intents_party_id"),
        sa.PrimaryKeyConstraint("id", name="pk_intents"),
    )
    op.create_index("ix_intents_agreement_id", "intents", ["agreement_id"], unique=False)
    op.create_index(
        "ix_intents_party_id_created_at", "intents", ["party_id", "created_at"], unique=False
    )
    op.create_index("ix_intents_status", "intents", ["status"], unique=False)


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("tag", "n", name="uq_events_tag_n"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "event_openings",
        sa.Column("event_id", BIG_ID, nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("opening", SEALED, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_event_openings_event_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_event_openings"),
    )
    op.create_table(
        "events_pending",
        sa.Column("event_id", BIG_ID, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_events_pending_event_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_events_pending"),
    )


def _create_log() -> None:
    op.create_table(
        "log_leaves",
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", BIG_ID, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_log_leaves_event_id"),
        sa.PrimaryKeyConstraint("idx", name="pk_log_leaves"),
        sa.UniqueConstraint("event_id", name="uq_log_leaves_event_id"),
    )
    op.create_table(
        "log_tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "idx", name="pk_log_tiles"),
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_log_state_single"),
        sa.PrimaryKeyConstraint("id", name="pk_log_state"),
    )
    op.create_table(
        "log_heads",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_log_heads"),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("timestamp_token", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["size"], ["log_heads.size"], name="fk_log_checkpoints_size"),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoints"),
    )
