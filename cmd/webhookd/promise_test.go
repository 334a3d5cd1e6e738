package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// The tests in this file are the promises of the README, each against a real Postgres and, over HTTP, the sandbox
// gateway.

// TestPromise1_200MeansStored kills Postgres while webhooks pour in: every id that was answered 200 is there when it
// is back.
func TestPromise1_200MeansStored(t *testing.T) {
	postgres, url := pg.Server(t)
	r := newRigOn(t, url)
	s := r.start(t, "GATEWAY_CONCURRENCY=1", "GATEWAY_TIMEOUT=1s")
	lift := r.gateway.Break(sandbox.OpGet, "", 0, sandbox.Hang())
	defer lift()

	var mu sync.Mutex
	stored := map[string]bool{}
	var accepted, refused atomic.Int64
	var senders sync.WaitGroup
	for sender := range 16 {
		senders.Go(func() {
			for n := 0; refused.Load() < 16 && n < 5000; n++ {
				id := fmt.Sprintf("order-%d-%d", sender, n)
				switch code, header := s.webhook(id); code {
				case 200:
					mu.Lock()
					stored[id] = true
					mu.Unlock()
					accepted.Add(1)
				case 503:
					if header.Get("Retry-After") == "" {
						t.Error("503 without Retry-After")
					}
					refused.Add(1)
				default:
					t.Errorf("webhook was answered %d", code)
				}
			}
		})
	}
	eventually(t, "some webhooks are accepted", func() bool { return accepted.Load() > 200 })
	must(t, postgres.Crash())
	senders.Wait()
	must(t, postgres.Restart(t.Context()))
	if refused.Load() == 0 {
		t.Error("no webhook was refused while Postgres was down: the test shows nothing")
	}
	missing := r.missing(t, stored)
	if len(missing) > 0 {
		t.Errorf("%d of %d accepted webhooks are gone, such as %s", len(missing), len(stored), missing[0])
	}
}

// missing gives the ids of which the database holds nothing.
func (r *rig) missing(t *testing.T, ids map[string]bool) []string {
	t.Helper()
	left := make(map[string]bool, len(ids))
	for id := range ids {
		left[id] = true
	}
	for _, id := range r.column(t, "select order_id from checks") {
		delete(left, id)
	}
	var missing []string
	for id := range left {
		missing = append(missing, id)
	}
	return missing
}

// TestPromise2_NothingIsForgotten is about lost webhooks and lost processes.
func TestPromise2_NothingIsForgotten(t *testing.T) {
	t.Run("a registered order is found by the poller", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		s := r.start(t, "POLL_MIN_AGE=300ms", "POLL_MIN_INTERVAL=100ms")
		id := r.create(t, "") // no webhook will come
		if code := s.api(t, "PUT", "/v1/orders/"+id, `{"amount":1295,"currency":"EUR"}`, nil); code != 201 {
			t.Fatalf("PUT was answered %d", code)
		}
		r.pay(t, id)
		o := s.becomes(t, id, "paid")
		if !o.Fulfillable || o.Webhooks.Count != 0 || o.FirstSeenBy != "registered" {
			t.Errorf("order %+v", o)
		}
		if events := s.feed(t); events[len(events)-1].Source != "poll" {
			t.Errorf("source of the event is %q", events[len(events)-1].Source)
		}
	})
	t.Run("an order nobody registered is found by the sweep", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		id := r.create(t, "")
		r.pay(t, id)
		s := r.start(t, "SWEEP_INTERVAL=200ms", "SWEEP_WINDOW=1h")
		o := s.becomes(t, id, "paid")
		if o.FirstSeenBy != "sweep" || s.feed(t)[0].Source != "sweep" {
			t.Errorf("order %+v", o)
		}
	})
	t.Run("a change whose webhook was lost is found by the sweep", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		s := r.start(t, "SWEEP_INTERVAL=200ms", "SWEEP_WINDOW=1h")
		id := r.create(t, "")
		s.accepted(t, id)
		s.becomes(t, id, "pending") // due again in ten minutes
		r.pay(t, id)
		s.becomes(t, id, "paid")
	})
	t.Run("error then completed is picked up", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		s := r.start(t, "POLL_MIN_AGE=100ms", "POLL_MIN_INTERVAL=100ms")
		id := r.create(t, "")
		must(t, r.gateway.Fail(id))
		s.accepted(t, id)
		if o := s.becomes(t, id, "failed"); o.Settled {
			t.Error("a failed order counts as settled although the customer may try again")
		}
		r.pay(t, id) // the webhook of this one is lost
		if o := s.becomes(t, id, "paid"); !o.Fulfillable {
			t.Errorf("holds %v", o.Holds)
		}
	})
	t.Run("a process is killed between the 200 and the look", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		hung := r.gateway.Break(sandbox.OpGet, "", 0, sandbox.Hang())
		s := r.startProcess(t)
		id := r.create(t, "")
		r.pay(t, id)
		s.accepted(t, id)
		eventually(t, "the look is under way", func() bool { return r.gateway.Calls(sandbox.OpGet, id) > 0 })
		s.kill()
		hung()
		// Nobody waits twenty seconds for the lease in a test: it is over.
		r.sql(t, "update checks set due_at = now() where order_id = $1", id)
		r.start(t).becomes(t, id, "paid")
	})
}

