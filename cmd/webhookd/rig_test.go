package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/handler/openapicheck"
	"webhookd/internal/pgdev/pgtest"
	"webhookd/internal/sandbox"
	"webhookd/internal/sandbox/sandboxtest"
	"webhookd/internal/store"
)

const (
	asChild   = "WEBHOOKD_TEST_CHILD" // set: the test binary is the service
	apiSecret = "test-api-secret-0123456789"
	hookToken = "test-webhook-token-0123456789"
	patience  = 2 * time.Minute // bound of every wait; no test needs it unless something is broken
)

var pg = pgtest.Template{Migrate: func(ctx context.Context, url string) error {
	_, err := store.Migrate(ctx, url)
	return err
}}

// TestMain runs the tests, or the service itself where a test needs a process of its own to kill.
func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
	}
	os.Exit(pg.Main(m))
}

// rig is the world around the service: a sandbox gateway and a database.
type rig struct {
	gateway    *sandbox.Gateway
	gatewayURL string
	database   string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigOn(t, pg.New(t))
}

func newRigOn(t *testing.T, database string) *rig {
	t.Helper()
	g, url := sandboxtest.Start(t, sandbox.Config{Webhooks: sandbox.WebhookRules{Interval: 100 * time.Millisecond}})
	return &rig{gateway: g, gatewayURL: url, database: database}
}

// environ is the service's environment: everything quick, and what the test sets on top as NAME=value.
func (r *rig) environ(settings ...string) []string {
	env := map[string]string{
		"DATABASE_URL": r.database, "NOPAYN_API_KEY": sandbox.DefaultAPIKey, "NOPAYN_MERCHANT_ID": "merchant",
		"NOPAYN_BASE_URL": r.gatewayURL, "LISTEN_ADDR": "127.0.0.1:0", "ADMIN_ADDR": "127.0.0.1:0",
		"API_KEYS": "test:write+money:" + apiSecret, "WEBHOOK_TOKENS": hookToken, "WEBHOOK_RATE": "0",
		"ALLOW_TEST_ORDERS": "true", "LOG_LEVEL": "debug", "GATEWAY_RPS": "1000", "SWEEP_INTERVAL": "0",
	}
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		env[name] = value
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// instance is a running webhookd.
type instance struct {
	url    string       // public listener
	client *http.Client // of the public listener: holds all against the OpenAPI document
	admin  string
	logs   *logbook
	stop   func() int // SIGTERM, or as good as; returns the exit status
	kill   func()     // kill -9; only of a process
}

// start runs the service in this process, under the race detector. It is stopped, and must stop well, after the test.
func (r *rig) start(t *testing.T, settings ...string) *instance {
	t.Helper()
	s := r.startUnready(t, settings...)
	eventually(t, "the service is ready", func() bool { return s.status(t, s.admin+"/readyz") == 200 })
	return s
}

// startUnready is start for a service that need not become ready.
func (r *rig) startUnready(t *testing.T, settings ...string) *instance {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	read, write := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"serve"}, r.environ(settings...), io.Discard, write)
		write.Close()
	}()
	stop := sync.OnceValue(func() int {
		cancel()
		return <-status
	})
	s := &instance{logs: newLogbook(read), stop: stop}
	t.Cleanup(func() {
		if code := stop(); code != 0 {
			t.Errorf("the service stopped with %d", code)
		}
		s.logs.dump(t)
	})
	s.listens(t)
	return s
}

// startProcess runs the service as a process of its own.
func (r *rig) startProcess(t *testing.T, settings ...string) *instance {
	t.Helper()
	s := r.launch(t, settings...)
	s.ready(t)
	return s
}

// launch starts the service as a process of its own and does not wait until it is ready.
func (r *rig) launch(t *testing.T, settings ...string) *instance {
	t.Helper()
	return r.launchBy(t, exec.Command(os.Args[0], "serve"), settings...)
}

// launchBy is launch for a command that ends up as the service.
func (r *rig) launchBy(t *testing.T, cmd *exec.Cmd, settings ...string) *instance {
	t.Helper()
	return r.launchWith(t, (*exec.Cmd).Start, cmd, settings...)
}

