package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// TestPoisonDocuments stores documents that are valid JSON and yet more than some databases can hold.
func TestPoisonDocuments(t *testing.T) {
	t.Parallel()
	for name, member := range map[string]string{
		"NUL in a text":                `"description":"a\u0000b"`,
		"NUL in an unknown member":     `"extra":{"a\u0000":"\u0000"}`,
		"half a surrogate pair":        `"description":"\ud800 and \udc00"`,
		"invalid UTF-8":                "\"description\":\"a\xff\xfe\xfdb\"",
		"invalid UTF-8 in a name":      "\"\xc0\xaf\":1",
		"a vast number":                `"extra":1e400000`,
		"a tiny number":                `"extra":1e-400000`,
		"many digits":                  `"extra":` + strings.Repeat("9", 200_000),
		"deeply nested":                `"extra":` + nested(),
		"a member twice":               `"description":"first","description":"second"`,
		"a long text":                  `"description":"` + strings.Repeat("long ", 100_000) + `"`,
		"a period beyond all years":    `"created":"9999-12-31T23:59:59Z","expiration_period":"P300D"`,
		"a time with nine digits":      `"completed":"2026-03-02T09:16:20.123456789Z"`,
		"a member that is named oddly": `"\"; drop table orders; --":1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			doc := parse(t, poisoned(t, member))
			b.hint(t, "before", anOrder, "after")
			claims := b.claimByID(t)
			b.applyTogether(t,
				answered(claims["before"], paid(t, "before")),
				answered(claims[anOrder], doc),
				answered(claims["after"], paid(t, "after")))
			b.wantFeed(t, "order.paid", "order.paid", "order.paid")

			o := b.order(t, anOrder)
			if o.State != "paid" || !o.Fulfillable || *o.Amount != 1295 || *o.MerchantOrderID != "ORDER-001" {
				t.Errorf("order %+v", o)
			}
			if len(o.Transactions) != 1 {
				t.Errorf("%d transactions, want those of the document", len(o.Transactions))
			}
			snapshotMatches(t, b, o)

			// A look at it again finds nothing new, and so the feed is not filled by it.
			if out := b.answer(t, b.claimNow(t, anOrder), doc); out.Verdict != store.Unchanged {
				t.Errorf("the same document again: %+v", out)
			}
			if _, _, err := b.Orders(t.Context(), store.Filter{}, store.Cursor{}, 10); err != nil {
				t.Errorf("Orders: %v", err)
			}
		})
	}
}

// nested is about as deep as a JSON document may be to be read at all.
func nested() string { return strings.Repeat("[", 9_900) + strings.Repeat("]", 9_900) }

// TestDocumentTooDeepForPostgresLosesOnlyItself stores a document where the server's stack is small.
func TestDocumentTooDeepForPostgresLosesOnlyItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.exec(t, `do $$ begin
		execute format('alter database %I set max_stack_depth = 100', current_database());
	end $$`)
	b.pool.Reset() // for connections that have the setting
	b.hint(t, "neighbour", anOrder)
	claims := b.claimByID(t)
	doc := parse(t, poisoned(t, `"extra":`+nested()))
	b.applyTogether(t, answered(claims["neighbour"], paid(t, "neighbour")), answered(claims[anOrder], doc))
	b.wantFeed(t, "order.paid", "order.paid")
	if o := b.order(t, "neighbour"); len(o.Transactions) != 1 {
		t.Errorf("the neighbour has %d transactions", len(o.Transactions))
	}
	o := b.order(t, anOrder)
	if o.State != "paid" || !o.Fulfillable || *o.Amount != 1295 || len(o.Transactions) != 0 {
		t.Errorf("order %+v, want all that the rules read, and nothing else", o)
	}
	snapshotMatches(t, b, o)
	if out := b.answer(t, b.claimNow(t, anOrder), doc); out.Verdict != store.Unchanged {
		t.Errorf("the same document again: %+v", out)
	}
}

// poisoned is a paid order's document with a further member.
func poisoned(t testing.TB, member string) string {
	t.Helper()
	raw := string(document(t, fixturePaid).Raw)
	return strings.TrimSuffix(raw, "}") + "," + member + "}"
}

// snapshotMatches fails unless the order's last event shows the order as a read does.
func snapshotMatches(t testing.TB, b *bench, o store.Order) {
	t.Helper()
	events, err := b.History(t.Context(), o.OrderID, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var snapshot store.Order
	if err := json.Unmarshal(events[len(events)-1].Order, &snapshot); err != nil {
		t.Fatal(err)
	}
	got, want := mustJSON(t, snapshot), mustJSON(t, o)
	if got != want {
		t.Errorf("the snapshot is\n%s\nand the order\n%s", got, want)
	}
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLongReferencesAreTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	// Longer than an index of Postgres takes, and not to be compressed.
	var long strings.Builder
	for i := range 3_000 {
		fmt.Fprintf(&long, "%x", i*i*7919)
	}
	ref := long.String()
	b.see(t, paid(t, "one", with("merchant_order_id", ref)))
	b.see(t, paid(t, "two", with("merchant_order_id", ref+"!")))
	if out := b.see(t, paid(t, "three", with("merchant_order_id", ref))); !out.PaidTwice {
		t.Errorf("outcome %+v, want paid twice", out)
	}
	orders, _, err := b.Orders(t.Context(), store.Filter{MerchantOrderID: &ref}, store.Cursor{}, 10)
	if err != nil || len(orders) != 2 {
		t.Errorf("%d orders have the reference: %v", len(orders), err)
	}
}

func TestTextThatPostgresCannotHoldIsCleaned(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	raw := strings.Replace(string(document(t, fixturePaid).Raw), "ORDER-001", `ORDER\u0000-001`, 1)
	raw = strings.ReplaceAll(raw, `"EUR"`, `"E\u0000UR"`)
	b.register(t, anOrder, store.Expected{MerchantOrderID: new("ORDER\x00-001"), Currency: new("EUR")})
	doc, err := nopayn.ParseOrder([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	b.see(t, doc)
	if o := b.order(t, anOrder); *o.MerchantOrderID != "ORDER-001" || *o.Currency != "EUR" || !o.Fulfillable {
		t.Errorf("order %+v", o)
	}
	b.wantFeed(t, "order.paid")
}
