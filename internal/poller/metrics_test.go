package poller_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// figure is a figure of the registry and what it should be.
type figure struct {
	name   string
	labels []string
	want   float64
}

func count(name string, labels ...string) figure { return figure{"webhookd_" + name, labels, 1} }

// TestFiguresOfALook are counted by what caused it and what came of it. What is not named stays zero.
func TestFiguresOfALook(t *testing.T) {
	every := []figure{
		count("state_changes_total", "source", "poll", "state", "paid"),
		count("state_changes_total", "source", "sweep", "state", "paid"),
		count("state_changes_total", "source", "webhook", "state", "paid"),
		count("changes_missed_by_webhook_total"),
		count("change_delay_seconds", "source", "webhook"),
		count("change_delay_seconds", "source", "poll"),
		count("anomalies_total", "kind", "went_back"),
		count("anomalies_total", "kind", "mismatch"),
		count("anomalies_total", "kind", "stuck"),
		count("anomalies_total", "kind", "paid_twice"),
		count("anomalies_total", "kind", "unknown_status"),
	}
	missed := count("changes_missed_by_webhook_total")
	for _, c := range []struct {
		name    string
		cause   string
		outcome store.Outcome
		want    []figure
	}{
		{
			"a webhook's change", "webhook",
			store.Outcome{Verdict: store.Changed, From: payment.Pending, To: payment.Paid, Delay: time.Second},
			[]figure{
				count("checks_total", "result", "changed", "source", "webhook"),
				count("state_changes_total", "source", "webhook", "state", "paid"),
				count("change_delay_seconds", "source", "webhook"),
			},
		},
		{
			"a change that polling found", "poll",
			store.Outcome{Verdict: store.Changed, From: payment.Pending, To: payment.Paid, Delay: time.Hour},
			[]figure{
				count("checks_total", "result", "changed", "source", "poll"), missed,
				count("state_changes_total", "source", "poll", "state", "paid"),
				count("change_delay_seconds", "source", "poll"),
			},
		},
		{
			"a paid order that the sweep found", "sweep",
			store.Outcome{Verdict: store.Changed, To: payment.Paid},
			[]figure{
				count("checks_total", "result", "changed", "source", "sweep"), missed,
				count("state_changes_total", "source", "sweep", "state", "paid"),
			},
		},
		{
			"a registered order that turns out to be paid", "poll",
			store.Outcome{Verdict: store.Changed, From: payment.Unverified, To: payment.Paid},
			[]figure{
				count("checks_total", "result", "changed", "source", "poll"), missed,
				count("state_changes_total", "source", "poll", "state", "paid"),
			},
		},
		{
			"a registered order that nobody has paid yet", "poll",
			store.Outcome{Verdict: store.Changed, From: payment.Unverified, To: payment.Pending},
			[]figure{count("state_changes_total", "source", "poll", "state", "pending")},
		},
		{
			"facts changed, the state did not", "poll",
			store.Outcome{Verdict: store.Changed, From: payment.Pending, To: payment.Pending, Delay: time.Second},
			[]figure{
				count("checks_total", "result", "changed", "source", "poll"),
				count("change_delay_seconds", "source", "poll"),
			},
		},
		{
			"nothing new", "poll",
			store.Outcome{Verdict: store.Unchanged, From: payment.Paid, To: payment.Paid},
			[]figure{count("checks_total", "result", "unchanged", "source", "poll")},
		},
		{
			"a failure that makes it stuck", "poll",
			store.Outcome{
				Verdict: store.Failed, From: payment.Pending, To: payment.Pending,
				Events: []store.EventType{store.EventStuck},
			},
			[]figure{
				count("checks_total", "result", "failed", "source", "poll"), count("anomalies_total", "kind", "stuck"),
			},
		},
		{
			"a payment taken back", "webhook",
			store.Outcome{
				Verdict: store.Changed, From: payment.Paid, To: payment.Pending,
				Events: []store.EventType{"order.pending", store.EventAnomaly, store.EventMismatch},
			},
			[]figure{
				count("state_changes_total", "source", "webhook", "state", "pending"),
				count("anomalies_total", "kind", "went_back"), count("anomalies_total", "kind", "mismatch"),
			},
		},
		{
			"paid twice", "webhook",
			store.Outcome{Verdict: store.Changed, From: payment.Pending, To: payment.Paid, PaidTwice: true},
			[]figure{
				count("state_changes_total", "source", "webhook", "state", "paid"),
				count("anomalies_total", "kind", "paid_twice"),
			},
		},
		{
			"an unknown status", "webhook",
			store.Outcome{Verdict: store.Changed, From: payment.Pending, To: payment.Unknown},
			[]figure{
				count("state_changes_total", "source", "webhook", "state", "unknown"),
				count("anomalies_total", "kind", "unknown_status"),
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.store.onApply = func(context.Context, store.Result) (store.Outcome, error) { return c.outcome, nil }
				room, _ := b.Reserve(1)
				b.Start([]store.Claim{{OrderID: "order", Cause: c.cause}}, room-1)
				b.settle(t)
				counted := map[string]bool{}
				for _, f := range c.want {
					counted[f.key()] = true
					b.expect(t, f)
				}
				for _, f := range every {
					if !counted[f.key()] {
						f.want = 0
						b.expect(t, f)
					}
				}
			})
		})
	}
}

