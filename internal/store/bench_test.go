package store_test

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/pgdev"
	"webhookd/internal/store"
)

// callers is how many goroutines call at once in the benchmarks of shared commits.
const callers = 64

// newDurableBench is a store on a server that syncs each commit to the disk, as in production. With PGTEST_POOLER in
// the environment there is a PgBouncer between, which shows what that costs.
func newDurableBench(b *testing.B) *bench {
	b.Helper()
	server, err := pgdev.Start(b.Context(), pgdev.Options{Durable: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := server.Stop(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
	})
	url := server.URL("postgres")
	if _, err := store.Migrate(b.Context(), url); err != nil {
		b.Fatal(err)
	}
	if mode := os.Getenv("PGTEST_POOLER"); mode != "" {
		p, err := server.Pooler(b.Context(), pgdev.PoolerOptions{Mode: mode})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(p.Stop)
		url = p.URL("postgres")
	}
	return newBenchWith(b, url, defaultRules())
}

// inParallel runs f b.N times on as many goroutines as callers says, and reports how many calls a second it made.
func inParallel(b *testing.B, f func(i int)) {
	b.Helper()
	var next atomic.Int64
	b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			f(int(next.Add(1) - 1))
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

func BenchmarkHint(b *testing.B) {
	s := newDurableBench(b)
	in := s.NewIntake(idle{})
	inParallel(b, func(i int) {
		if err := in.Hint(b.Context(), "order-"+strconv.Itoa(i)); err != nil {
			b.Error(err)
		}
	})
}

// BenchmarkApply stores new orders that are paid, each with its event.
func BenchmarkApply(b *testing.B) {
	s := newDurableBench(b)
	docs := newPaidDocs(b, b.N)
	s.exec(b, `insert into checks (order_id, due_at, cause, first_seen_by)
		select 'order-' || i, now(), 'webhook', 'webhook' from generate_series(0, $1 - 1) i`, b.N)
	claims, err := s.ClaimDue(b.Context(), b.N)
	if err != nil {
		b.Fatal(err)
	}
	inParallel(b, func(i int) {
		if _, err := s.Apply(b.Context(), answered(claims[i], docs[claims[i].OrderID])); err != nil {
			b.Error(err)
		}
	})
}

// BenchmarkWholeOrder goes from the webhook of a new order to its event, as the service does but for the gateway.
func BenchmarkWholeOrder(b *testing.B) {
	s := newDurableBench(b)
	w := newApplying(b, s, newPaidDocs(b, b.N))
	in := s.NewIntake(w)
	inParallel(b, func(i int) { w.hint(in, "order-"+strconv.Itoa(i)) })
	w.looks.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

// applying is a worker that has room for a bounded number of looks and answers at once. It must have room for all
// hints that are under way, since what it does not take stays due.
type applying struct {
	*bench
	b     *testing.B
	docs  map[string]*nopayn.Order
	room  chan struct{} // holds an entry for each order between its hint and its answer
	looks sync.WaitGroup
}

func newApplying(b *testing.B, s *bench, docs map[string]*nopayn.Order) *applying {
	return &applying{bench: s, b: b, docs: docs, room: make(chan struct{}, 256)}
}

// hint records a webhook, and waits for room first.
func (w *applying) hint(in *store.Intake, id string) {
	w.room <- struct{}{}
	w.looks.Add(1)
	if err := in.Hint(w.b.Context(), id); err != nil {
		w.b.Error(err)
	}
}

func (*applying) Reserve(n int) (room, heard int) { return n, n }
func (*applying) Wake()                           {}

func (w *applying) Start(claims []store.Claim, _ int) {
	for _, c := range claims {
		go func() {
			defer w.looks.Done()
			if _, err := w.Apply(w.b.Context(), answered(c, w.docs[c.OrderID])); err != nil {
				w.b.Error(err)
			}
			<-w.room
		}()
	}
}

// newPaidDocs makes n documents of paid orders, by id.
func newPaidDocs(b *testing.B, n int) map[string]*nopayn.Order {
	b.Helper()
	like := string(document(b, fixturePaid).Raw)
	docs := make(map[string]*nopayn.Order, n)
	for i := range n {
		id := "order-" + strconv.Itoa(i)
		raw := strings.Replace(like, anOrder, id, 1)
		raw = strings.Replace(raw, "ORDER-001", "ref-"+id, 1)
		doc, err := nopayn.ParseOrder([]byte(raw))
		if err != nil {
			b.Fatal(err)
		}
		docs[id] = doc
	}
	return docs
}

func BenchmarkClaimDue(b *testing.B) {
	s := newDurableBench(b)
	s.exec(b, `insert into checks (order_id, due_at, cause, first_seen_by, known)
		select 'order-' || i, now() - interval '1 day' + i * interval '1 ms', 'poll', 'webhook', i % 2 = 0
		from generate_series(1, 100000) i`)
	s.exec(b, `analyze checks`)
	left := 100_000
	for b.Loop() {
		if left < 50_000 {
			b.StopTimer()
			s.exec(b, `update checks set due_at = now() - interval '1 day' where lease is not null`)
			s.exec(b, `vacuum analyze checks`)
			left = 100_000
			b.StartTimer()
		}
		claims, err := s.ClaimDue(b.Context(), 32)
		if err != nil || len(claims) != 32 {
			b.Fatalf("claimed %d: %v", len(claims), err)
		}
		left -= len(claims)
	}
}

// newFilledBench holds n paid orders with their events.
func newFilledBench(b *testing.B, n int) *bench {
	b.Helper()
	s := newDurableBench(b)
	w := newApplying(b, s, newPaidDocs(b, n))
	in := s.NewIntake(w)
	var hints sync.WaitGroup
	for i := range n {
		hints.Go(func() { w.hint(in, "order-"+strconv.Itoa(i)) })
	}
	hints.Wait()
	w.looks.Wait()
	s.exec(b, `vacuum analyze`)
	return s
}

func BenchmarkOrder(b *testing.B) {
	s := newFilledBench(b, 2000)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		s.order(b, "order-"+strconv.Itoa(i%2000))
	}
}

func BenchmarkOrders50(b *testing.B) {
	s := newFilledBench(b, 2000)
	b.ReportAllocs()
	for b.Loop() {
		orders, _, err := s.Orders(b.Context(), store.Filter{}, store.Cursor{}, 50)
		if err != nil || len(orders) != 50 {
			b.Fatalf("%d orders, %v", len(orders), err)
		}
	}
}

func BenchmarkEvents100(b *testing.B) {
	s := newFilledBench(b, 2000)
	b.ReportAllocs()
	for b.Loop() {
		page, err := s.Events(b.Context(), "", 1000, 100)
		if err != nil || len(page.Events) != 100 {
			b.Fatalf("%d events, %v", len(page.Events), err)
		}
	}
}