// launchWith is launchBy with a way of its own to start the command.
func (r *rig) launchWith(t *testing.T, start func(*exec.Cmd) error, cmd *exec.Cmd, settings ...string) *instance {
	t.Helper()
	cmd.Env = append(r.environ(settings...), asChild+"=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := start(cmd); err != nil {
		t.Fatal(err)
	}
	s := &instance{logs: newLogbook(stderr)}
	end := func(sig os.Signal) func() int {
		return func() int {
			_ = cmd.Process.Signal(sig) // it may be gone
			<-s.logs.done
			_ = cmd.Wait() // the status says it
			return cmd.ProcessState.ExitCode()
		}
	}
	s.stop = sync.OnceValue(end(syscall.SIGTERM))
	s.kill = sync.OnceFunc(func() { end(syscall.SIGKILL)() })
	t.Cleanup(func() {
		s.kill()
		s.logs.dump(t)
	})
	return s
}

// ready waits until the service is.
func (s *instance) ready(t *testing.T) {
	t.Helper()
	s.listens(t)
	eventually(t, "the service is ready", func() bool { return s.status(t, s.admin+"/readyz") == 200 })
}

// listens waits until the service has its addresses.
func (s *instance) listens(t *testing.T) {
	t.Helper()
	s.admin = "http://" + s.logs.addr(t, "admin listener is up")
	s.url = "http://" + s.logs.addr(t, "serving")
	document, err := openapicheck.Read([]byte(s.get(t, s.url+"/openapi.json")))
	must(t, err)
	s.client = &http.Client{Transport: &openapicheck.Transport{
		Base: http.DefaultTransport, Document: document, Report: func(fault string) { t.Error(fault) },
	}}
}

func (s *instance) status(t *testing.T, url string) int {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

// hookURL is where the gateway sends webhooks.
func (s *instance) hookURL() string { return s.url + "/webhooks/costplus/" + hookToken }

// webhook sends one webhook for the order and returns the answer's status, or 0 if there was none.
func (s *instance) webhook(id string) (int, http.Header) {
	body := fmt.Sprintf(`{"event":"status_changed","order_id":%q}`, id)
	res, err := s.client.Post(s.hookURL(), "application/json", strings.NewReader(body))
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header
}

// accepted sends one webhook that must be accepted.
func (s *instance) accepted(t *testing.T, id string) {
	t.Helper()
	if code, _ := s.webhook(id); code != 200 {
		t.Fatalf("webhook for %s was answered %d", id, code)
	}
}

// api calls the API and decodes the answer into out, unless that is nil.
func (s *instance) api(t *testing.T, method, path, body string, out any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiSecret)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil && res.StatusCode < 300 {
		if err := json.Unmarshal(raw, out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
	return res.StatusCode
}

// order is what the tests read of an order.
type order struct {
	OrderID        string   `json:"order_id"`
	State          string   `json:"state"`
	Status         string   `json:"status"`
	Fulfillable    bool     `json:"fulfillable"`
	Settled        bool     `json:"settled"`
	Holds          []string `json:"holds"`
	Amount         int64    `json:"amount"`
	FirstSeenBy    string   `json:"first_seen_by"`
	RefundedAmount int64    `json:"refunded_amount"`
	Seq            int64    `json:"seq"`
	Webhooks       struct {
		Count int64 `json:"count"`
	} `json:"webhooks"`
}

// order reads an order; ok is false if there is none.
func (s *instance) order(t *testing.T, id string) (o order, ok bool) {
	t.Helper()
	return o, s.api(t, "GET", "/v1/orders/"+id, "", &o) == 200
}

// becomes waits until the order has the state, and returns it.
func (s *instance) becomes(t *testing.T, id, state string) order {
	t.Helper()
	var o order
	eventually(t, "order "+id+" becomes "+state, func() bool {
		o, _ = s.order(t, id)
		return o.State == state
	})
	return o
}

type event struct {
	Seq     int64  `json:"seq"`
	Type    string `json:"type"`
	OrderID string `json:"order_id"`
	Source  string `json:"source"`
	Order   order  `json:"order"`
}

type page struct {
	Feed   string  `json:"feed"`
	Events []event `json:"events"`
	Next   int64   `json:"next"`
	Head   int64   `json:"head"`
}

// feed reads all events and fails unless their positions are 1, 2, 3 and so on.
func (s *instance) feed(t *testing.T) []event {
	t.Helper()
	var all []event
	for after := int64(0); ; {
		var p page
		if code := s.api(t, "GET", fmt.Sprintf("/v1/events?after=%d&limit=500", after), "", &p); code != 200 {
			t.Fatalf("the feed after %d was answered %d", after, code)
		}
		for i, e := range p.Events {
			if e.Seq != after+int64(i)+1 {
				t.Fatalf("the feed has a gap: %d after %d", e.Seq, after+int64(i))
			}
		}
		all = append(all, p.Events...)
		if len(p.Events) == 0 {
			return all
		}
		after = p.Next
	}
}

// told lists the types of an order's events.
func (s *instance) told(t *testing.T, id string) []string {
	t.Helper()
	var types []string
	for _, e := range s.feed(t) {
		if e.OrderID == id {
			types = append(types, e.Type)
		}
	}
	return types
}

// create makes an order at the gateway that sends its webhooks to hook, if that is not empty.
func (r *rig) create(t *testing.T, hook string, extra ...map[string]any) string {
	t.Helper()
	fields := map[string]any{"amount": 1295, "currency": "EUR"}
	if hook != "" {
		fields["webhook_url"] = hook
	}
	for _, more := range extra {
		maps.Copy(fields, more)
	}
	id, err := r.gateway.Create(fields)
	must(t, err)
	return id
}

func (r *rig) pay(t *testing.T, id string) {
	t.Helper()
	must(t, r.gateway.Pay(id, sandbox.CardVisa))
}

// connect connects to the database, and prepares no statements, which a pooler between might not bear.
func (r *rig) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), r.database+"&default_query_exec_mode=exec")
	must(t, err)
	return conn
}

