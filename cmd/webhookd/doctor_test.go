package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

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

// ailment is one thing that is wrong with the world around the service.
type ailment struct {
	name   string
	harm   func(t *testing.T, r *rig) (settings []string)
	check  string // which finds it
	want   verdict
	says   string
	spared string // a check that must be well all the same
}

// TestDoctorFindings breaks one thing after another. Whatever is wrong, all the rest is looked at.
func TestDoctorFindings(t *testing.T) {
	t.Parallel()
	for _, tt := range slices.Concat(ailments(), databaseAilments(), gatewayAilments()) {
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

// ailments are those of the configuration and of the ways in.
func ailments() []ailment {
	return []ailment{
		{"a wrong variable", func(*testing.T, *rig) []string {
			return []string{"GATEWAY_RPS=-1"}
		}, "configuration", verdictFail, "GATEWAY_RPS", "gateway key"},
		{"no token", func(*testing.T, *rig) []string {
			return []string{"WEBHOOK_TOKENS="}
		}, "configuration", verdictWarn, "WEBHOOK_TOKENS is not set", "database"},
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
	}
}

// page404 is a web server that is neither a gateway nor a webhookd.
func page404(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return server.URL
}