// TestPromise3_StateAndEventTogether sends fifty equal webhooks at once: one event, and the order with it.
func TestPromise3_StateAndEventTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, longLook)
	id := r.create(t, "")
	r.pay(t, id)
	arrived, release := r.gateway.HoldGET(id) // until all have been sent, however long that takes
	var senders sync.WaitGroup
	for range 50 {
		senders.Go(func() { s.accepted(t, id) })
	}
	senders.Wait()
	await(t, "the order is looked at", arrived)
	release()
	s.becomes(t, id, "paid")
	s.quiet(t, r)
	if told := s.told(t, id); !slices.Equal(told, []string{"order.paid"}) {
		t.Errorf("events %v, want one order.paid", told)
	}
	if o, _ := s.order(t, id); o.Webhooks.Count != 50 || o.Seq != 1 {
		t.Errorf("order %+v", o)
	}
	if calls := r.gateway.Calls(sandbox.OpGet, id); calls > 2 { // one more for those that came during the first
		t.Errorf("50 webhooks at once made %d calls to the gateway", calls)
	}
}

// quiet waits until nothing is due and nothing is in hand.
func (s *instance) quiet(t *testing.T, r *rig) {
	t.Helper()
	eventually(t, "nothing is due", func() bool {
		return len(r.column(t, `select order_id from checks where due_at <= now() or lease is not null`)) == 0
	})
}

// TestPromise4_NoGapInTheFeed has two replicas write while readers follow both.
func TestPromise4_NoGapInTheFeed(t *testing.T) {
	t.Parallel()
	const orders = 150
	r := newRig(t)
	replicas := []*instance{r.start(t), r.start(t)}
	var readers, writers sync.WaitGroup
	for _, s := range replicas {
		readers.Go(func() { s.follow(t, 2*orders) })
	}
	for w := range 4 {
		writers.Go(func() {
			for n := w; n < orders; n += 4 {
				s := replicas[n%2]
				id := r.create(t, "")
				s.accepted(t, id)
				eventually(t, "first look", func() bool { _, ok := s.order(t, id); return ok })
				r.pay(t, id)
				replicas[(n+1)%2].accepted(t, id)
			}
		})
	}
	writers.Wait()
	readers.Wait()
}

// follow reads the feed as a consumer does until it has seen n events, and fails at the first gap.
func (s *instance) follow(t *testing.T, n int64) {
	t.Helper()
	after := int64(0)
	eventually(t, fmt.Sprintf("a reader has seen %d events", n), func() bool {
		var p page
		s.api(t, "GET", fmt.Sprintf("/v1/events?after=%d", after), "", &p)
		for _, e := range p.Events {
			if e.Seq != after+1 {
				t.Errorf("gap: %d follows %d", e.Seq, after)
			}
			after = e.Seq
		}
		return after >= n
	})
}