// sql runs a statement of the test's own.
func (r *rig) sql(t *testing.T, statement string, args ...any) {
	t.Helper()
	conn := r.connect(t)
	defer conn.Close(t.Context())
	_, err := conn.Exec(t.Context(), statement, args...)
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition that the service brings about by itself.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within %s: %s", patience, what)
		case <-t.Context().Done():
			t.Fatalf("the test ended before: %s", what)
		}
	}
}

// logbook collects a service's log.
type logbook struct {
	mu    sync.Mutex
	lines bytes.Buffer
	addrs map[string]string // by message
	more  chan struct{}
	done  chan struct{} // closed at the end of the log
}

func newLogbook(r io.Reader) *logbook {
	l := &logbook{addrs: map[string]string{}, more: make(chan struct{}, 1), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		scanner := bufio.NewScanner(r)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			l.add(scanner.Bytes())
		}
	}()
	return l
}

func (l *logbook) add(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines.Write(line)
	l.lines.WriteByte('\n')
	var entry struct{ Msg, Addr string }
	if json.Unmarshal(line, &entry) != nil { // LOG_FORMAT=text
		_, fields, _ := strings.Cut(string(line), " msg=")
		entry.Msg, entry.Addr, _ = strings.Cut(fields, " addr=")
		entry.Msg = strings.Trim(entry.Msg, `"`)
	}
	if entry.Addr != "" {
		l.addrs[entry.Msg] = entry.Addr
	}
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// addr waits for a line with this message and returns its address.
func (l *logbook) addr(t *testing.T, msg string) string {
	t.Helper()
	deadline := time.After(patience)
	for {
		l.mu.Lock()
		addr := l.addrs[msg]
		l.mu.Unlock()
		if addr != "" {
			return addr
		}
		select {
		case <-l.more:
		case <-l.done:
			t.Fatalf("the service ended before it said %q:\n%s", msg, l.text())
		case <-deadline:
			t.Fatalf("the service did not say %q:\n%s", msg, l.text())
		}
	}
}

func (l *logbook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}

// dump shows the log of a failed test.
func (l *logbook) dump(t *testing.T) {
	if t.Failed() {
		t.Logf("log of the service:\n%s", l.text())
	}
}

// column reads one column of texts.
func (r *rig) column(t *testing.T, query string) []string {
	t.Helper()
	conn := r.connect(t)
	defer conn.Close(t.Context())
	rows, _ := conn.Query(t.Context(), query)
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return values
}

// get reads a page of the admin listener.
func (s *instance) get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	return string(body)
}

// lockCheck holds the lock of an order's check until release is called.
func (r *rig) lockCheck(t *testing.T, id string) (release func()) {
	t.Helper()
	conn := r.connect(t)
	_, err := conn.Exec(t.Context(), "begin")
	must(t, err)
	_, err = conn.Exec(t.Context(), "select from checks where order_id = $1 for update", id)
	must(t, err)
	return func() { must(t, conn.Close(t.Context())) }
}

// decode reads a JSON answer.
func decode(t *testing.T, from io.Reader, out any) {
	t.Helper()
	if err := json.NewDecoder(from).Decode(out); err != nil {
		t.Fatal(err)
	}
}