func (f figure) key() string {
	key := f.name
	for _, l := range f.labels {
		key += " " + l
	}
	return key
}

func (b *bench) expect(t *testing.T, f figure) {
	t.Helper()
	if got := b.figure(t, f.name, f.labels...); got != f.want {
		t.Errorf("%s is %g, want %g", f.key(), got, f.want)
	}
}

// TestBacklog is brought up to date every five seconds.
func TestBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.store.backlog = store.Backlog{Due: 7, OldestDue: 90 * time.Second, Stuck: 2, Head: 41}
		stop := b.run(t)
		defer stop()
		synctest.Wait()
		b.expect(t, figure{"webhookd_checks_due", nil, 7})
		b.expect(t, figure{"webhookd_oldest_due_seconds", nil, 90})
		b.expect(t, figure{"webhookd_orders_stuck", nil, 2})
		b.expect(t, figure{"webhookd_feed_head", nil, 41})
		b.store.mu.Lock()
		b.store.backlog.Head = 42
		b.store.mu.Unlock()
		pass(5 * time.Second)
		synctest.Wait()
		b.expect(t, figure{"webhookd_feed_head", nil, 42})
	})
}

// TestReport has a line for each event, loud where somebody should look.
func TestReport(t *testing.T) {
	for _, c := range []struct {
		outcome store.Outcome
		want    string
	}{
		{
			store.Outcome{Events: []store.EventType{"order.paid"}, From: payment.Pending, To: payment.Paid},
			`level=INFO msg="order is paid" order_id=order source=webhook state=paid from=pending`,
		},
		{
			store.Outcome{Events: []store.EventType{"order.unknown"}, To: payment.Unknown},
			`level=WARN msg="order is unknown"`,
		},
		{
			store.Outcome{Events: []store.EventType{store.EventChanged}, To: payment.Pending},
			`level=INFO msg="order changed"`,
		},
		{
			store.Outcome{Events: []store.EventType{store.EventAnomaly}, From: payment.Paid, To: payment.Pending},
			`level=WARN msg="order went back" order_id=order source=webhook state=pending from=paid`,
		},
		{
			store.Outcome{Events: []store.EventType{store.EventMismatch}},
			`level=WARN msg="order is not what the shop expects"`,
		},
		{store.Outcome{Events: []store.EventType{store.EventStuck}}, `level=WARN msg="order is stuck"`},
		{store.Outcome{PaidTwice: true}, `level=WARN msg="shop order was paid twice"`},
		{store.Outcome{Verdict: store.Dropped}, `level=INFO msg="forgot an id that the gateway does not know"`},
		{store.Outcome{Verdict: store.Stale}, `level=INFO msg="gateway answered from an old copy"`},
		{store.Outcome{Verdict: store.Unchanged}, ``},
	} {
		t.Run(c.want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.store.onApply = func(context.Context, store.Result) (store.Outcome, error) { return c.outcome, nil }
				b.look(t, "order")
				if b.logs.said(c.want) == 0 || (c.want == "") != (b.logs.String() == "") {
					t.Errorf("the log says %q, want %q", b.logs, c.want)
				}
			})
		})
	}
}

// TestBacklogCannotBeCounted is said, unless the log knows already that the database is away.
func TestBacklogCannotBeCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.store.onBacklog = func() error { return errors.New("no database") }
		stop := b.run(t)
		pass(7 * time.Second)
		if n := b.logs.said("cannot count the backlog"); n != 2 {
			t.Errorf("it was said %d times in 7s, want twice", n)
		}
		b.store.breaks(func(context.Context) error { return errors.New("no database") })
		pass(time.Minute)
		if n := b.logs.said("level=WARN") + b.logs.said("level=ERROR"); n != 3 {
			t.Errorf("a minute without a database took %d lines:\n%s", n, b.logs)
		}
		stop()
	})
}
