package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// findings are what the doctor said, by check.
type findings map[string][]finding

// worst is the check's worst verdict.
func (f findings) worst(check string) verdict {
	order := []verdict{"", verdictOK, verdictInfo, verdictWarn, verdictFail}
	worst := verdict("")
	for _, one := range f[check] {
		if slices.Index(order, one.Verdict) > slices.Index(order, worst) {
			worst = one.Verdict
		}
	}
	return worst
}

// examine runs the doctor. Its exit status must fit, and nothing it says may hold a secret.
func examine(t *testing.T, environ []string) findings {
	t.Helper()
	status, stdout, stderr := invoke(t, environ, "doctor", "--json")
	var list []finding
	if err := json.Unmarshal([]byte(stdout), &list); err != nil {
		t.Fatalf("%v in %s%s", err, stdout, stderr)
	}
	found := findings{}
	failed := 0
	for _, f := range list {
		found[f.Check] = append(found[f.Check], f)
		if f.Verdict == verdictFail {
			failed = 1
		}
		if bad := f.Verdict == verdictFail || f.Verdict == verdictWarn; bad != (f.Advice != "") {
			t.Errorf("advice does not fit: %+v", f)
		}
		if strings.Contains(f.Found+f.Advice, "\n") {
			t.Errorf("more than one line: %+v", f)
		}
	}
	if status != failed {
		t.Errorf("exit status %d, want %d: %s", status, failed, stderr)
	}
	for _, secret := range []string{sandbox.DefaultAPIKey, apiSecret, hookToken, "db-password"} {
		if strings.Contains(stdout+stderr, secret) {
			t.Errorf("a secret is shown: %s%s", stdout, stderr)
		}
	}
	return found
}

// TestDoctorOfAHealthyService finds nothing wrong, and shows the same to people.
func TestDoctorOfAHealthyService(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	environ := append(r.environHere(s), "PUBLIC_URL="+s.url, "ALLOW_TEST_ORDERS=false", "SWEEP_INTERVAL=10m")
	found := examine(t, environ)
	checks := []string{
		"configuration", "database", "database primary", "database schema", "database rights", "database clock",
		"database connections", "database pooler", "gateway", "gateway key", "gateway list", "gateway clock",
		"webhook address", "instance",
	}
	status, text, _ := invoke(t, environ, "doctor")
	for _, check := range checks {
		if v := found.worst(check); v != verdictOK {
			t.Errorf("%s is %q: %+v", check, v, found[check])
		}
		if !strings.Contains(text, "ok    "+check+" ") {
			t.Errorf("people do not see %s", check)
		}
	}
	if status != 0 || len(found) != len(checks) || strings.Count(text, "\n") != len(checks) {
		t.Errorf("exit status %d, %d checks:\n%s", status, len(found), text)
	}
	if events := s.feed(t); len(events) != 0 || len(r.column(t, "select order_id from checks")) != 0 {
		t.Error("the doctor left something behind")
	}
}