// TestPromise5_OldNeverOverwritesNew holds an answer of the gateway back until it is old.
func TestPromise5_OldNeverOverwritesNew(t *testing.T) {
	t.Run("a webhook during a look causes one more look", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		s := r.start(t, longLook)
		id := r.create(t, "")
		arrived, release := r.gateway.HoldGET(id)
		s.accepted(t, id)
		<-arrived // the look has read "new"
		r.pay(t, id)
		for range 5 {
			s.accepted(t, id)
		}
		release()
		s.becomes(t, id, "paid")
		s.quiet(t, r)
		if calls := r.gateway.Calls(sandbox.OpGet, id); calls != 2 {
			t.Errorf("%d looks, want the one under way and one more", calls)
		}
		if told := s.told(t, id); !slices.Equal(told, []string{"order.pending", "order.paid"}) {
			t.Errorf("events %v", told)
		}
	})
	t.Run("a slow stale answer does not undo a newer one", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		slow, quick := r.start(t, longLook), r.start(t, longLook)
		id := r.create(t, "")
		arrived, release := r.gateway.HoldGET(id)
		slow.accepted(t, id)
		<-arrived
		r.pay(t, id)
		r.sql(t, "update checks set due_at = now() where order_id = $1", id) // the slow one's lease runs out
		quick.becomes(t, id, "paid")
		release()
		eventually(t, "the stale answer is dropped", func() bool {
			return strings.Contains(slow.metrics(t), `webhookd_checks_total{result="older",source="webhook"} 1`)
		})
		if told := quick.told(t, id); !slices.Equal(told, []string{"order.paid"}) {
			t.Errorf("events %v", told)
		}
		if o, _ := quick.order(t, id); !o.Fulfillable {
			t.Errorf("order %+v", o)
		}
	})
	t.Run("the gateway answers from an old copy", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		s := r.start(t)
		id := r.create(t, "")
		r.pay(t, id)
		s.accepted(t, id)
		s.becomes(t, id, "paid")
		catchUp, err := r.gateway.StaleGET(id)
		must(t, err)
		defer catchUp()
		s.accepted(t, id)
		eventually(t, "the old copy is dropped", func() bool {
			return strings.Contains(s.metrics(t), `webhookd_checks_total{result="stale",source="webhook"} 1`)
		})
		if o, _ := s.order(t, id); o.State != "paid" {
			t.Errorf("state %s", o.State)
		}
	})
}

// metrics reads the admin listener's figures.
func (s *instance) metrics(t *testing.T) string {
	t.Helper()
	return s.get(t, s.admin+"/metrics")
}

