package store_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
	"webhookd/internal/pgdev/pgtest"
	"webhookd/internal/store"
)

var pg = pgtest.Template{Migrate: func(ctx context.Context, url string) error {
	_, err := store.Migrate(ctx, url)
	return err
}}

func TestMain(m *testing.M) {
	flag.Int(streamsFlag, 1, "databases that TestModel runs on at a time, each through -rapid.checks schedules")
	flag.Parse()
	unlessGiven("rapid.checks", "30") // for a quick run; go test -rapid.checks=5000 is a thorough one
	unlessGiven("test.parallel", "6") // most of the time tests wait: for Postgres, or for a time-out
	status := pg.Main(m)
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, "goroutines are left over:", err)
		status = max(status, 1)
	}
	os.Exit(status)
}

const streamsFlag = "model.streams"

// modelStreams is what was given for that flag.
func modelStreams(t *testing.T) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(flag.Lookup(streamsFlag).Value.String(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// unlessGiven sets a flag that is not on the command line.
func unlessGiven(name, value string) {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return
	}
	if err := flag.Set(name, value); err != nil {
		panic(err)
	}
}

// bench is a store, with direct access to its database.
type bench struct {
	*store.Store
	pool    *pgxpool.Pool
	figures *prometheus.Registry
	began   atomic.Int64 // when the newest call began that may make an order due; the database has the same clock
}

// begins notes that a call begins which may make an order due.
func (b *bench) begins() { b.began.Store(time.Now().UnixMicro()) }

func defaultRules() store.Rules {
	return store.Rules{
		Schedule: payment.Schedule{
			MinAge: 10 * time.Minute, MinInterval: time.Minute, MaxInterval: 6 * time.Hour, GiveUp: 336 * time.Hour,
			Recheck: []time.Duration{24 * time.Hour, 168 * time.Hour, 720 * time.Hour},
		},
		Policy: payment.Policy{AllowTestOrders: true},
		Lease:  20 * time.Second,
	}
}

// newBench is a store on a database of its own.
func newBench(t testing.TB) *bench {
	t.Helper()
	return newBenchWith(t, pg.New(t), defaultRules())
}

// newPair is two stores on one database, as two replicas are.
func newPair(t testing.TB) (a, b *bench) {
	t.Helper()
	url := pg.New(t)
	return newBenchWith(t, url, defaultRules()), newBenchWith(t, url, defaultRules())
}

// newBenchWith is a store that gives a slow machine time.
func newBenchWith(t testing.TB, url string, rules store.Rules) *bench {
	t.Helper()
	if strings.HasPrefix(url, "postgres://") {
		url += fmt.Sprintf("&connect_timeout=%d", patience/time.Second)
	}
	b := newHastyBench(t, url, rules)
	b.GiveTime(patience)
	return b
}

// newHastyBench is a store that gives up as soon as the service does.
func newHastyBench(t testing.TB, url string, rules store.Rules) *bench {
	t.Helper()
	pool, err := store.Open(t.Context(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	return newBenchOn(t, pool, rules)
}

func newBenchOn(t testing.TB, pool *pgxpool.Pool, rules store.Rules) *bench {
	t.Helper()
	figures := prometheus.NewRegistry()
	s := store.New(pool, rules, slog.New(slog.DiscardHandler), store.NewMetrics(figures))
	t.Cleanup(func() {
		s.Close()
		pool.Close()
	})
	return &bench{Store: s, pool: pool, figures: figures}
}

// idle is a worker that has no room, so that hints stay due.
type idle struct{}

func (idle) Reserve(int) (int, int)   { return 0, 0 }
func (idle) Start([]store.Claim, int) {}
func (idle) Wake()                    {}

// hint records webhooks one after the other.
func (b *bench) hint(t testing.TB, ids ...string) {
	t.Helper()
	in := b.NewIntake(idle{})
	b.begins()
	for _, id := range ids {
		if err := in.Hint(t.Context(), id); err != nil {
			t.Fatalf("Hint(%s): %v", id, err)
		}
	}
}

// claim takes everything that is due.
func (b *bench) claim(t testing.TB) []store.Claim {
	t.Helper()
	b.begins()
	claims, err := b.ClaimDue(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// claimOne takes the one order that is due.
func (b *bench) claimOne(t testing.TB) store.Claim {
	t.Helper()
	claims := b.claim(t)
	if len(claims) != 1 {
		t.Fatalf("ClaimDue gave %d orders, want 1", len(claims))
	}
	return claims[0]
}

// claimByID takes everything that is due.
func (b *bench) claimByID(t testing.TB) map[string]store.Claim {
	t.Helper()
	claims := make(map[string]store.Claim)
	for _, c := range b.claim(t) {
		claims[c.OrderID] = c
	}
	return claims
}

// claimNow makes one order due and takes it.
func (b *bench) claimNow(t testing.TB, id string) store.Claim {
	t.Helper()
	b.exec(t, `update checks set due_at = now() - interval '1 hour' where order_id = $1`, id)
	for _, c := range b.claim(t) {
		if c.OrderID == id {
			return c
		}
	}
	t.Fatalf("order %s was made due and not claimed", id)
	return store.Claim{}
}

// answer applies a document for a claim, asked for now.
func (b *bench) answer(t testing.TB, c store.Claim, doc *nopayn.Order) store.Outcome {
	t.Helper()
	return b.apply(t, answered(c, doc))
}

func answered(c store.Claim, doc *nopayn.Order) store.Result {
	return store.Result{Claim: c, Asked: c.At(time.Now()), Order: doc}
}

// miss applies a 404.
func (b *bench) miss(t testing.TB, c store.Claim) store.Outcome {
	t.Helper()
	return b.apply(t, store.Result{Claim: c, NotFound: true})
}

// fail applies a look that failed.
func (b *bench) fail(t testing.TB, c store.Claim, retryAfter time.Duration) store.Outcome {
	t.Helper()
	f := &store.Failure{Code: "gateway_error", Phrase: "the gateway answered 500", RetryAfter: retryAfter}
	return b.apply(t, store.Result{Claim: c, Failure: f})
}

func (b *bench) apply(t testing.TB, r store.Result) store.Outcome {
	t.Helper()
	b.begins()
	o, err := b.Apply(t.Context(), r)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	return o
}

// see makes the order due and applies a document for it: a webhook and its look.
func (b *bench) see(t testing.TB, doc *nopayn.Order) store.Outcome {
	t.Helper()
	b.hint(t, doc.ID)
	return b.answer(t, b.claimNow(t, doc.ID), doc)
}

// order reads one order.
func (b *bench) order(t testing.TB, id string) store.Order {
	t.Helper()
	o, err := b.Order(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// register says that the shop created the order.
func (b *bench) register(t testing.TB, id string, e store.Expected) store.Registration {
	t.Helper()
	b.begins()
	r, err := b.Register(t.Context(), id, e)
	if err != nil {
		t.Fatalf("Register(%s): %v", id, err)
	}
	return r
}

// feed reads all events, and fails unless their positions are 1, 2, 3 and so on.
func (b *bench) feed(t testing.TB) []store.Event {
	t.Helper()
	var events []store.Event
	for {
		page, err := b.Events(t.Context(), "", int64(len(events)), 500)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, page.Events...)
		if !page.HasMore {
			break
		}
	}
	for i, e := range events {
		if e.Seq != int64(i+1) {
			t.Fatalf("event %d of the feed has position %d", i+1, e.Seq)
		}
	}
	return events
}

// wantFeed fails unless the feed's types are those.
func (b *bench) wantFeed(t testing.TB, want ...string) {
	t.Helper()
	if got := types(b.feed(t)); got != strings.Join(want, " ") {
		t.Errorf("feed is %q, want %q", got, strings.Join(want, " "))
	}
}

// types lists the types of events.
func types(events []store.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, string(e.Type))
	}
	return strings.Join(all, " ")
}

// exec runs a statement of the test's own, to move time or to break something.
func (b *bench) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := b.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// one reads one value.
func one[T any](t testing.TB, b *bench, sql string, args ...any) T {
	t.Helper()
	rows, _ := b.pool.Query(t.Context(), sql, args...)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// dueIn is how long it takes until an order is due; ok is false if it is not scheduled.
func (b *bench) dueIn(t testing.TB, id string) (in time.Duration, ok bool) {
	t.Helper()
	at := one[*time.Time](t, b, `select due_at from checks where order_id = $1`, id)
	if at == nil {
		return 0, false
	}
	return time.Until(*at), true
}

// wantDue fails unless the newest call has made the order due after about the time given, however long the call took.
func (b *bench) wantDue(t testing.TB, id string, want, tolerance time.Duration) {
	t.Helper()
	in, ok := b.dueIn(t, id)
	took := time.Since(time.UnixMicro(b.began.Load()))
	if !ok || in+took < want-tolerance || in > want+tolerance {
		t.Errorf("order %s is due in %v (scheduled: %t) by a call that began %v ago, want %v within %v",
			id, in, ok, took, want, tolerance)
	}
}

// schedule is all that says when an order is due next.
type schedule struct {
	DueAt            *time.Time
	Cause            string
	Lease            *int64
	Failures, Misses int
	LastError        *string
}

func (b *bench) schedule(t testing.TB, id string) schedule {
	t.Helper()
	rows, _ := b.pool.Query(t.Context(),
		`select due_at, cause, lease, failures, misses, last_error from checks where order_id = $1`, id)
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[schedule])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// anOrder is the id of the contract's fixtures.
const anOrder = "43c0a7de-51f4-4c36-8a0e-1d5c0a3b2e01"

// The contract's fixtures that the tests use.
const (
	fixtureNew           = "01_order_new_hpp"
	fixtureProcessing    = "03_order_processing"
	fixturePaid          = "04_order_completed"
	fixtureError         = "10_order_error_with_reason"
	fixtureRefunded      = "11_order_completed_with_refunds"
	fixtureUnknownStatus = "14_order_unknown_status"
	fixtureUnknownFields = "15_order_unknown_extra_fields"
)

// edit changes a document before it is parsed.
type edit func(doc map[string]any)

// with sets a member.
func with(name string, value any) edit { return func(doc map[string]any) { doc[name] = value } }

// without removes a member.
func without(name string) edit { return func(doc map[string]any) { delete(doc, name) } }

// modified sets the gateway's mark.
func modified(at time.Time) edit { return with("modified", at.UTC().Format(time.RFC3339Nano)) }

// created sets when the order was made, and lets it be payable for half an hour from then.
func created(at time.Time) edit { return with("created", at.UTC().Format(time.RFC3339Nano)) }

// document is one of the contract's orders, edited.
func document(t testing.TB, fixture string, edits ...edit) *nopayn.Order {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "nopayn", "testdata", "fixtures", fixture+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		e(doc)
	}
	if raw, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	return parse(t, string(raw))
}

// paid is a paid order of its own, with a reference of its own.
func paid(t testing.TB, id string, edits ...edit) *nopayn.Order {
	t.Helper()
	return document(t, fixturePaid, append([]edit{with("id", id), with("merchant_order_id", "ref-"+id)}, edits...)...)
}

func parse(t testing.TB, raw string) *nopayn.Order {
	t.Helper()
	o, err := nopayn.ParseOrder([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// patience bounds every wait; no test needs it unless something is broken.
const patience = time.Minute

// eventually polls until the condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !condition() {
		select {
		case <-deadline:
			t.Fatalf("not within %v: %s", patience, what)
		case <-tick.C:
		}
	}
}
