package poller_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
	"webhookd/internal/poller"
	"webhookd/internal/sandbox"
	"webhookd/internal/sandbox/sandboxtest"
	"webhookd/internal/store"
)

// The tests in this file run the poller on a real Postgres, and against the sandbox gateway over HTTP.

// patience bounds every wait; no test needs it unless something is broken.
const patience = 2 * time.Minute

// world is a gateway and a database, which replicas share.
type world struct {
	*sandbox.Gateway
	url      string
	database string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	g, url := sandboxtest.Start(t, sandbox.Config{})
	return &world{Gateway: g, url: url, database: pg.New(t)}
}

// paid makes orders at the gateway and pays them. It sends no webhook.
func (w *world) paid(t *testing.T, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		id, err := w.Create(map[string]any{"amount": 1295, "currency": "EUR"})
		if err == nil {
			err = w.Pay(id, sandbox.CardVisa)
		}
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = id
	}
	return ids
}

// replica is a store with its poller.
type replica struct {
	*poller.Poller
	store *store.Store
	pool  *pgxpool.Pool
	reg   *prometheus.Registry
	logs  *logbook
}

// replica makes a poller that does not run yet.
func (w *world) replica(t *testing.T, budget gateway.Config, s payment.Schedule) *replica {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	client, err := nopayn.New(nopayn.Config{
		APIKey: sandbox.DefaultAPIKey, MerchantID: "merchant", BaseURL: w.url,
		HTTPClient: &http.Client{Transport: transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := store.Open(t.Context(), w.database, 4)
	if err != nil {
		t.Fatal(err)
	}
	const lease = 20 * time.Second
	r := &replica{pool: pool, reg: prometheus.NewRegistry(), logs: &logbook{}}
	log := slog.New(slog.NewTextHandler(r.logs, nil))
	r.store = store.New(pool, store.Rules{Schedule: s, Lease: lease}, log, store.NewMetrics(r.reg))
	c := poller.Config{Concurrency: budget.Concurrency, Lease: lease}
	r.Poller = poller.New(r.store, gateway.New(client, budget, log, r.reg), c, log, r.reg)
	t.Cleanup(func() {
		r.store.Close()
		pool.Close()
		transport.CloseIdleConnections()
		if t.Failed() {
			t.Logf("log:\n%s", r.logs)
		}
	})
	return r
}

// schedule is one by which nothing is looked at twice during a test, unless the test says so.
func schedule() payment.Schedule {
	return payment.Schedule{MinAge: time.Hour, MinInterval: time.Hour, MaxInterval: time.Hour}
}

// start runs the poller until the test ends.
func (r *replica) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// hints records a webhook for each order, many at a time.
func (r *replica) hints(t *testing.T, w store.Worker, ids ...string) {
	t.Helper()
	in := r.store.NewIntake(w)
	var senders sync.WaitGroup
	for part := range slices.Chunk(ids, max(1, len(ids)/32)) {
		senders.Go(func() {
			for _, id := range part {
				if err := in.Hint(t.Context(), id); err != nil {
					t.Errorf("Hint(%s): %v", id, err)
				}
			}
		})
	}
	senders.Wait()
}

// verified counts the orders that the gateway has confirmed as paid.
func (r *replica) verified(t *testing.T) int {
	t.Helper()
	return r.count(t, `select count(*) from orders where state = 'paid'`)
}

func (r *replica) count(t *testing.T, query string) int {
	t.Helper()
	rows, _ := r.pool.Query(t.Context(), query)
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// eventually waits for what the poller brings about by itself.
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
		}
	}
}

// unstored counts the answers for an order, or for all, that were not stored in time: so it may go where the machine is
// starved of its processors. The order is asked for once more then.
func (r *replica) unstored(id string) int {
	return r.logs.said(`msg="cannot store an answer" order_id=` + id)
}

// askedOnce fails unless the gateway was asked for each order once.
func (w *world) askedOnce(t *testing.T, ids []string, replicas ...*replica) {
	t.Helper()
	for _, id := range ids {
		want := 1
		for _, r := range replicas {
			want += r.unstored(id)
		}
		if n := w.Calls(sandbox.OpGet, id); n < 1 || n > want {
			t.Errorf("order %s was asked for %d times", id, n)
		}
	}
}

// noRoom is a worker whose replica is too busy, so that hints wait for the schedule.
type noRoom struct{}

func (noRoom) Reserve(int) (int, int)   { return 0, 0 }
func (noRoom) Start([]store.Claim, int) {}
func (noRoom) Wake()                    {}

// TestRegisteredOrder of which no webhook ever comes is found when it is old enough, and not before.
func TestRegisteredOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := schedule()
	s.MinAge = 700 * time.Millisecond
	r := w.replica(t, gateway.Config{RPS: 50, Concurrency: 4, Timeout: 10 * time.Second}, s)
	id := w.paid(t, 1)[0]
	r.start(t)
	start := time.Now()
	if _, err := r.store.Register(t.Context(), id, store.Expected{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the order is looked at", func() bool { return w.Calls(sandbox.OpGet, id) > 0 })
	if age := time.Since(start); age < s.MinAge {
		t.Errorf("it was looked at after %s, want %s", age, s.MinAge)
	}
	eventually(t, "the order is verified", func() bool { return r.verified(t) == 1 })
	eventually(t, "the change counts as missed by webhooks", func() bool { // what is visible is counted just after
		return figureOf(t, r.reg, "webhookd_changes_missed_by_webhook_total") == 1
	})
}

// TestAnswerIsOfTheMomentItWasAskedFor: what counts against other answers is when the request left.
func TestAnswerIsOfTheMomentItWasAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.replica(t, gateway.Config{RPS: 50, Concurrency: 4, Timeout: 10 * time.Second}, schedule())
	id := w.paid(t, 1)[0]
	arrived, release := w.HoldGET(id)
	defer release()
	r.start(t)
	r.hints(t, r, id)
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatal("the order is not looked at")
	}
	var sentBefore time.Time
	if err := r.pool.QueryRow(t.Context(), `select clock_timestamp()`).Scan(&sentBefore); err != nil {
		t.Fatal(err)
	}
	held := time.NewTimer(300 * time.Millisecond) // more than a claim is inexact by
	<-held.C
	release()
	eventually(t, "the order is verified", func() bool { return r.verified(t) == 1 })
	o, err := r.store.Order(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if o.CheckedAt == nil || o.CheckedAt.After(sentBefore) {
		t.Errorf("checked at %v, want no later than %s, when the gateway had the request", o.CheckedAt, sentBefore)
	}
}

// TestWebhookIsLookedAtAtOnce, in its own statement and long before a tick: a hundred of them one after the other.
func TestWebhookIsLookedAtAtOnce(t *testing.T) {
	t.Parallel()
	const orders = 100
	w := newWorld(t)
	r := w.replica(t, gateway.Config{RPS: 5000, Concurrency: 32, Timeout: 10 * time.Second}, schedule())
	ids := w.paid(t, orders)
	r.start(t)
	in := r.store.NewIntake(r)
	var took []time.Duration
	for i, id := range ids {
		start := time.Now()
		if err := in.Hint(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the order is verified", func() bool { return r.verified(t) == i+1 })
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	if most := took[orders/2]; most > time.Second/2 { // a tick would come a second after the one before
		t.Errorf("most webhooks took %s or more", most)
	}
}

// TestGatewayRecovers has the gateway fail for all while orders are due. Only probes reach it then; well again, it is
// soon asked about every order, and none of them pays for what was never sent.
func TestGatewayRecovers(t *testing.T) {
	t.Parallel()
	const orders = 60
	w := newWorld(t)
	r := w.replica(t, gateway.Config{RPS: 500, Concurrency: 8, Timeout: 10 * time.Second}, schedule())
	ids := w.paid(t, orders)
	mend := w.Break(sandbox.OpGet, "", 0, sandbox.Reply(500, nil, ""))
	r.hints(t, noRoom{}, ids...)
	r.start(t)
	open := func() bool { return figureOf(t, r.reg, "webhookd_gateway_breaker_open") == 1 }
	eventually(t, "the breaker opens", open)
	opened := time.Now()
	eventually(t, "a probe fails", func() bool { return time.Since(opened) > 5*time.Second+500*time.Millisecond })
	calls := w.Calls(sandbox.OpGet, "")
	probes := 1 + int(time.Since(opened)/(5*time.Second))
	if most := 4 + 8 + probes; calls > most { // five failures in a row, what was under way with the fifth, and probes
		t.Errorf("%d calls to a gateway that fails, want at most %d", calls, most)
	}
	if n := r.count(t, `select count(*)::int from checks where failures > 0`); n > calls {
		t.Errorf("%d orders count a failure after %d calls", n, calls)
	}

	mend()
	start := time.Now()
	eventually(t, "all orders are verified", func() bool { return r.verified(t) == orders })
	if took := time.Since(start); took > 30*time.Second { // five until the next probe, and the rest for a slow machine
		t.Errorf("it took %s until all orders were verified", took)
	}
	if n := w.Calls(sandbox.OpGet, ""); n != calls+orders+r.unstored("") {
		t.Errorf("%d calls for %d orders after the gateway was well", n-calls, orders)
	}
	if open() {
		t.Error("the breaker counts as open still")
	}
}

// TestForgedFlood names two thousand ids that do not exist, and then fifty orders of the shop's: these go first.
func TestForgedFlood(t *testing.T) {
	t.Parallel()
	const known, forged, rps = 50, 2000, 100
	w := newWorld(t)
	r := w.replica(t, gateway.Config{RPS: rps, Concurrency: 16, Timeout: 10 * time.Second}, schedule())
	ids := w.paid(t, known)
	for _, id := range ids {
		if _, err := r.store.Register(t.Context(), id, store.Expected{}); err != nil {
			t.Fatal(err)
		}
	}
	flood := make([]string, forged)
	for i := range flood {
		flood[i] = fmt.Sprintf("forged-%d", i)
	}
	r.hints(t, noRoom{}, flood...)
	r.start(t)
	eventually(t, "forged ids are looked at", func() bool { return w.Calls(sandbox.OpGet, "") > 0 })

	start, before := time.Now(), w.Calls(sandbox.OpGet, "")
	r.hints(t, r, ids...)
	took := time.Since(start)
	asked := func(id string) bool { return w.Calls(sandbox.OpGet, id) > 0 }
	eventually(t, "all orders of the shop's are looked at", func() bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return !asked(id) })
	})
	others := w.Calls(sandbox.OpGet, "") - before - known
	// While the last of them were being named, what was left of the budget was at the forged ids' disposal, and so it was
	// until we noticed, on a slow machine.
	if limit := int(rps*took.Seconds()) + 20 + 4*rps; others > min(limit, forged/2) {
		t.Errorf("%d forged ids were looked at meanwhile, want at most %d", others, limit)
	}
	eventually(t, "the shop's orders are verified", func() bool { return r.verified(t) == known })
	w.askedOnce(t, ids, r)
	if n := r.count(t, `select count(*)::int from orders where order_id like 'forged-%'`); n != 0 {
		t.Errorf("%d forged ids became orders", n)
	}
}

