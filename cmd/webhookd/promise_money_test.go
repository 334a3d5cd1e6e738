package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"webhookd/internal/sandbox"
)

const refundKey = "refund-of-A-17-1"

// moneyAnswer is what the tests read of an operation.
type moneyAnswer struct {
	Key      string  `json:"key"`
	Status   any     `json:"status"` // a number in a problem
	Amount   *int64  `json:"amount"`
	RefundID *string `json:"refund_id"`
	Code     string  `json:"code"` // of a problem
}

// TestPromise7_MoneyMovesOnce kills the service at every step of a refund. Whatever the shop then does with its key, the
// gateway gets at most one refund, and the outcome becomes known where it can be.
func TestPromise7_MoneyMovesOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     func(*crash)
		status string // of the operation in the end, when the shop has asked again
		sent   int    // to the gateway, all in all
		made   int    // by the gateway
	}{
		{"the intent is committed, the order is being read", (*crash).whileReading, "done", 1, 1},
		// Postgres carries the commit through when its client is dead: nothing was sent, and nobody can know.
		{"it is being committed that it will be sent", (*crash).beforeSending, "unknown", 0, 0},
		{"it is sent, and the gateway has done nothing", (*crash).beforeTheWork, "unknown", 1, 0},
		{"the gateway has done it, and not answered", (*crash).afterTheWork, "done", 1, 1},
		{"the gateway has answered, and that is not committed", (*crash).beforeTheCommit, "done", 1, 1},
		{"it is committed, and the shop has its answer", (*crash).afterTheAnswer, "done", 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := newCrash(t)
			c.at(k)
			k.victim.kill()
			k.release()
			k.gateway.LiftFaults()
			k.sql(t, "update operations set due_at = now() where due_at is not null") // the lease is over

			s := k.start(t)
			var op moneyAnswer
			eventually(t, "the operation is "+c.status, func() bool {
				_, op = s.refund(t, refundKey, k.id, 500)
				return op.Status == c.status
			})
			s.refund(t, refundKey, k.id, 500)
			if sent := k.gateway.Calls(sandbox.OpRefund, k.id); sent != c.sent {
				t.Errorf("%d refunds were sent, want %d", sent, c.sent)
			}
			doc, err := k.gateway.Document(k.id)
			must(t, err)
			made, _ := doc["refund_orders"].([]any)
			if len(made) != c.made || op.RefundID == nil && c.made > 0 {
				t.Errorf("the gateway made %d refunds, want %d; the operation is %+v", len(made), c.made, op)
			}
			if c.made > 0 {
				s.becomes(t, k.id, "partially_refunded")
			}
		})
	}
}

// crash is a service that is about to die in the middle of a refund.
type crash struct {
	*rig
	t       *testing.T
	victim  *instance
	id      string // of the order
	release func() // what holds the refund
}

func newCrash(t *testing.T) *crash {
	r := newRig(t)
	k := &crash{rig: r, t: t, victim: r.startProcess(t), id: r.create(t, ""), release: func() {}}
	r.pay(t, k.id)
	k.victim.accepted(t, k.id)
	k.victim.becomes(t, k.id, "paid")
	k.victim.quiet(t, r)
	return k
}

// ask has the victim begin the refund. Nobody waits for the answer, which will not come.
func (k *crash) ask() {
	req := refundRequest(k.t, k.victim, refundKey, k.id, 500)
	go func() {
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
		}
	}()
}

func (k *crash) whileReading() {
	arrived, release := k.gateway.HoldGET(k.id)
	k.ask()
	<-arrived
	k.release = release
}

func (k *crash) beforeSending() {
	arrived, read := k.gateway.HoldGET(k.id)
	k.ask()
	<-arrived
	k.release = k.lockOperation()
	read()
	k.blocked()
}

func (k *crash) beforeTheWork() { k.during(func(func()) {}) }

func (k *crash) afterTheWork() { k.during(func(work func()) { work() }) }

// during holds the call of the gateway when it has come as far as f goes.
func (k *crash) during(f func(work func())) {
	arrived, released := make(chan struct{}), make(chan struct{})
	k.gateway.Break(sandbox.OpRefund, k.id, 1, sandbox.NewFault("hold", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			f(func() { next.ServeHTTP(w, r) })
			close(arrived)
			<-released
			panic(http.ErrAbortHandler)
		})
	}))
	k.ask()
	<-arrived
	k.release = sync.OnceFunc(func() { close(released) })
}

func (k *crash) beforeTheCommit() {
	k.gateway.Break(sandbox.OpRefund, k.id, 1, sandbox.NewFault("lock", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			k.release = k.lockOperation()
		})
	}))
	k.ask()
	k.blocked()
}

func (k *crash) afterTheAnswer() {
	if code, op := k.victim.refund(k.t, refundKey, k.id, 500); code != 201 || op.Status != "done" {
		k.t.Fatalf("the refund was answered %d %+v", code, op)
	}
}

// lockOperation keeps the victim from changing the operation.
func (k *crash) lockOperation() (release func()) {
	conn := k.connect(k.t)
	_, err := conn.Exec(k.t.Context(), "begin")
	must(k.t, err)
	_, err = conn.Exec(k.t.Context(), "select from operations where key = $1 for update", refundKey)
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

func refundRequest(t *testing.T, s *instance, key, id string, amount int64) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/orders/"+id+"/refunds",
		strings.NewReader(fmt.Sprintf(`{"amount":%d,"description":"a broken cup"}`, amount)))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+apiSecret)
	req.Header.Set("Idempotency-Key", key)
	return req
}

// refund asks for a refund, and returns the answer's status and what it says.
func (s *instance) refund(t *testing.T, key, id string, amount int64) (int, moneyAnswer) {
	t.Helper()
	res, err := s.client.Do(refundRequest(t, s, key, id, amount))
	must(t, err)
	defer res.Body.Close()
	var op moneyAnswer
	decode(t, res.Body, &op)
	return res.StatusCode, op
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
