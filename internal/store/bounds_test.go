package store_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// TestHugeDocumentMakesASmallAnswer: what the gateway writes must not fill the feed's readers.
func TestHugeDocumentMakesASmallAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	huge := strings.Repeat("\u00f8", 200_000)
	attempts := strings.Repeat(`{"status":"error","reason":"`+huge[:2000]+`"},`, 300)
	doc, err := nopayn.ParseOrder([]byte(`{"id":"` + anOrder + `","status":"new","amount":1,"currency":"EUR",` +
		`"description":"` + huge + `","transactions":[` + attempts + `{"status":"new","id":"last"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b.see(t, doc)
	o := b.order(t, anOrder)
	if n := utf8.RuneCountInString(*o.Description); n != 500 {
		t.Errorf("description of %d characters, want 500", n)
	}
	if n := len(o.Transactions); n != 100 || o.Transactions[99].ID != "last" {
		t.Errorf("%d transactions, want the newest 100", n)
	}
	if n := len(b.feed(t)[0].Order); n > 200_000 {
		t.Errorf("the event has %d bytes", n)
	}
}

// TestRegisteredReferenceIsFound before the gateway has confirmed the order.
func TestRegisteredReferenceIsFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ref := "A-17"
	if _, err := b.Register(t.Context(), anOrder, store.Expected{MerchantOrderID: &ref}); err != nil {
		t.Fatal(err)
	}
	found, _, err := b.Orders(t.Context(), store.Filter{MerchantOrderID: &ref}, store.Cursor{}, 10)
	if err != nil || len(found) != 1 || *found[0].MerchantOrderID != ref {
		t.Errorf("found %+v, %v", found, err)
	}
}
