package operation_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/sandbox"
	"webhookd/internal/store"
)

func order() nopayn.NewOrder {
	return nopayn.NewOrder{
		Amount: price, Currency: "EUR", MerchantOrderID: "A-17", Description: "A cup",
		Extra: map[string]any{"cart": "7"},
	}
}

func TestCreate(t *testing.T) {
	b := newBench(t)
	made, first, err := b.Create(t.Context(), aKey, order())
	if err != nil || !first {
		t.Fatalf("Create = %+v, %t, %v", made, first, err)
	}
	o := made.Order
	if o.State != "pending" || o.FirstSeenBy != "created" || o.Expected == nil || *o.Expected.MerchantOrderID != "A-17" ||
		*o.Expected.Amount != price || *o.Expected.Currency != "EUR" {
		t.Errorf("stored as %+v", o)
	}
	if made.OrderURL == "" || made.PaymentURL == "" ||
		!nopayn.VerifySignature(sandbox.DefaultAPIKey, price, "EUR", o.OrderID, made.Signature) {
		t.Errorf("created %+v", made)
	}
	doc, err := b.sandbox.Document(o.OrderID)
	must(t, err)
	extra, _ := doc["extra"].(map[string]any)
	if doc["webhook_url"] != hookURL || extra["cart"] != "7" || extra["webhookd_reference"] == "" {
		t.Errorf("the gateway has %v", doc)
	}
	again, first, err := b.Create(t.Context(), aKey, order())
	if err != nil || first || again.Order.OrderID != o.OrderID || again.PaymentURL != made.PaymentURL ||
		again.Signature != made.Signature {
		t.Errorf("Create again = %+v, %t, %v", again, first, err)
	}
	other := order()
	other.Amount++
	if _, _, err := b.Create(t.Context(), aKey, other); !errors.Is(err, store.ErrKeyReused) {
		t.Errorf("the key with another order: %v", err)
	}
	if n := len(b.sandbox.OrderIDs()); n != 1 {
		t.Errorf("the gateway has %d orders", n)
	}
}

// TestCreateWithoutKeys makes an order each time.
func TestCreateWithoutKeys(t *testing.T) {
	b := newBench(t)
	for range 2 {
		if _, first, err := b.Create(t.Context(), "", order()); err != nil || !first {
			t.Fatalf("Create: %t, %v", first, err)
		}
	}
	if n := len(b.sandbox.OrderIDs()); n != 2 {
		t.Errorf("the gateway has %d orders", n)
	}
}

func TestCreateThatCannotBe(t *testing.T) {
	t.Run("fields", func(t *testing.T) {
		b := newBench(t)
		bad := order()
		bad.Amount, bad.Currency = 0, "euro"
		_, _, err := b.Create(t.Context(), aKey, bad)
		if refused, ok := errors.AsType[*nopayn.ValidationError](err); !ok || len(refused.Problems) != 2 {
			t.Errorf("Create: %v, want two fields", err)
		}
	})
	t.Run("no public URL", func(t *testing.T) {
		b := newBench(t, func(c *operation.Config) { c.WebhookURL = "" })
		if _, _, err := b.Create(t.Context(), aKey, order()); !errors.Is(err, operation.ErrNoWebhookURL) {
			t.Errorf("Create: %v", err)
		}
	})
	t.Run("the gateway will not", func(t *testing.T) {
		b := newBench(t)
		b.sandbox.Break(sandbox.OpCreate, "", 1, sandbox.Refuse(http.StatusBadRequest))
		for range 2 {
			_, _, err := b.Create(t.Context(), aKey, order())
			if refused, ok := errors.AsType[*operation.RefusedError](err); !ok || refused.Detail == "" {
				t.Errorf("Create: %v, want its refusal", err)
			}
		}
		if n := b.sandbox.Calls(sandbox.OpCreate, ""); n != 1 {
			t.Errorf("it was sent %d times", n)
		}
	})
	t.Run("the gateway takes none", func(t *testing.T) {
		b := newBench(t)
		b.sandbox.Break(sandbox.OpCreate, "", 1, sandbox.Unauthorized())
		if _, _, err := b.Create(t.Context(), aKey, order()); !errors.As(err, new(*operation.NotSentError)) {
			t.Fatalf("Create: %v, want that nothing was done", err)
		}
		if _, first, err := b.Create(t.Context(), aKey, order()); err != nil || !first {
			t.Errorf("Create with the same key: %t, %v", first, err)
		}
	})
}

