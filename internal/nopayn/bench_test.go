package nopayn_test

import (
	"testing"

	"webhookd/internal/nopayn"
)

// BenchmarkParseOrder is the cost of reading one order on the path from webhook to event.
func BenchmarkParseOrder(b *testing.B) {
	raw := fixture(b, "04_order_completed.json")
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := nopayn.ParseOrder(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseWebhook(b *testing.B) {
	body := []byte(`{"event":"status_changed","order_id":"43c0a7de-51f4-4c36-8a0e-1d5c0a3b2e01",` +
		`"project_id":"9b1c2f64-7d53-4a0b-8f0d-2f3e5a6b7c88"}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := nopayn.ParseWebhook(body); err != nil {
			b.Fatal(err)
		}
	}
}
