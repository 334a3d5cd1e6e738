package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// merchantOrder gives the verdict for sharedRef.
func (b *bench) merchantOrder(t testing.TB) store.MerchantOrder {
	t.Helper()
	m, err := b.MerchantOrder(t.Context(), sharedRef)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wantVerdict fails unless the verdict for sharedRef is that, on these orders.
func (b *bench) wantVerdict(t testing.TB, fulfillable bool, paidBy string, twice bool, orders string) {
	t.Helper()
	m := b.merchantOrder(t)
	var ids []string
	for _, o := range m.Orders {
		ids = append(ids, o.OrderID)
	}
	got := fmt.Sprint(m.Fulfillable, " ", derefString(m.PaidOrderID), " ", m.PaidTwice, " ", strings.Join(ids, " "))
	if want := fmt.Sprint(fulfillable, " ", paidBy, " ", twice, " ", orders); got != want {
		t.Errorf("verdict %q, want %q", got, want)
	}
	if m.MerchantOrderID != sharedRef {
		t.Errorf("the verdict is for %q", m.MerchantOrderID)
	}
}

func derefString(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

// TestMerchantOrder follows a shop order that is tried twice, paid twice and given back once.
func TestMerchantOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.MerchantOrder(t.Context(), sharedRef); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("without orders: %v", err)
	}
	b.register(t, "first", store.Expected{MerchantOrderID: new(sharedRef)})
	b.wantVerdict(t, false, "-", false, "first")
	b.see(t, payer(t, "first", with("status", "cancelled")))
	b.see(t, paid(t, "other"))
	b.see(t, payer(t, "second", with("status", "processing")))
	b.wantVerdict(t, false, "-", false, "second first")
	b.see(t, payer(t, "second"))
	b.wantVerdict(t, true, "second", false, "second first")
	b.see(t, payer(t, "third"))
	b.wantVerdict(t, true, "second", true, "third second first")
	b.see(t, payer(t, "third", with("flags", []string{"has-refunds"}), with("refunded_amount", 1295)))
	b.wantVerdict(t, true, "second", true, "third second first")
	b.see(t, payer(t, "second", with("flags", []string{"has-refunds"}), with("refunded_amount", 1295)))
	b.wantVerdict(t, false, "second", true, "third second first")
}

// TestMerchantOrderOfManyOrders shows the newest hundred, and the one that the verdict rests on.
func TestMerchantOrderOfManyOrders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, payer(t, "payer"))
	b.exec(t, `with made as (
			insert into checks (order_id, cause, first_seen_by)
			select 'late-' || i, 'poll', 'sweep' from generate_series(1, 300) i returning order_id
		)
		insert into orders (order_id, state, merchant_order_id, first_seen_at, first_seen_by, updated_at)
		select order_id, 'expired', $1, now() + interval '1 hour', 'sweep', now() from made`, sharedRef)
	m := b.merchantOrder(t)
	if !m.Fulfillable || derefString(m.PaidOrderID) != "payer" || len(m.Orders) != 101 || m.Orders[100].OrderID != "payer" {
		t.Errorf("fulfillable %t for %s, %d orders", m.Fulfillable, derefString(m.PaidOrderID), len(m.Orders))
	}
}

// TestReferencesOfAllSorts finds an order by whatever the shop calls it.
func TestReferencesOfAllSorts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	refs := []string{
		"2026/11/17", " a b ", "ordre nº 5", "注文17", "100%", "'; drop table orders; --", `\`, "😀", "A", "a",
		strings.Repeat("long ", 20_000), strings.Repeat("long ", 20_000) + "er",
	}
	for i, ref := range refs {
		b.see(t, paid(t, fmt.Sprint("order-", i), with("merchant_order_id", ref)))
	}
	for i, ref := range refs {
		want := fmt.Sprint("order-", i)
		m, err := b.MerchantOrder(t.Context(), ref)
		if err != nil || len(m.Orders) != 1 || derefString(m.PaidOrderID) != want {
			t.Errorf("%.20q: %d orders, paid by %s, %v; want %s", ref, len(m.Orders), derefString(m.PaidOrderID), err, want)
		}
		if got := b.list(t, store.Filter{MerchantOrderID: &ref}, 10); strings.Join(got, " ") != want {
			t.Errorf("%.20q: the list gives %q, want %s", ref, got, want)
		}
	}
}

// TestDocumentsThatCannotBeRead are shown by their columns, beside their neighbours, and mended by the next look.
func TestDocumentsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, payer(t, "good", with("status", "cancelled")))
	b.see(t, payer(t, "bad"))
	b.exec(t, `update orders set doc = '{"id":17,"status":[]}' where order_id = 'bad'`)
	if got := strings.Join(b.list(t, store.Filter{}, 10), " "); got != "bad good" {
		t.Errorf("the list gives %q", got)
	}
	b.wantVerdict(t, true, "bad", false, "bad good")
	o := b.order(t, "bad")
	if o.State != payment.Paid || !o.Fulfillable || *o.Amount != 1295 || *o.Currency != "EUR" || len(o.Transactions) != 0 {
		t.Errorf("order %s", mustJSON(t, o))
	}
	b.register(t, "bad", store.Expected{Amount: new(int64(1295))})
	b.fail(t, b.now(t, "bad"), 0)
	b.see(t, payer(t, "bad"))
	if o := b.order(t, "bad"); len(o.Transactions) != 1 || !o.Fulfillable {
		t.Errorf("after a look: %s", mustJSON(t, o))
	}
}
