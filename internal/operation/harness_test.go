package operation_test

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/payment"
	"webhookd/internal/pgdev/pgtest"
	"webhookd/internal/sandbox"
	"webhookd/internal/sandbox/sandboxtest"
	"webhookd/internal/store"
)

const (
	aKey     = "refund-of-damaged-cup"
	price    = 1295
	hookURL  = "https://shop.example.com/webhooks/costplus/token"
	patience = 2 * time.Minute // bound of every wait
)

var pg = pgtest.Template{Migrate: func(ctx context.Context, url string) error {
	_, err := store.Migrate(ctx, url)
	return err
}}

func TestMain(m *testing.M) { os.Exit(pg.Main(m)) }

// bench is the service on a real Postgres, with a sandbox gateway over HTTP.
type bench struct {
	*operation.Service
	store   *store.Store
	sandbox *sandbox.Gateway
	client  *nopayn.Client
	gateway *gateway.Gateway
	pool    *pgxpool.Pool
	log     *strings.Builder
	reg     *prometheus.Registry
}

func newBench(t *testing.T, settings ...func(*operation.Config)) *bench {
	t.Helper()
	return newBenchAt(t, sandbox.Config{}, settings...)
}

// newBenchAt is a bench at a gateway of its own kind.
func newBenchAt(t *testing.T, at sandbox.Config, settings ...func(*operation.Config)) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{log: &strings.Builder{}, reg: prometheus.NewRegistry()}
	log := slog.New(slog.NewTextHandler(b.log, nil))
	g, url := sandboxtest.Start(t, at)
	b.sandbox = g
	var err error
	b.client, err = nopayn.New(nopayn.Config{
		APIKey: sandbox.DefaultAPIKey, MerchantID: "merchant", BaseURL: url,
	})
	must(t, err)
	b.pool, err = store.Open(t.Context(), pg.New(t), 8)
	must(t, err)
	t.Cleanup(b.pool.Close)
	b.store = store.New(b.pool, store.Rules{Lease: time.Minute, Policy: payment.Policy{AllowTestOrders: true}}, log,
		store.NewMetrics(prometheus.NewRegistry()))
	t.Cleanup(b.store.Close)
	b.gateway = gateway.New(b.client, gateway.Config{RPS: 10_000, Concurrency: 64, Timeout: 20 * time.Second}, log,
		prometheus.NewRegistry())
	c := operation.Config{
		Timeout: 20 * time.Second, WebhookURL: hookURL, Sign: b.client.GenerateSignature, Wake: func() {},
	}
	for _, set := range settings {
		set(&c)
	}
	b.Service = operation.New(b.store, b.gateway, c, log, b.reg)
	return b
}

// runs has the service look for lost outcomes until the test ends.
func (b *bench) runs(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// order makes an order at the gateway, and has the store know it.
func (b *bench) order(t *testing.T, fields map[string]any, then ...func(id string) error) string {
	t.Helper()
	all := map[string]any{"amount": price, "currency": "EUR"}
	for name, value := range fields {
		all[name] = value
	}
	id, err := b.sandbox.Create(all)
	must(t, err)
	for _, f := range then {
		must(t, f(id))
	}
	b.see(t, id)
	return id
}

// paid is an order that was paid with a test card.
func (b *bench) paid(t *testing.T) string {
	t.Helper()
	return b.order(t, nil, func(id string) error { return b.sandbox.Pay(id, sandbox.CardVisa) })
}

// reserved is an order whose money was reserved and not taken.
func (b *bench) reserved(t *testing.T) string {
	t.Helper()
	return b.order(t, map[string]any{"capture_mode": "manual"},
		func(id string) error { return b.sandbox.Pay(id, sandbox.CardVisa) })
}

// see has the store learn of an order as a look would teach it.
func (b *bench) see(t *testing.T, id string) {
	t.Helper()
	_, err := b.store.Register(t.Context(), id, store.Expected{})
	must(t, err)
	b.sql(t, `update checks set due_at = now() - interval '1 hour' where order_id = $1`, id)
	b.looks(t)
}

// hears has the store learn of an order as a sweep would teach it.
func (b *bench) hears(t *testing.T, id string) {
	t.Helper()
	_, err := b.store.Swept(t.Context(), []store.Listed{{OrderID: id}}, time.Time{})
	must(t, err)
	b.looks(t)
}

// looks at all orders that are due.
func (b *bench) looks(t *testing.T) {
	t.Helper()
	claims, err := b.store.ClaimDue(t.Context(), 100)
	must(t, err)
	for _, c := range claims {
		o, err := b.client.GetOrder(t.Context(), c.OrderID)
		must(t, err)
		_, err = b.store.Apply(t.Context(), store.Result{Claim: c, Asked: c.At(time.Now()), Order: o})
		must(t, err)
	}
}

// refund asks for a refund under the key.
func refund(key, id string, amount int64) operation.Ask {
	return operation.Ask{Key: key, Movement: payment.Refund, OrderID: id, Amount: amount}
}

// move asks, and fails unless the operation has the status.
func (b *bench) move(t *testing.T, a operation.Ask, want store.OperationStatus) store.Operation {
	t.Helper()
	op, _, err := b.Move(t.Context(), a)
	if err != nil || op.Status != want {
		t.Fatalf("Move(%+v) = %+v, %v, want %s", a, op, err, want)
	}
	return op
}

// becomes waits until the operation has the status.
func (b *bench) becomes(t *testing.T, key string, want store.OperationStatus) store.Operation {
	t.Helper()
	var op store.Operation
	eventually(t, "operation "+key+" is "+string(want), func() bool {
		var err error
		op, err = b.store.Operation(t.Context(), key)
		return err == nil && op.Status == want
	})
	return op
}

// stays fails unless the operation has the status after another look at everything that is due.
func (b *bench) stays(t *testing.T, key string, want store.OperationStatus) store.Operation {
	t.Helper()
	b.sql(t, `update operations set due_at = now() where due_at is not null`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	looks := b.number(t, `select coalesce(sum(looks), 0) from operations`)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Run(ctx)
	}()
	eventually(t, "somebody has looked", func() bool {
		return b.number(t, `select coalesce(sum(looks), 0) from operations`) > looks
	})
	cancel()
	<-done
	op, err := b.store.Operation(t.Context(), key)
	if err != nil || op.Status != want {
		t.Fatalf("operation %s is %+v, %v, want %s", key, op, err, want)
	}
	return op
}

func (b *bench) sql(t *testing.T, statement string, args ...any) {
	t.Helper()
	_, err := b.pool.Exec(t.Context(), statement, args...)
	must(t, err)
}

func (b *bench) number(t *testing.T, query string) (n int) {
	t.Helper()
	rows, _ := b.pool.Query(t.Context(), query)
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	must(t, err)
	return n
}

// count reads webhookd_operations_total.
func (b *bench) count(t *testing.T, kind, outcome string) (n float64) {
	t.Helper()
	families, err := b.reg.Gather()
	must(t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["kind"] == kind && labels["outcome"] == outcome {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

// refunds are what the gateway has refunded of an order.
func (b *bench) refunds(t *testing.T, id string) (n int, amount int64) {
	t.Helper()
	o, err := b.client.GetOrder(t.Context(), id, nopayn.FieldAmountDetails)
	must(t, err)
	return len(o.RefundOrders), o.RefundedAmount
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what the service brings about by itself.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}
