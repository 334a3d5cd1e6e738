package operation_test

import (
	"errors"
	"net/http"
	"testing"

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
