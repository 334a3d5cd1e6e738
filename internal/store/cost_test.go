package store_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// TestCostFollowsWhatIsOpenNotWhatIsStored asks the planner how it would run what the store asks of a database with
// 50,000 orders, 100 of them unsettled. Nothing may read a whole table, be it planned for the arguments at hand or, as
// Postgres does with a statement that comes often, for any.
func TestCostFollowsWhatIsOpenNotWhatIsStored(t *testing.T) {
	t.Parallel()
	url := pg.New(t)
	said := &statements{}
	b := newTracedBench(t, url, said)
	b.fill(t, 50_000)
	ctx := t.Context()
	page, next, err := b.Orders(ctx, store.Filter{}, store.Cursor{}, 50)
	if err != nil || len(page) != 50 {
		t.Fatalf("%d orders: %v", len(page), err)
	}
	orders := func(f store.Filter, from store.Cursor) func() error {
		return func() error { _, _, err := b.Orders(ctx, f, from, 50); return err }
	}
	start, minuteAgo := store.Cursor{}, time.Now().Add(-time.Minute)
	deep := store.Cursor{At: time.Now().Add(-40_000 * time.Minute), OrderID: "order"}
	weekAgo := time.Now().Add(-7 * 24 * time.Hour)
	for name, ask := range map[string]func() error{
		"first page":  orders(store.Filter{}, start),
		"next page":   orders(store.Filter{}, *next),
		"unsettled":   orders(store.Filter{Settled: new(false)}, *next),
		"stuck":       orders(store.Filter{Stuck: new(true)}, start),
		"reference":   orders(store.Filter{MerchantOrderID: new("ref-17")}, start),
		"updated":     orders(store.Filter{UpdatedAfter: &minuteAgo}, start),
		"fulfillable": orders(store.Filter{Fulfillable: new(true)}, start),

		"a common reference":        orders(store.Filter{MerchantOrderID: new("common")}, deep),
		"next of a reference":       orders(store.Filter{MerchantOrderID: new("ref-17")}, deep),
		"next updated":              orders(store.Filter{UpdatedAfter: &weekAgo}, store.Cursor{At: minuteAgo, OrderID: "o"}),
		"next fulfillable":          orders(store.Filter{Fulfillable: new(true)}, deep),
		"not fulfillable":           orders(store.Filter{Fulfillable: new(false)}, start),
		"settled":                   orders(store.Filter{Settled: new(true)}, deep),
		"not stuck":                 orders(store.Filter{Stuck: new(false)}, deep),
		"a common state":            orders(store.Filter{State: new(payment.Paid)}, deep),
		"a rare state":              orders(store.Filter{State: new(payment.Refunded)}, deep),
		"a state that nobody is in": orders(store.Filter{State: new(payment.Voided)}, start),
		"a common status":           orders(store.Filter{Status: new("completed")}, deep),
		"a rare status":             orders(store.Filter{Status: new("new")}, start),
		"a status nobody has":       orders(store.Filter{Status: new("odd")}, start),
		"an updated state":          orders(store.Filter{State: new(payment.Paid), UpdatedAfter: &minuteAgo}, start),
		"all at once": orders(store.Filter{
			MerchantOrderID: new("ref-17"), State: new(payment.Paid), Status: new("completed"), Settled: new(false),
			Stuck: new(false), Fulfillable: new(true), UpdatedAfter: &weekAgo,
		}, start),
		"common merchant order": func() error { _, err := b.MerchantOrder(ctx, "common"); return err },
		"merchant order":        func() error { _, err := b.MerchantOrder(ctx, "ref-17"); return err },
		"standing":              func() error { _, err := b.Standing(ctx, "order-17", time.Second); return err },
		"claim of one":          func() error { _, _, err := b.ClaimNow(ctx, "order-16", 0); return err },

		"order":    func() error { _, err := b.Order(ctx, "order-17"); return err },
		"history":  func() error { _, err := b.History(ctx, "order-17", 0, 1000); return err },
		"events":   func() error { _, err := b.Events(ctx, "", 40_000, 100); return err },
		"claim":    func() error { _, err := b.ClaimDue(ctx, 32); return err },
		"backlog":  func() error { _, err := b.Backlog(ctx); return err },
		"hint":     func() error { return b.NewIntake(idle{}).Hint(ctx, "order-17") },
		"register": func() error { _, err := b.Register(ctx, "order-18", store.Expected{}); return err },
		"sweep": func() error {
			_, err := b.Swept(ctx, []store.Listed{{OrderID: "order-19"}}, time.Time{})
			return err
		},
		"answer":    func() error { b.see(t, paid(t, "order-20", with("merchant_order_id", "ref-17"))); return nil },
		"new order": func() error { b.see(t, paid(t, "new")); return nil },
		"prune":     func() error { _, _, err := b.PruneEvents(ctx, time.Hour); return err },
	} {
		said.forget()
		if err := ask(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, s := range said.all() {
			plans := map[string]string{"its arguments": b.plan(t, s), "any arguments": b.genericPlan(t, s)}
			for kind, plan := range plans {
				if whole := wholeTable.FindString(plan); whole != "" {
					t.Errorf("%s, planned for %s: %s in\n%s\n%s", name, kind, whole, s.sql, plan)
				}
			}
		}
	}
}

// wholeTable is how a plan says that it reads all of a table that grows, or sorts more of it than it will give.
var wholeTable = regexp.MustCompile(`Seq Scan on (checks|orders|events)|Sort +\(cost=[0-9.]+ rows=[0-9]{4,}`)

// fill stores n orders with an event each. Of them 100 are unsettled, 10 stuck, and 50 due; one in 5,000 was refunded,
// and one in ten has a reference that they share.
func (b *bench) fill(t testing.TB, n int) {
	t.Helper()
	for _, sql := range []string{
		`insert into orders (order_id, state, status, merchant_order_id, amount, currency, clear, settled, stuck, paid_seq,
			first_seen_at, first_seen_by, updated_at, settled_at, seq)
		select 'order-' || i, case when i % 5000 = 7 then 'refunded' else 'paid' end,
			case when i <= 100 then 'new' else 'completed' end,
			case when i % 10 = 3 then 'common' else 'ref-' || i end, 1295, 'EUR', true, i > 100, i <= 10, i,
			now() - i * interval '1 minute', 'webhook', now() - i * interval '1 minute', now(), i
		from generate_series(1, $1::int) i`,
		`insert into checks (order_id, known, due_at, cause, first_seen_by)
		select 'order-' || i, true, case when i <= 100 then now() + (i - 50) * interval '1 hour' end, 'poll', 'webhook'
		from generate_series(1, $1::int) i`,
		`insert into events (seq, type, order_id, merchant_order_id, time, source, snapshot)
		select i, 'order.paid', 'order-' || i, 'ref-' || i, now(), 'webhook', '{}'
		from generate_series(1, $1::int) i`,
		`update feed set head = $1::int`,
	} {
		b.exec(t, sql, n)
	}
	b.exec(t, `vacuum analyze`)
}

// TestPagesCostTheSame reads the first page and one far behind it, and compares what Postgres had to look at.
func TestPagesCostTheSame(t *testing.T) {
	t.Parallel()
	said := &statements{}
	b := newTracedBench(t, pg.New(t), said)
	b.fill(t, 20_000)
	start := time.Now().Add(-21_000 * time.Minute)
	for name, c := range map[string]struct {
		filter store.Filter
		deep   time.Time
	}{
		"all":         {store.Filter{}, time.Now().Add(-15_000 * time.Minute)},
		"state":       {store.Filter{State: new(payment.Paid)}, time.Now().Add(-15_000 * time.Minute)},
		"status":      {store.Filter{Status: new("completed")}, time.Now().Add(-15_000 * time.Minute)},
		"reference":   {store.Filter{MerchantOrderID: new("common")}, time.Now().Add(-15_000 * time.Minute)},
		"fulfillable": {store.Filter{Fulfillable: new(true)}, time.Now().Add(-15_000 * time.Minute)},
		"updated":     {store.Filter{UpdatedAfter: &start}, time.Now().Add(-5_000 * time.Minute)},
	} {
		pages := func(from store.Cursor) int {
			said.forget()
			if orders, _, err := b.Orders(t.Context(), c.filter, from, 50); err != nil || len(orders) != 50 {
				t.Fatalf("%s: %d orders, %v", name, len(orders), err)
			}
			return b.buffers(t, said.all()[0])
		}
		first, far := pages(store.Cursor{}), pages(store.Cursor{At: c.deep, OrderID: "order"})
		if far > first+first/2+20 {
			t.Errorf("%s: a page far behind touches %d buffers, the first %d", name, far, first)
		}
	}
}

// buffers is how many pages of its tables and indexes Postgres touches for a statement.
func (b *bench) buffers(t testing.TB, s statement) int {
	t.Helper()
	lines := strings.Join(b.explained(t, "explain (analyze, buffers, timing off) ", s), "\n")
	total := 0
	// The first line with buffers is that of the whole plan.
	found := regexp.MustCompile(`Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?`).FindStringSubmatch(lines)
	if found == nil {
		t.Fatalf("no buffers in\n%s", lines)
	}
	for _, n := range found[1:] {
		count, _ := strconv.Atoi("0" + n)
		total += count
	}
	return total
}

// statement is what was asked of the database.
type statement struct {
	sql  string
	args []any
}

// statements takes note of what a pool is asked.
type statements struct {
	mu   sync.Mutex
	seen []statement
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	s.note(q.SQL, q.Args)
	return ctx
}

func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (s *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	s.note(q.SQL, q.Args)
}

func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (s *statements) note(sql string, args []any) {
	first, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
	if !slices.Contains([]string{"select", "insert", "update", "delete", "with"}, strings.TrimSpace(first)) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, statement{sql, args})
}

