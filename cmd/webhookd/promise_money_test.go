package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

const (
	refundKey = "refund-of-A-17-1" // or of whatever else
	publicURL = "PUBLIC_URL=https://shop.example.com"
)

// moneyAnswer is what the tests read of an operation.
type moneyAnswer struct {
	Key      string  `json:"key"`
	Status   any     `json:"status"` // a number in a problem
	Amount   *int64  `json:"amount"`
	OrderID  string  `json:"order_id"`
	RefundID *string `json:"refund_id"`
	Code     string  `json:"code"` // of a problem
}

// deed is a kind of operation, as the tests ask for it.
type deed struct {
	kind    string
	order   map[string]any // further members of the order that it is about; nil where there is none before
	path    string         // below the order; empty for a create
	body    string
	call    sandbox.Operation
	becomes string // the order's state when it is done
	made    func(doc map[string]any) bool
}

// deeds are all there are. made says of an order at the gateway whether it shows there.
func deeds() []deed {
	const order = `{"amount":1295,"currency":"EUR","merchant_order_id":"A-17"}`
	flagged := func(flag string) func(map[string]any) bool {
		return func(doc map[string]any) bool {
			flags, _ := doc["flags"].([]any)
			return slices.Contains(flags, any(flag))
		}
	}
	manual := map[string]any{"capture_mode": "manual"}
	return []deed{
		{
			"refund",
			map[string]any{},
			"refunds", `{"amount":500,"description":"a broken cup"}`, sandbox.OpRefund,
			"partially_refunded", flagged("has-refunds"),
		},
		{"capture", manual, "captures", `{"amount":500}`, sandbox.OpCapture, "partially_captured", flagged("has-captures")},
		{"void", manual, "voids", `{"amount":1295}`, sandbox.OpVoid, "voided", flagged("has-voids")},
		{"create", nil, "", order, sandbox.OpCreate, "pending", func(map[string]any) bool { return true }},
	}
}

// TestPromise7_MoneyMovesOnce kills the service at every step of a refund, a capture, a void and a create. Whatever the
// shop then does with its key, the gateway is asked for it at most once, and the outcome becomes known where it can be.
func TestPromise7_MoneyMovesOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     func(*crash)
		orders bool   // only where there is an order before
		status string // of the operation in the end, when the shop has asked again
		sent   int    // to the gateway, all in all
		made   int    // by the gateway
	}{
		{"the intent is committed, the order is being read", (*crash).whileReading, true, "done", 1, 1},
		// Postgres carries the commit through when its client is dead: nothing was sent, and nobody can know.
		{"it is being committed that it will be sent", (*crash).beforeSending, false, "unknown", 0, 0},
		{"it is sent, and the gateway has done nothing", (*crash).beforeTheWork, false, "unknown", 1, 0},
		{"the gateway has done it, and not answered", (*crash).afterTheWork, false, "done", 1, 1},
		{"the gateway has answered, and that is not committed", (*crash).beforeTheCommit, false, "done", 1, 1},
		{"it is committed, and the shop has its answer", (*crash).afterTheAnswer, false, "done", 1, 1},
	} {
		for _, d := range deeds() {
			if c.orders && d.order == nil {
				continue
			}
			t.Run(d.kind+", "+c.name, func(t *testing.T) {
				t.Parallel()
				k := newCrash(t, d)
				c.at(k)
				k.victim.kill()
				k.release()
				k.gateway.LiftFaults()
				k.sql(t, "update operations set due_at = now() where due_at is not null") // the lease is over

				s := k.start(t, publicURL)
				eventually(t, "the operation is "+c.status, func() bool {
					s.demand(t, d, refundKey, k.id)
					return s.operation(t).Status == c.status
				})
				s.demand(t, d, refundKey, k.id)
				k.wantMade(t, s, c.sent, c.made)
			})
		}
	}
}