// TestACreatedOrderIsFound where the gateway's answer was lost.
func TestACreatedOrderIsFound(t *testing.T) {
	b := newBench(t)
	alike := b.order(t, map[string]any{"merchant_order_id": "A-17"}) // by somebody else
	b.sandbox.Break(sandbox.OpCreate, "", 1, sandbox.LoseAnswer())
	for range 2 {
		_, _, err := b.Create(t.Context(), aKey, order())
		if lost, ok := errors.AsType[*operation.UnknownError](err); !ok || lost.Key != aKey {
			t.Fatalf("Create: %v, want that nobody knows", err)
		}
	}
	b.runs(t)
	op := b.becomes(t, aKey, store.OperationDone)
	if *op.OrderID == alike {
		t.Fatal("somebody else's order was taken for ours")
	}
	made, first, err := b.Create(t.Context(), aKey, order())
	if err != nil || first || made.Order.OrderID != *op.OrderID || made.PaymentURL == "" ||
		made.Order.Expected == nil || *made.Order.Expected.Amount != price {
		t.Errorf("Create when it was found: %+v, %t, %v", made, first, err)
	}
	if n := b.sandbox.Calls(sandbox.OpCreate, ""); n != 1 {
		t.Errorf("it was sent %d times", n)
	}
}

// TestACreatedOrderIsFoundByAnyClock where the gateway's answer was lost and its clock is not ours: as soon as we have
// heard of the order, and not before.
func TestACreatedOrderIsFoundByAnyClock(t *testing.T) {
	for name, by := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour, "days off": 72 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			b := newBenchAt(t, sandbox.Config{Clock: sandbox.NewSpeedClock(time.Now().Add(by), 1)})
			b.sandbox.Break(sandbox.OpCreate, "", 1, sandbox.LoseAnswer())
			if _, _, err := b.Create(t.Context(), aKey, order()); !errors.As(err, new(*operation.UnknownError)) {
				t.Fatalf("Create: %v, want that nobody knows", err)
			}
			ours := b.sandbox.OrderIDs()[0]
			for _, alike := range b.alike(t) {
				b.hears(t, alike)
			}
			b.stays(t, aKey, store.OperationUnknown)
			b.hears(t, ours)
			b.sql(t, `update operations set due_at = now()`)
			b.runs(t)
			if op := b.becomes(t, aKey, store.OperationDone); *op.OrderID != ours {
				t.Fatalf("order %s was taken for ours, which is %s", *op.OrderID, ours)
			}
			made, first, err := b.Create(t.Context(), aKey, order())
			if err != nil || first || made.Order.OrderID != ours || made.PaymentURL == "" ||
				made.Order.Expected == nil || *made.Order.Expected.Amount != price {
				t.Errorf("Create when it was found: %+v, %t, %v", made, first, err)
			}
			if n := b.sandbox.Calls(sandbox.OpCreate, ""); n != 1 {
				t.Errorf("it was sent %d times", n)
			}
		})
	}
}

// unreadable is a store whose orders take too long to read.
type unreadable struct{ *store.Store }

func (unreadable) MaybeCreated(context.Context, *store.Ticket) ([]*nopayn.Order, error) {
	return nil, context.DeadlineExceeded
}

// TestACreatedOrderIsFoundInTheList of the gateway, whatever became of the look into our own tables.
func TestACreatedOrderIsFoundInTheList(t *testing.T) {
	b := newBench(t)
	b.sandbox.Break(sandbox.OpCreate, "", 1, sandbox.LoseAnswer())
	if _, _, err := b.Create(t.Context(), aKey, order()); !errors.As(err, new(*operation.UnknownError)) {
		t.Fatalf("Create: %v, want that nobody knows", err)
	}
	b.alike(t)
	c := operation.Config{Timeout: 20 * time.Second, WebhookURL: hookURL, Sign: b.client.GenerateSignature, Wake: func() {}}
	b.Service = operation.New(unreadable{b.store}, b.gateway, c, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	b.runs(t)
	if op := b.becomes(t, aKey, store.OperationDone); *op.OrderID != b.sandbox.OrderIDs()[0] {
		t.Errorf("order %s was taken for ours", *op.OrderID)
	}
}

// alike are orders of the same shop order that are not ours, though they know our reference.
func (b *bench) alike(t *testing.T) (ids []string) {
	t.Helper()
	var reference string
	must(t, b.pool.QueryRow(t.Context(), `select reference from operations where key = $1`, aKey).Scan(&reference))
	for _, fields := range []map[string]any{
		{},
		{"description": reference},
		{"extra": map[string]any{"webhookd_reference": reference + "A"}},
		{"extra": map[string]any{"another": reference}},
		{"extra": map[string]any{"webhookd_reference": reference}, "amount": price + 1}, // another installation's
		{"extra": map[string]any{"webhookd_reference": reference}, "currency": "USD"},
		{"extra": map[string]any{"webhookd_reference": map[string]any{"webhookd_reference": reference}}},
	} {
		all := map[string]any{"amount": price, "currency": "EUR", "merchant_order_id": "A-17"}
		maps.Copy(all, fields)
		id, err := b.sandbox.Create(all)
		must(t, err)
		ids = append(ids, id)
	}
	// One that Postgres could not read as it stands.
	must(t, b.sandbox.Edit(ids[0], func(doc map[string]any) { doc["note"] = "\x00" + reference }))
	return ids
}
