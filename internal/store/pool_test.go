package store_test

import (
	"testing"
	"time"

	"webhookd/internal/store"
)

// TestWorksWithoutPreparedStatements runs an order's life in the modes for poolers that share connections between
// transactions, and so lose prepared statements.
func TestWorksWithoutPreparedStatements(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := newBenchWith(t, pg.New(t)+"&default_query_exec_mode="+mode, defaultRules())
			wholeLife(t, b)
		})
	}
}

// wholeLife makes every kind of call, as an order goes from its registration to the end.
func wholeLife(t *testing.T, b *bench) {
	t.Helper()
	b.register(t, anOrder, store.Expected{MerchantOrderID: new("ORDER-001"), Amount: new(int64(1295))})
	b.hint(t, anOrder)
	b.answer(t, b.claimOne(t), document(t, fixtureProcessing, created(time.Now())))
	b.see(t, document(t, fixturePaid))
	b.miss(t, b.claimNow(t, anOrder))
	b.fail(t, b.claimNow(t, anOrder), time.Hour) // else it would soon be due again
	b.wantFeed(t, "order.pending", "order.paid")
	if o := b.order(t, anOrder); !o.Fulfillable || b.list(t, store.Filter{Settled: new(true)}, 10)[0] != anOrder {
		t.Errorf("order %+v", o)
	}
	if _, err := b.Swept(t.Context(), []store.Listed{{OrderID: "other"}}, time.Now()); err != nil {
		t.Error(err)
	}
	b.claimSweep(t)
	prune(t, b.PruneEvents, time.Hour)
	prune(t, b.PruneOrders, time.Hour)
	if backlog, err := b.Backlog(t.Context()); err != nil || backlog.Due != 1 || backlog.Head != 2 {
		t.Errorf("backlog %+v, %v", backlog, err)
	}
}

func TestBacklogCountsWhatWaits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if backlog, err := b.Backlog(t.Context()); err != nil || backlog != (store.Backlog{}) {
		t.Errorf("empty: %+v, %v", backlog, err)
	}
	b.see(t, paid(t, "settled"))
	b.see(t, paid(t, "stuck", with("status", "new")))
	b.hint(t, "heard", "old", "busy")
	b.claimNow(t, "busy")
	b.exec(t, `update checks set lease = null, due_at = now() - interval '3 days 4 hours' where order_id = 'old'`)
	b.exec(t, `update checks set lease = null, due_at = now() where order_id = 'heard'`)
	b.exec(t, `update checks set known = true where order_id = 'old'`)
	backlog, err := b.Backlog(t.Context())
	if err != nil || backlog.Due != 2 || backlog.Stuck != 1 || backlog.Head != 3 {
		t.Errorf("backlog %+v, %v", backlog, err)
	}
	if late := backlog.OldestDue - 76*time.Hour; late < 0 || late > time.Minute {
		t.Errorf("the oldest has been due for %v, want 76 h", backlog.OldestDue)
	}
}