// TestPromise7_LostAnswers has the gateway do what it is asked for and answer otherwise.
func TestPromise7_LostAnswers(t *testing.T) {
	for _, fault := range []struct {
		name string
		sandbox.Fault
	}{
		{"no answer", sandbox.LoseAnswer()},
		{"half an answer", sandbox.CutBody()},
		{"an error 500", sandbox.RefuseAfter(http.StatusInternalServerError)},
		{"an error 504", sandbox.RefuseAfter(http.StatusGatewayTimeout)},
		{"an error under 200", sandbox.ErrorUnderOKAfter()},
	} {
		for _, d := range deeds() {
			t.Run(d.kind+", "+fault.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				s := r.start(t, publicURL)
				k := &crash{rig: r, t: t, victim: s, deed: d}
				k.prepare()
				r.gateway.Break(d.call, k.id, 1, fault.Fault)
				switch code, _ := s.demand(t, d, refundKey, k.id); {
				case d.path != "" && code != http.StatusAccepted:
					t.Errorf("it was answered %d, want 202", code)
				case d.path == "" && code != http.StatusBadGateway:
					t.Errorf("it was answered %d, want 502", code)
				}
				eventually(t, "the operation is done", func() bool { return s.operation(t).Status == "done" })
				if code, _ := s.demand(t, d, refundKey, k.id); code != http.StatusOK {
					t.Errorf("asked again it was answered %d, want 200", code)
				}
				k.wantMade(t, s, 1, 1)
			})
		}
	}
}

// crash is a service that is about to die in the middle of an operation.
type crash struct {
	*rig
	deed

	t       *testing.T
	victim  *instance
	id      string // of the order; empty for a create
	release func() // what holds the operation
}

func newCrash(t *testing.T, d deed) *crash {
	r := newRig(t)
	k := &crash{rig: r, t: t, victim: r.startProcess(t, publicURL), deed: d, release: func() {}}
	k.prepare()
	return k
}

// prepare makes the order that the operation is about, and has the victim know it.
func (k *crash) prepare() {
	if k.order == nil {
		return
	}
	k.id = k.create(k.t, "", k.order)
	k.pay(k.t, k.id)
	k.victim.accepted(k.t, k.id)
	eventually(k.t, "the order is paid or reserved", func() bool {
		o, _ := k.victim.order(k.t, k.id)
		return o.State == "paid" || o.State == "authorized"
	})
	k.victim.quiet(k.t, k.rig)
}

// wantMade fails unless the gateway was asked so often, has done it so often, and the service knows.
func (k *crash) wantMade(t *testing.T, s *instance, sent, made int) {
	t.Helper()
	if n := k.gateway.Calls(k.call, k.id); n != sent {
		t.Errorf("it was sent %d times, want %d", n, sent)
	}
	ids := []string{k.id}
	if k.id == "" {
		ids = k.gateway.OrderIDs()
	}
	n := 0
	for _, id := range ids {
		doc, err := k.gateway.Document(id)
		must(t, err)
		if k.made(doc) {
			n++
			s.becomes(t, id, k.becomes)
		}
		if refunds, _ := doc["refund_orders"].([]any); len(refunds) > 1 {
			t.Errorf("%d refunds were made", len(refunds))
		}
	}
	op := s.operation(t)
	if n != made || k.kind == "refund" && made > 0 && op.RefundID == nil {
		t.Errorf("the gateway has done it %d times, want %d; the operation is %+v", n, made, op)
	}
	if k.kind != "create" || made == 0 {
		return
	}
	var o struct{ Expected map[string]any }
	if code := s.api(t, "GET", "/v1/orders/"+op.OrderID, "", &o); code != 200 || o.Expected["amount"] != 1295.0 {
		t.Errorf("of the new order %d %+v is known, and what was expected is not", code, o)
	}
}

// begin has the victim begin the operation. Nobody waits for the answer, which will not come.
func (k *crash) begin() {
	req := deedRequest(k.t, k.victim, k.deed, refundKey, k.id)
	go func() {
		if res, err := k.victim.client.Do(req); err == nil {
			res.Body.Close()
		}
	}()
}

func (k *crash) whileReading() {
	arrived, release := k.gateway.HoldGET(k.id)
	k.begin()
	await(k.t, "the order is read", arrived)
	k.release = release
}

func (k *crash) beforeSending() {
	k.sql(k.t, `
		create function hold() returns trigger language plpgsql as $$ begin
			perform pg_advisory_xact_lock(7);
			return new;
		end $$`)
	k.sql(k.t, `
		create trigger hold before update on operations for each row
		when (old.sent_at is null and new.sent_at is not null) execute function hold()`)
	k.release = k.hold("select pg_advisory_xact_lock(7)")
	k.begin()
	k.blocked()
}

func (k *crash) beforeTheWork() { k.during(func(func()) {}) }

func (k *crash) afterTheWork() { k.during(func(work func()) { work() }) }

// during holds the call of the gateway when it has come as far as f goes.
func (k *crash) during(f func(work func())) {
	arrived, released := make(chan struct{}), make(chan struct{})
	k.gateway.Break(k.call, k.id, 1, sandbox.NewFault("hold", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			f(func() { next.ServeHTTP(httptest.NewRecorder(), r) })
			close(arrived)
			<-released
			panic(http.ErrAbortHandler)
		})
	}))
	k.begin()
	await(k.t, "the gateway is asked", arrived)
	k.release = sync.OnceFunc(func() { close(released) })
}