// TestUnregisteredShop registers nothing, and has the whole budget for its webhooks.
func TestUnregisteredShop(t *testing.T) {
	t.Parallel()
	const orders, rps = 300, 200
	w := newWorld(t)
	r := w.replica(t, gateway.Config{RPS: rps, Concurrency: 16, Timeout: 10 * time.Second}, schedule())
	look := func(ids []string) time.Duration {
		before := r.verified(t)
		start := time.Now()
		r.hints(t, noRoom{}, ids...)
		r.Wake()
		eventually(t, "all orders are verified", func() bool { return r.verified(t) == before+orders })
		took := time.Since(start)
		if least := (orders - rps/20) * time.Second / rps; took < least {
			t.Errorf("%d orders took %s, less than the budget allows: %s", orders, took, least)
		}
		return took
	}
	ids, registered := w.paid(t, orders), w.paid(t, orders)
	for _, id := range registered {
		if _, err := r.store.Register(t.Context(), id, store.Expected{}); err != nil {
			t.Fatal(err)
		}
	}
	r.start(t)
	known, heard := look(registered), look(ids)
	if heard > 3*known+2*time.Second { // as much as the machine can do
		t.Errorf("%d orders took %s, and as many that were registered %s", orders, heard, known)
	}
}

// TestTwoReplicas share the orders that are due: each is looked at once.
func TestTwoReplicas(t *testing.T) {
	t.Parallel()
	const orders = 300
	w := newWorld(t)
	budget := gateway.Config{RPS: 200, Concurrency: 16, Timeout: 10 * time.Second}
	replicas := []*replica{w.replica(t, budget, schedule()), w.replica(t, budget, schedule())}
	ids := w.paid(t, orders)
	for _, r := range replicas {
		r.start(t)
	}
	replicas[0].hints(t, noRoom{}, ids...)
	for _, r := range replicas {
		r.Wake()
	}
	eventually(t, "all orders are verified", func() bool { return replicas[0].verified(t) == orders })
	w.askedOnce(t, ids, replicas...)
	looks := func(r *replica) float64 {
		return figureOf(t, r.reg, "webhookd_checks_total", "result", "changed", "source", "webhook")
	}
	eventually(t, "all looks are counted", func() bool { // what is visible is counted just after
		return int(looks(replicas[0])+looks(replicas[1])) >= orders-replicas[0].unstored("")-replicas[1].unstored("")
	})
	for i, r := range replicas {
		if n := looks(r); n < orders/20 {
			t.Errorf("replica %d made %g of %d looks", i+1, n, orders)
		}
	}
}