func (s *statements) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = nil
}

func (s *statements) all() []statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// newTracedBench is a store whose statements are taken note of.
func newTracedBench(t testing.TB, url string, said *statements) *bench {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.Tracer = said
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return newBenchOn(t, pool, defaultRules())
}

// plan is how the planner would run a statement with its arguments.
func (b *bench) plan(t testing.TB, s statement) string {
	t.Helper()
	return strings.Join(b.explained(t, "explain ", s), "\n")
}

func (b *bench) explained(t testing.TB, how string, s statement) []string {
	t.Helper()
	rows, _ := b.pool.Query(t.Context(), how+s.sql, s.args...)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("explain %s: %v", s.sql, err)
	}
	return lines
}

// genericPlan is how the planner would run it with any arguments.
func (b *bench) genericPlan(t testing.TB, s statement) string {
	t.Helper()
	var lines []string
	err := pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
		for _, sql := range []string{"set local plan_cache_mode = force_generic_plan", "prepare asked as " + s.sql} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return err
			}
		}
		execute := "explain execute asked"
		if len(s.args) > 0 {
			execute += "(" + strings.TrimSuffix(strings.Repeat("null, ", len(s.args)), ", ") + ")"
		}
		rows, _ := tx.Query(t.Context(), execute)
		var err error
		if lines, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), "deallocate asked")
		return err
	})
	if err != nil {
		t.Fatalf("plan %s: %v", s.sql, err)
	}
	return strings.Join(lines, "\n")
}

