package main

import (
	"strings"
	"testing"
)

func databaseAilments() []ailment {
	return []ailment{
		{"no database configured", func(*testing.T, *rig) []string {
			return []string{"DATABASE_URL="}
		}, "database", verdictInfo, "DATABASE_URL, DB_MAX_CONNS, MIGRATE must be right first", "gateway key"},
		{"no database", func(*testing.T, *rig) []string {
			return []string{"DATABASE_URL=postgres://user:db-password@127.0.0.1:1/db"}
		}, "database", verdictFail, "refused", "gateway key"},
		{"a database of somebody else", func(_ *testing.T, r *rig) []string {
			return []string{"DATABASE_URL=" + strings.Replace(r.database, "postgres@", "nobody-we-know:db-password@", 1)}
		}, "database", verdictFail, "nobody-we-know", "gateway key"},
		{"a read-only database", func(t *testing.T, r *rig) []string {
			r.sql(t, `do $$ begin execute format('alter database %I set default_transaction_read_only = on',
				current_database()); end $$`)
			return nil
		}, "database primary", verdictFail, "read-only", "database schema"},
		{"no migrations yet", func(t *testing.T, r *rig) []string {
			return []string{"DATABASE_URL=" + pg.Empty(t)}
		}, "database schema", verdictWarn, "missing", "database rights"},
		{"no migrations, by order", func(t *testing.T, r *rig) []string {
			return []string{"DATABASE_URL=" + pg.Empty(t), "MIGRATE=off"}
		}, "database schema", verdictFail, "missing", "database rights"},
		{"a role without rights", func(t *testing.T, r *rig) []string {
			return []string{"DATABASE_URL=" + r.loginAs(t, "grant select, insert on checks to %I")}
		}, "database rights", verdictFail, "SELECT, INSERT, DELETE on events; ", "database clock"},
		{"a role that may not migrate", func(t *testing.T, r *rig) []string {
			return []string{"DATABASE_URL=" + r.loginAs(t, "grant all on all tables in schema public to %I")}
		}, "database rights", verdictWarn, "may not create tables", "database schema"},
		{"a role that must migrate and may not", func(t *testing.T, r *rig) []string {
			r.database = pg.Empty(t)
			return []string{"DATABASE_URL=" + r.loginAs(t, "grant usage on schema public to %I")}
		}, "database rights", verdictFail, "may not create tables", "database clock"},
		{"a database of tomorrow", func(t *testing.T, r *rig) []string {
			r.sql(t, `create function clock_timestamp() returns timestamptz
				return pg_catalog.clock_timestamp() + interval '1 day'`)
			return []string{"DATABASE_URL=" + r.database + "&options=-csearch_path%3Dpublic,pg_catalog"}
		}, "database clock", verdictWarn, "24h0m0s ahead", "gateway clock"},
		{"too many connections", func(*testing.T, *rig) []string {
			return []string{"DB_MAX_CONNS=200"}
		}, "database connections", verdictWarn, "DB_MAX_CONNS is 200", "database"},
	}
}

// loginAs makes a role that has but the rights of the statement, in which %I is the role, and returns the database's
// URL for it. It may not create anything, and ends with the server.
func (r *rig) loginAs(t *testing.T, grant string) string {
	t.Helper()
	role := "doctor_" + r.column(t, "select current_database()::text")[0]
	r.sql(t, "create role "+role+" login")
	r.sql(t, "revoke create on schema public from public")
	r.sql(t, strings.ReplaceAll(grant, "%I", role))
	return strings.Replace(r.database, "postgres@", role+"@", 1)
}

// TestRightsCoverTheSchema fails when a migration adds a table that the doctor does not know of.
func TestRightsCoverTheSchema(t *testing.T) {
	t.Parallel()
	for _, table := range newRig(t).column(t, "select tablename::text from pg_tables where schemaname = 'public'") {
		if !strings.Contains(missingRights, "('"+table+"', '") {
			t.Errorf("the doctor does not look at the rights on %s", table)
		}
	}
}