// TestPromise6_NoFalsePaid walks orders through what looks like a payment and is none.
func TestPromise6_NoFalsePaid(t *testing.T) {
	r := newRig(t)
	s := r.start(t)
	strict := r.start(t, "ALLOW_TEST_ORDERS=false")

	t.Run("an authorization is never fulfillable, its capture is", func(t *testing.T) {
		id := r.create(t, s.hookURL(), map[string]any{"capture_mode": "manual", "expiration_period": "P7D"})
		r.pay(t, id)
		s.held(t, id, "authorized", "authorized_only")
		must(t, r.gateway.Capture(id, 1000))
		s.held(t, id, "partially_captured", "partially_captured")
		id = r.create(t, s.hookURL(), map[string]any{"capture_mode": "manual", "expiration_period": "P7D"})
		r.pay(t, id)
		s.held(t, id, "authorized", "authorized_only")
		must(t, r.gateway.Capture(id, 1295))
		if o := s.becomes(t, id, "paid"); !o.Fulfillable {
			t.Errorf("holds %v", o.Holds)
		}
	})
	t.Run("a voided authorization", func(t *testing.T) {
		id := r.create(t, s.hookURL(), map[string]any{"capture_mode": "manual", "expiration_period": "P7D"})
		r.pay(t, id)
		must(t, r.gateway.Void(id))
		s.held(t, id, "voided", "voided")
	})
	t.Run("an unknown status does no harm", func(t *testing.T) {
		id := r.create(t, s.hookURL())
		must(t, r.gateway.SetStatus(id, "on-hold-review"))
		if o := s.held(t, id, "unknown", "not_paid", "unknown_status"); o.Settled {
			t.Error("an unknown status counts as settled")
		}
		must(t, r.gateway.SetStatus(id, "new"))
		r.pay(t, id)
		s.becomes(t, id, "paid")
	})
	t.Run("unknown fields do no harm", func(t *testing.T) {
		id := r.create(t, "")
		r.pay(t, id)
		must(t, r.gateway.Edit(id, func(doc map[string]any) {
			doc["brand_new"] = map[string]any{"status": "refunded", "amount": []any{1, "x", nil}}
			doc["Status"], doc["AMOUNT"] = "refunded", 1
		}))
		s.accepted(t, id)
		if o := s.becomes(t, id, "paid"); !o.Fulfillable || o.Amount != 1295 {
			t.Errorf("order %+v", o)
		}
	})
	t.Run("another amount than expected", func(t *testing.T) {
		id := r.create(t, "")
		s.api(t, "PUT", "/v1/orders/"+id, `{"amount":129500,"currency":"EUR"}`, nil)
		r.pay(t, id)
		s.accepted(t, id)
		s.held(t, id, "paid", "amount_mismatch")
	})
	t.Run("a refund order, and what is left of the first", func(t *testing.T) {
		id := r.create(t, s.hookURL())
		r.pay(t, id)
		s.becomes(t, id, "paid")
		refund, err := r.gateway.Refund(id, 500)
		must(t, err)
		s.held(t, id, "partially_refunded", "refunded")
		s.accepted(t, refund)
		s.held(t, refund, "reversal", "is_refund")
		if told := s.told(t, refund); slices.Contains(told, "order.paid") {
			t.Errorf("events of the refund: %v", told)
		}
		_, err = r.gateway.Refund(id, 795)
		must(t, err)
		s.held(t, id, "refunded", "refunded")
	})
	t.Run("a chargeback", func(t *testing.T) {
		id := r.create(t, s.hookURL())
		r.pay(t, id)
		s.becomes(t, id, "paid")
		_, err := r.gateway.Chargeback(id)
		must(t, err)
		s.held(t, id, "charged_back", "charged_back")
	})
	t.Run("paid twice for one shop order", func(t *testing.T) {
		first := r.create(t, s.hookURL(), map[string]any{"merchant_order_id": "A-1"})
		second := r.create(t, s.hookURL(), map[string]any{"merchant_order_id": "A-1"})
		r.pay(t, first)
		s.becomes(t, first, "paid")
		r.pay(t, second)
		s.held(t, second, "paid", "paid_twice")
		if o, _ := s.order(t, first); !o.Fulfillable {
			t.Errorf("the first order is held too: %v", o.Holds)
		}
	})
	t.Run("play money, where the operator does not allow it", func(t *testing.T) {
		id := r.create(t, s.hookURL())
		r.pay(t, id)
		s.becomes(t, id, "paid")
		strict.held(t, id, "paid", "test_order")
	})
	t.Run("a webhook that says completed", func(t *testing.T) {
		id := r.create(t, "")
		body := fmt.Sprintf(`{"order_id":%q,"status":"completed","transaction_status":"completed","amount":1295}`, id)
		res, err := s.client.Post(s.hookURL(), "application/json", strings.NewReader(body))
		must(t, err)
		res.Body.Close()
		s.held(t, id, "pending", "not_paid")
	})
}

// held waits until the order has the state and checks that it is held for just these reasons.
func (s *instance) held(t *testing.T, id, state string, holds ...string) order {
	t.Helper()
	o := s.becomes(t, id, state)
	if o.Fulfillable || !slices.Equal(o.Holds, holds) {
		t.Errorf("%s order: fulfillable %t, holds %v, want %v", state, o.Fulfillable, o.Holds, holds)
	}
	return o
}

