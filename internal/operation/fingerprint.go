package operation

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"

	"webhookd/internal/nopayn"
)

// fingerprint is a hash of the parts of a request, so that what a customer wrote need not be kept. Equal requests have
// equal fingerprints, and others do not.
func fingerprint(parts ...any) []byte {
	text, err := json.Marshal(parts)
	if err != nil { // cannot be: the parts are strings, numbers and what came as JSON
		panic("operation: fingerprint: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

// byValue is an order whose own numbers are written in one way, so that 12 and 12.0 are one request.
func byValue(o nopayn.NewOrder) nopayn.NewOrder {
	o.Extra = objectByValue(o.Extra)
	o.Transactions = slices.Clone(o.Transactions)
	for i := range o.Transactions {
		o.Transactions[i].Details = objectByValue(o.Transactions[i].Details)
	}
	return o
}

func objectByValue(o map[string]any) map[string]any {
	if o == nil {
		return nil
	}
	own := make(map[string]any, len(o))
	for name, v := range o {
		own[name] = valueOf(v)
	}
	return own
}

func valueOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return objectByValue(v)
	case []any:
		own := make([]any, len(v))
		for i := range v {
			own[i] = valueOf(v[i])
		}
		return own
	case json.Number:
		return numberOf(v)
	}
	return v
}

// numberOf is a float64 if that has the number's very value, and else the number as it was written.
func numberOf(n json.Number) any {
	const exact = 15     // digits that every float64 keeps
	const least = 1e-300 // below which it keeps fewer
	mantissa, _, _ := strings.Cut(strings.ToLower(string(n)), "e")
	digits := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(mantissa), "0")
	f, err := n.Float64()
	if err != nil || len(digits) > exact || digits != "" && f < least && f > -least {
		return n
	}
	return f
}
