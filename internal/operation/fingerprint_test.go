package operation

import (
	"bytes"
	"encoding/json"
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

func orderWith(t *testing.T, extra string) nopayn.NewOrder {
	t.Helper()
	var o nopayn.NewOrder
	text := `{"amount":1295,"currency":"EUR","extra":` + extra + `,"transactions":[{"payment_method":"credit-card",` +
		`"payment_method_details":{"deep":[` + extra + `]}}]}`
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestFingerprintsOfNumbers go by value where a float64 has it, and by digits where it has not.
func TestFingerprintsOfNumbers(t *testing.T) {
	for _, c := range []struct {
		one, other string
		equal      bool
	}{
		{`12`, `12.0`, true},
		{`1.5`, `1.50`, true},
		{`1000`, `1e3`, true},
		{`-0.25`, `-2.5E-1`, true},
		{`12`, `13`, false},
		{`12`, `"12"`, false},
		{`9007199254740992`, `9007199254740993`, false},
		{`123456789012345678`, `123456789012345679`, false},
		{`1e-310`, `1.000001e-310`, false},
		{`1e-999999999`, `0`, false},
	} {
		print := func(n string) []byte { return creation("key", orderWith(t, `{"n":`+n+`}`)).Fingerprint }
		if got := bytes.Equal(print(c.one), print(c.other)); got != c.equal {
			t.Errorf("%s and %s: equal %t, want %t", c.one, c.other, got, c.equal)
		}
	}
}

// TestFingerprintsStay what they were when numbers were read as float64, so that a key that is in use stays so.
func TestFingerprintsStay(t *testing.T) {
	own := map[string]any{"one": 1.0, "half": 1.5, "text": "1.50", "list": []any{2.0, nil, true}, "deep": map[string]any{"n": 1e21}}
	o := nopayn.NewOrder{Amount: 1295, Currency: "EUR", Extra: own, Transactions: []nopayn.NewTransaction{
		{PaymentMethod: "credit-card", Details: map[string]any{"deep": []any{own}}},
	}}
	read := orderWith(t, `{"one":1.0,"half":1.50,"text":"1.50","list":[2,null,true],"deep":{"n":1e21}}`)
	if !bytes.Equal(creation("key", read).Fingerprint, fingerprint(store.KindCreate, o)) {
		t.Error("the fingerprint has changed")
	}
}
