"""Tables by month: made ahead, append-only for everybody but the owner.

The owner's functions let the application role make next month's tables,
which it does not own.
"""

from __future__ import annotations

from django.db import migrations

MAKE_APPEND_ONLY = """
CREATE FUNCTION make_append_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE grantee text;
BEGIN
    FOR grantee IN
        SELECT DISTINCT CASE WHEN acl.grantee = 0 THEN 'PUBLIC'
                             ELSE acl.grantee::regrole::text END
        FROM pg_class, aclexplode(relacl) AS acl
        WHERE pg_class.oid = target AND acl.grantee <> relowner
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %s', target, grantee);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION make_append_only(regclass) FROM PUBLIC;
"""

# A new table is made first and then attached: no lock that stops the inserts.
# Its checks are its parent's; the unique index is within the month, for
# PostgreSQL wants the partition's column in every wider one.
CREATE_MONTHS = """
CREATE FUNCTION create_month(parent regclass, month date, one_each text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE child text := parent::text || to_char(month, '_YYYY_MM');
BEGIN
    IF to_regclass(child) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                   child, parent);
    EXECUTE format('CREATE UNIQUE INDEX ON %s (%s)', child, one_each);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                   parent, child,
                   month::timestamp AT TIME ZONE 'UTC',
                   (month + interval '1 month') AT TIME ZONE 'UTC');
    PERFORM make_append_only(child::regclass);
END $$;
REVOKE ALL ON FUNCTION create_month(regclass, date, text) FROM PUBLIC;

CREATE FUNCTION create_months(ahead integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE month date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('reconsite.create_months'));
    FOR month IN
        SELECT generate_series(
            date_trunc('month', now() AT TIME ZONE 'UTC'),
            date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead),
            interval '1 month')
    LOOP
        PERFORM create_month('raw_events', month, 'topic, partition, "offset"');
        PERFORM create_month('result_revisions', month, 'lane, n');
    END LOOP;
END $$;
"""

# For a text primary key Django adds an index for LIKE, which nothing here asks.
NO_LIKE_INDEXES = """
DO $$
DECLARE needless text;
BEGIN
    FOR needless IN
        SELECT indexname FROM pg_indexes
        WHERE schemaname = current_schema AND indexname LIKE '%\\_like'
        AND tablename IN ('open_transactions', 'reconciliation_results')
    LOOP
        EXECUTE format('DROP INDEX %I', needless);
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0001_initial")]

    operations = [
        migrations.RunSQL(MAKE_APPEND_ONLY, "DROP FUNCTION make_append_only(regclass)"),
        migrations.RunSQL(
            CREATE_MONTHS,
            "DROP FUNCTION create_months(integer); DROP FUNCTION create_month(regclass, date, text)",
        ),
        migrations.RunSQL(
            "SELECT make_append_only('raw_events'); SELECT make_append_only('result_revisions')",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("SELECT create_months(3)", migrations.RunSQL.noop),
        migrations.RunSQL(NO_LIKE_INDEXES, migrations.RunSQL.noop),
    ]