// TestPromise8_TheGatewayIsNotFlooded floods the service with forged webhooks beside a real one.
func TestPromise8_TheGatewayIsNotFlooded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, "GATEWAY_RPS=40", "GATEWAY_CONCURRENCY=4")
	id := r.create(t, "")
	s.api(t, "PUT", "/v1/orders/"+id, `{}`, nil)
	r.pay(t, id)
	start := time.Now()
	var senders sync.WaitGroup
	for sender := range 8 {
		senders.Go(func() {
			for n := range 100 {
				s.accepted(t, fmt.Sprintf("forged-%d-%d", sender, n))
			}
		})
	}
	senders.Wait()
	s.accepted(t, id)
	s.becomes(t, id, "paid") // long before 800 forged ids have had their turn
	calls := r.gateway.Calls(sandbox.OpGet, "")
	elapsed := time.Since(start)
	if limit := int(elapsed.Seconds()*40) + 5; calls > limit {
		t.Errorf("%d calls in %s, want at most %d", calls, elapsed, limit)
	}
	if most := r.gateway.MaxConcurrentCalls(); most > 4 {
		t.Errorf("%d calls at once", most)
	}
	if _, ok := s.order(t, "forged-0-0"); ok {
		t.Error("a forged id became an order")
	}
}

// TestPromise10_Replicas starts two replicas on an empty database at once.
func TestPromise10_Replicas(t *testing.T) {
	t.Parallel()
	r := newRigOn(t, pg.Empty(t))
	replicas := []*instance{r.launch(t), r.launch(t)}
	for _, s := range replicas {
		s.ready(t)
	}
	applied := r.column(t, `select version_id::text from goose_db_version where version_id > 0 order by id`)
	if len(applied) == 0 || len(slices.Compact(slices.Clone(applied))) != len(applied) {
		t.Errorf("migrations applied: %v", applied)
	}

	ids := make([]string, 40)
	for i := range ids {
		ids[i] = r.create(t, "")
		r.pay(t, ids[i])
	}
	var senders sync.WaitGroup
	for _, s := range replicas {
		senders.Go(func() {
			for _, id := range ids {
				s.accepted(t, id)
			}
		})
	}
	senders.Wait()
	replicas[0].kill()
	// The killed one's leases run out.
	r.sql(t, "update checks set due_at = now() where lease is not null")
	for _, id := range ids {
		replicas[1].becomes(t, id, "paid")
	}
	if events := replicas[1].feed(t); len(events) != len(ids) {
		t.Errorf("%d events for %d orders", len(events), len(ids))
	}
	if code := replicas[1].stop(); code != 0 {
		t.Errorf("SIGTERM: exit status %d", code)
	}
}

// TestPromise10_PostgresGoesAndComesBack stops Postgres under a running service.
func TestPromise10_PostgresGoesAndComesBack(t *testing.T) {
	t.Parallel()
	postgres, url := pg.Server(t)
	r := newRigOn(t, url)
	s := r.start(t)
	id := r.create(t, "")
	for _, outage := range []struct {
		name       string
		begin, end func() error
	}{
		{"stopped", postgres.Crash, func() error { return postgres.Restart(t.Context()) }},
		{"frozen", postgres.Freeze, postgres.Thaw},
	} {
		must(t, outage.begin())
		took := quickest(func() {
			if code, header := s.webhook(id); code != 503 || header.Get("Retry-After") == "" {
				t.Errorf("%s: webhook answered %d, Retry-After %q", outage.name, code, header.Get("Retry-After"))
			}
		})
		if took > 4*time.Second {
			t.Errorf("%s: no webhook was answered within %s: the gateway had gone", outage.name, took)
		}
		took = quickest(func() {
			if code := s.api(t, "GET", "/v1/orders/"+id, "", nil); code != 503 {
				t.Errorf("%s: order read answered %d", outage.name, code)
			}
		})
		if took > 5*time.Second {
			t.Errorf("%s: no order read was answered within %s", outage.name, took)
		}
		if code := s.status(t, s.admin+"/readyz"); code != 503 {
			t.Errorf("%s: readiness is %d", outage.name, code)
		}
		must(t, outage.end())
		eventually(t, "a webhook is accepted again", func() bool { code, _ := s.webhook(id); return code == 200 })
		eventually(t, "it is ready again", func() bool { return s.status(t, s.admin+"/readyz") == 200 })
	}
	r.pay(t, id)
	s.accepted(t, id)
	s.becomes(t, id, "paid")
}

// quickest is what the quickest of three tries takes: a machine under load may hold up some.
func quickest(try func()) time.Duration {
	least := time.Duration(math.MaxInt64)
	for range 3 {
		start := time.Now()
		try()
		least = min(least, time.Since(start))
	}
	return least
}