// TestCostDoesNotGrowWhileTablesDo fills an empty database that nobody analyzes, as a busy first minute does. A plan
// that was made while the tables were small must not read all of them ever after. Through a pooler plans are made anew
// each time, and whole tables are read for as long as they are a few pages.
func TestCostDoesNotGrowWhileTablesDo(t *testing.T) {
	t.Parallel()
	t.Run("direct", func(t *testing.T) {
		t.Parallel()
		if os.Getenv("PGTEST_POOLER") != "" {
			t.Skip("the environment puts a pooler between")
		}
		readWhileFilled(t, pg.New(t), 20)
	})
	t.Run("through a pooler", func(t *testing.T) {
		t.Parallel()
		readWhileFilled(t, pg.Pooled(t, pg.New(t)), 400)
	})
}

// readWhileFilled fills a database, and fails if more rows than limit for each order were read for nothing.
func readWhileFilled(t *testing.T, url string, limit int) {
	t.Helper()
	b := newBenchWith(t, url, defaultRules())
	const orders, batch = 1500, 25
	for n := 0; n < orders; n += batch {
		var looks sync.WaitGroup
		for i := range batch {
			id := fmt.Sprintf("order-%d", n+i)
			b.hint(t, id)
			doc := paid(t, id)
			c := b.claimOne(t)
			looks.Go(func() {
				if _, err := b.Apply(t.Context(), answered(c, doc)); err != nil {
					t.Error(err)
				}
			})
		}
		looks.Wait()
		b.order(t, fmt.Sprintf("order-%d", n))
	}
	b.Close()
	b.pool.Close() // its connections hand in what they counted
	after := newBenchWith(t, url, defaultRules())
	eventually(t, "the statistics are in", func() bool {
		return one[int](t, after, `select n_tup_ins from pg_stat_user_tables where relname = 'orders'`) == orders
	})
	for _, table := range []string{"checks", "orders", "events"} {
		read := one[int](t, after, `select seq_tup_read from pg_stat_user_tables where relname = $1`, table)
		if read > limit*orders {
			t.Errorf("%d rows of %s were read for nothing, to store %d orders", read, table, orders)
		}
	}
}