func (k *crash) beforeTheCommit() {
	done, locked := make(chan struct{}), make(chan struct{})
	k.gateway.Break(k.call, k.id, 1, sandbox.NewFault("lock", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			close(done)
			<-locked
		})
	}))
	k.begin()
	await(k.t, "the gateway has done it", done)
	k.release = k.lockOperation()
	close(locked)
	k.blocked()
}

func (k *crash) afterTheAnswer() {
	if code, _ := k.victim.demand(k.t, k.deed, refundKey, k.id); code != 201 {
		k.t.Fatalf("it was answered %d", code)
	}
}

// await waits for a channel to be closed.
func await(t *testing.T, what string, closed <-chan struct{}) {
	t.Helper()
	select {
	case <-closed:
	case <-time.After(patience):
		t.Fatalf("not within %s: %s", patience, what)
	}
}

// lockOperation keeps the victim from changing the operation.
func (k *crash) lockOperation() (release func()) {
	return k.hold("select from operations where key = $1 for update", refundKey)
}

// hold keeps what a query locks.
func (k *crash) hold(query string, args ...any) (release func()) {
	conn := k.connect(k.t)
	_, err := conn.Exec(k.t.Context(), "begin")
	must(k.t, err)
	_, err = conn.Exec(k.t.Context(), query, args...)
	must(k.t, err)
	return sync.OnceFunc(func() { must(k.t, conn.Close(k.t.Context())) })
}

// blocked waits until the victim wants the lock.
func (k *crash) blocked() {
	eventually(k.t, "the service waits for the lock", func() bool {
		return len(k.column(k.t, `select query from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock' and query like '%operations%'`)) > 0
	})
}

func deedRequest(t *testing.T, s *instance, d deed, key, id string) *http.Request {
	t.Helper()
	url := s.url + "/v1/orders"
	if d.path != "" {
		url += "/" + id + "/" + d.path
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(d.body))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+apiSecret)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	return req
}

// demand asks for an operation, and returns the answer's status and what it says.
func (s *instance) demand(t *testing.T, d deed, key, id string) (int, moneyAnswer) {
	t.Helper()
	res, err := s.client.Do(deedRequest(t, s, d, key, id))
	must(t, err)
	defer res.Body.Close()
	var op moneyAnswer
	decode(t, res.Body, &op)
	return res.StatusCode, op
}

// refund asks for a refund.
func (s *instance) refund(t *testing.T, key, id string, amount int64) (int, moneyAnswer) {
	t.Helper()
	return s.demand(t, deed{path: "refunds", body: fmt.Sprintf(`{"amount":%d}`, amount)}, key, id)
}

// operation reads how the operation stands; the zero value if there is none.
func (s *instance) operation(t *testing.T) (op moneyAnswer) {
	t.Helper()
	s.api(t, "GET", "/v1/operations/"+refundKey, "", &op)
	return op
}

// TestPromise7_EqualKeysAtOnce has two replicas asked for the same refund many times at once.
func TestPromise7_EqualKeysAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	replicas := []*instance{r.start(t), r.start(t)}
	id := r.create(t, "")
	r.pay(t, id)
	replicas[0].accepted(t, id)
	replicas[0].becomes(t, id, "paid")
	var askers sync.WaitGroup
	for n := range 20 {
		askers.Go(func() {
			code, op := replicas[n%2].refund(t, refundKey, id, 500)
			if (code != 201 && code != 200 || op.Status != "done") && (code != 409 || op.Code != "under_way") {
				t.Errorf("answered %d %+v", code, op)
			}
		})
	}
	askers.Wait()
	if sent := r.gateway.Calls(sandbox.OpRefund, id); sent != 1 {
		t.Errorf("%d refunds were sent", sent)
	}
	if code, op := replicas[1].refund(t, refundKey, id, 501); code != 422 || op.Code != "key_reused" {
		t.Errorf("another refund with the same key: %d %+v", code, op)
	}
	if code, op := replicas[1].refund(t, "another-key", id, 1000); code != 422 || op.Code != "amount_too_large" {
		t.Errorf("more than is left: %d %+v", code, op)
	}
	if code, op := replicas[1].refund(t, "a-third-key", id, 795); code != 201 || op.Status != "done" {
		t.Errorf("the rest: %d %+v", code, op)
	}
	replicas[0].becomes(t, id, "refunded")
}
