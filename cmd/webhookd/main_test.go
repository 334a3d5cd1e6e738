package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// invoke runs the program with an environment of its own and returns what it printed.
func invoke(t *testing.T, environ []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), args, environ, &out, &errs)
	return status, out.String(), errs.String()
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	good := (&rig{database: "postgres://localhost/db", gatewayURL: "http://127.0.0.1:1"}).environ()
	tests := []struct {
		name    string
		args    []string
		environ []string
		names   []string // what stderr must name
	}{
		{
			"no configuration",
			[]string{"serve"},
			nil,
			[]string{"DATABASE_URL", "NOPAYN_API_KEY", "NOPAYN_MERCHANT_ID", "API_KEYS"},
		},
		{"serve is the default", nil, nil, []string{"DATABASE_URL"}},
		{
			"five mistakes at once",
			[]string{"config"},
			append(good[:len(good):len(good)],
				"POLL_MIN_AGE=ten", "GATEWAY_RPS=-1", "TRUSTED_PROXIES=10.0.0.0/99", "API_KEYS=a:b:c", "LOG_LEVEL=loud"),
			[]string{"POLL_MIN_AGE", "GATEWAY_RPS", "TRUSTED_PROXIES", "API_KEYS", "LOG_LEVEL"},
		},
		{"unknown command", []string{"fly"}, good, []string{"fly"}},
		{"unknown flag", []string{"serve", "--fast"}, good, []string{"--fast"}},
		{"migrate without a database", []string{"migrate", "up"}, nil, []string{"DATABASE_URL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, _, stderr := invoke(t, tt.environ, tt.args...)
			if status != 2 {
				t.Errorf("exit status %d, want 2", status)
			}
			for _, name := range tt.names {
				if !strings.Contains(stderr, name) {
					t.Errorf("stderr does not name %s:\n%s", name, stderr)
				}
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	if status, stdout, _ := invoke(t, nil, "--help"); status != 0 || !strings.Contains(stdout, "healthcheck") {
		t.Errorf("--help: exit status %d, %s", status, stdout)
	}
	status, stdout, _ := invoke(t, nil, "version", "--json")
	var b build
	if err := json.Unmarshal([]byte(stdout), &b); status != 0 || err != nil || b.Go == "" {
		t.Errorf("version --json: exit status %d, %v, %s", status, err, stdout)
	}
}

func TestConfigCommandMasksSecrets(t *testing.T) {
	t.Parallel()
	environ := (&rig{database: "postgres://user:db-password@localhost/db", gatewayURL: "http://127.0.0.1:1"}).environ()
	for _, args := range [][]string{{"config"}, {"config", "--json"}} {
		status, stdout, stderr := invoke(t, environ, args...)
		if status != 0 || !strings.Contains(stdout, "POLL_MIN_AGE") {
			t.Errorf("%v: exit status %d, %s%s", args, status, stdout, stderr)
		}
		for _, secret := range []string{"db-password", sandbox.DefaultAPIKey, apiSecret, hookToken} {
			if strings.Contains(stdout+stderr, secret) {
				t.Errorf("%v shows a secret", args)
			}
		}
	}
}

func TestMigrateCommands(t *testing.T) {
	t.Parallel()
	environ := []string{"DATABASE_URL=" + pg.Empty(t)}
	status, stdout, stderr := invoke(t, environ, "migrate", "status")
	if status != 0 || !strings.Contains(stdout, "false") {
		t.Errorf("status before: %d, %s%s", status, stdout, stderr)
	}
	if status, stdout, stderr = invoke(t, environ, "migrate", "up"); status != 0 {
		t.Errorf("up: %d, %s%s", status, stdout, stderr)
	}
	status, stdout, stderr = invoke(t, environ, "migrate", "status")
	if status != 0 || strings.Contains(stdout, "false") {
		t.Errorf("status after: %d, %s%s", status, stdout, stderr)
	}
	if status, stdout, _ = invoke(t, environ, "migrate", "up"); status != 0 || !strings.Contains(stdout, "applied 0") {
		t.Errorf("up again: %d, %s", status, stdout)
	}
}

// TestServeRefusesWhatCannotWork starts with a database that says no: that is no reason to wait.
func TestServeRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.database = strings.Replace(r.database, "postgres@", "nobody-we-know:wrong-password@", 1)
	status, _, stderr := invoke(t, r.environ(), "serve")
	if status != 1 || strings.Contains(stderr, "wrong-password") {
		t.Errorf("exit status %d:\n%s", status, stderr)
	}
}

func TestAdminListener(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	for path, want := range map[string]string{
		"/livez": "alive", "/readyz": "ready", "/readyz?verbose": "[+] migrations", "/version": `"go"`,
	} {
		if body := s.get(t, s.admin+path); !strings.Contains(body, want) {
			t.Errorf("%s: %q does not say %q", path, body, want)
		}
	}
	id := r.create(t, "")
	r.pay(t, id)
	s.accepted(t, id)
	s.becomes(t, id, "paid")
	for _, name := range []string{
		"webhooks_total", "webhook_ack_seconds", "hint_batch_size", "checks_total", "checks_due", "oldest_due_seconds",
		"gateway_requests_total", "gateway_request_seconds", "gateway_breaker_open", "state_changes_total",
		"changes_missed_by_webhook_total", "change_delay_seconds", "orders_stuck", "feed_head", "build_info",
	} {
		// What is visible is counted just after.
		eventually(t, "there is a metric webhookd_"+name, func() bool {
			return strings.Contains(s.metrics(t), "\nwebhookd_"+name)
		})
	}
	for _, name := range []string{"pgxpool_", "go_goroutines", "process_resident_memory_bytes"} {
		if !strings.Contains(s.metrics(t), name) {
			t.Errorf("there is no metric %s", name)
		}
	}
	environ := r.environ("ADMIN_ADDR=" + strings.TrimPrefix(s.admin, "http://"))
	if status, stdout, stderr := invoke(t, environ, "healthcheck"); status != 0 {
		t.Errorf("healthcheck: %d, %s%s", status, stdout, stderr)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if status, _, _ := invoke(t, environ, "healthcheck"); status != 1 {
		t.Errorf("healthcheck of a stopped service: %d", status)
	}
}

// TestStopFinishesWhatIsInHand sends the signal while the gateway thinks about an order.
func TestStopFinishesWhatIsInHand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.startProcess(t, longLook, "SHUTDOWN_TIMEOUT=1m")
	id := r.create(t, "")
	r.pay(t, id)
	arrived, release := r.gateway.HoldGET(id)
	s.accepted(t, id)
	<-arrived
	stopped := make(chan int, 1)
	go func() { stopped <- s.stop() }()
	eventually(t, "it is not ready any more", func() bool { return s.status(t, s.admin+"/readyz") == 503 })
	release()
	select {
	case code := <-stopped:
		if code != 0 {
			t.Errorf("exit status %d", code)
		}
	case <-time.After(patience):
		t.Fatal("it does not stop")
	}
	if states := r.column(t, "select state from orders"); len(states) != 1 || states[0] != "paid" {
		t.Errorf("states %v: the look in hand was not stored", states)
	}
}

// TestStopAnswersRequestsInHand sends the signal while a webhook waits for its commit. Where the machine is so slow that
// the webhook waits for longer than one may, the try shows nothing.
func TestStopAnswersRequestsInHand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 5 {
		waited, code := r.stopWithAWebhookInHand(t)
		if code == 200 {
			return
		}
		if code != 503 || waited < 2*time.Second {
			t.Fatalf("the webhook in hand was answered %d after %s", code, waited)
		}
	}
	t.Error("the webhook in hand was never answered in time: the test shows nothing")
}

// stopWithAWebhookInHand tells how the webhook is answered, and how long it had to wait for its commit.
func (r *rig) stopWithAWebhookInHand(t *testing.T) (waited time.Duration, code int) {
	t.Helper()
	s := r.startProcess(t)
	s.accepted(t, "held-order")
	s.quiet(t, r)
	release := r.lockCheck(t, "held-order")
	answer := make(chan int, 1)
	sent := time.Now()
	go func() {
		code, _ := s.webhook("held-order")
		answer <- code
	}()
	eventually(t, "the webhook waits for the row", func() bool {
		return len(r.column(t, `select pid::text from pg_stat_activity where wait_event_type = 'Lock'
			and datname = current_database()`)) > 0
	})
	stopped := make(chan int, 1)
	go func() { stopped <- s.stop() }()
	eventually(t, "it is not ready any more", func() bool { return s.status(t, s.admin+"/readyz") == 503 })
	waited = time.Since(sent)
	release()
	code = <-answer
	if status := <-stopped; status != 0 {
		t.Errorf("exit status %d", status)
	}
	return waited, code
}

// TestReadinessNamesWhatIsMissing starts on a database without a schema, and may not make it.
func TestReadinessNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	r := newRigOn(t, pg.Empty(t))
	s := r.startUnready(t, "MIGRATE=off")
	eventually(t, "readiness names the migrations", func() bool {
		return strings.Contains(s.get(t, s.admin+"/readyz?verbose"), "[-] migrations")
	})
	if code, header := s.webhook("an-order"); code != 503 || header.Get("Retry-After") == "" {
		t.Errorf("webhook was answered %d", code)
	}
	if code := s.api(t, "GET", "/v1/orders/an-order", "", nil); code != 503 {
		t.Errorf("order read was answered %d", code)
	}
	eventually(t, "the log says why", func() bool { return strings.Contains(s.logs.text(), "migrations are missing") })
	if status, _, stderr := invoke(t, []string{"DATABASE_URL=" + r.database}, "migrate", "up"); status != 0 {
		t.Fatal(stderr)
	}
	eventually(t, "it is ready", func() bool { return s.status(t, s.admin+"/readyz") == 200 })
}

// TestStartWithoutADatabase comes up before Postgres does: webhooks are refused so that they come again.
func TestStartWithoutADatabase(t *testing.T) {
	t.Parallel()
	postgres, url := pg.Server(t)
	r := newRigOn(t, url)
	must(t, postgres.Crash())
	s := r.startUnready(t)
	if code, header := s.webhook("an-order"); code != 503 || header.Get("Retry-After") == "" {
		t.Errorf("webhook was answered %d", code)
	}
	if code := s.status(t, s.admin+"/readyz"); code != 503 {
		t.Errorf("readiness is %d", code)
	}
	must(t, postgres.Restart(t.Context()))
	eventually(t, "it is ready", func() bool { return s.status(t, s.admin+"/readyz") == 200 })
	s.accepted(t, "an-order")
}