// TestDoctorFindings breaks one thing after another. Whatever is wrong, all the rest is looked at.
func TestDoctorFindings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		harm   func(t *testing.T, r *rig) (settings []string)
		check  string
		want   verdict
		says   string
		spared string // a check that must be well all the same
	}{
		{"a wrong variable", func(*testing.T, *rig) []string {
			return []string{"GATEWAY_RPS=-1"}
		}, "configuration", verdictFail, "GATEWAY_RPS", "gateway key"},
		{"no token", func(*testing.T, *rig) []string {
			return []string{"WEBHOOK_TOKENS="}
		}, "configuration", verdictWarn, "WEBHOOK_TOKENS is not set", "database"},
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
		{"no gateway", func(*testing.T, *rig) []string {
			return []string{"NOPAYN_BASE_URL=http://127.0.0.1:1"}
		}, "gateway", verdictFail, "refused", "database rights"},
		{"a gateway that is silent", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpCurrencies, "", 0, sandbox.Hang())
			return nil
		}, "gateway", verdictFail, "deadline", "database rights"},
		{"a gateway that nobody knows", func(*testing.T, *rig) []string {
			return []string{"NOPAYN_BASE_URL=https://gateway..example"} // no resolver is asked for such a name
		}, "gateway", verdictFail, "lookup gateway..example", "database rights"},
		{"a gateway that nobody trusts", func(t *testing.T, r *rig) []string {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			return []string{"NOPAYN_BASE_URL=" + server.URL}
		}, "gateway", verdictFail, "certificate", "database rights"},
		{"something else for a gateway", func(t *testing.T, r *rig) []string {
			return []string{"NOPAYN_BASE_URL=" + page404(t)}
		}, "gateway key", verdictFail, "does not speak like the gateway", "gateway"},
		{"a wrong key", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpAny, "", 0, sandbox.Unauthorized())
			return nil
		}, "gateway key", verdictFail, "refused", "gateway"},
		{"a key that may little", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpCurrencies, "", 0, sandbox.Refuse(403))
			return nil
		}, "gateway key", verdictWarn, "403", "gateway list"},
		{"a gateway in trouble", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpAny, "", 0, sandbox.Refuse(503))
			return nil
		}, "gateway key", verdictWarn, "503", "gateway"},
		{"no right to list", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpList, "", 0, sandbox.Refuse(403))
			return []string{"SWEEP_INTERVAL=10m"}
		}, "gateway list", verdictWarn, "may not list", "gateway key"},
		{"no right to list, and no need", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpList, "", 0, sandbox.Refuse(403))
			return []string{"SWEEP_INTERVAL=0"}
		}, "gateway list", verdictInfo, "sweep that would do it is off", "gateway key"},
		{"a gateway of yesterday", func(_ *testing.T, r *rig) []string {
			yesterday := time.Now().Add(-24 * time.Hour).UTC().Format(http.TimeFormat)
			r.gateway.Break(sandbox.OpAny, "", 0, sandbox.Reply(200, http.Header{"Date": {yesterday}}, `{"payment_methods":{}}`))
			return nil
		}, "gateway clock", verdictWarn, "behind", "gateway key"},
		{"nobody at the public address", func(*testing.T, *rig) []string {
			return []string{"PUBLIC_URL=http://127.0.0.1:1"}
		}, "webhook address", verdictWarn, "refused", "gateway key"},
		{"somebody else at the public address", func(t *testing.T, r *rig) []string {
			return []string{"PUBLIC_URL=" + page404(t)}
		}, "webhook address", verdictWarn, "no webhookd (HTTP 404)", "gateway key"},
		{"another webhookd at the public address", func(t *testing.T, r *rig) []string {
			s := newRig(t).start(t, "WEBHOOK_TOKENS=somebody-elses-token")
			return []string{"PUBLIC_URL=" + s.url}
		}, "webhook address", verdictWarn, "does not take our webhooks", "gateway key"},
		{"no instance", func(*testing.T, *rig) []string {
			return []string{"ADMIN_ADDR=127.0.0.1:1"}
		}, "instance", verdictInfo, "none runs", "gateway key"},
		{"an instance that is not ready", func(t *testing.T, r *rig) []string {
			s := newRigOn(t, pg.Empty(t)).startUnready(t, "MIGRATE=off")
			eventually(t, "it has come to its checks", func() bool {
				return strings.Contains(s.get(t, s.admin+"/readyz?verbose"), "[-] migrations")
			})
			return []string{"ADMIN_ADDR=" + strings.TrimPrefix(s.admin, "http://")}
		}, "instance", verdictFail, "[-] migrations", "gateway key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			found := examine(t, r.environ(tt.harm(t, r)...))
			if v := found.worst(tt.check); v != tt.want {
				t.Errorf("%s is %q, want %q", tt.check, v, tt.want)
			}
			said := slices.ContainsFunc(found[tt.check], func(f finding) bool {
				return f.Verdict == tt.want && strings.Contains(f.Found, tt.says)
			})
			if !said {
				t.Errorf("%s does not say %q: %+v", tt.check, tt.says, found[tt.check])
			}
			if v := found.worst(tt.spared); v != verdictOK {
				t.Errorf("%s is %q: %+v", tt.spared, v, found[tt.spared])
			}
			if len(found) < 14 {
				t.Errorf("only %d checks are told of: %v", len(found), found)
			}
		})
	}
}

// page404 is a web server that is neither a gateway nor a webhookd.
func page404(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return server.URL
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
