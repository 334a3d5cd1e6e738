package handler_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/handler"
	"webhookd/internal/store"
)

// BenchmarkWebhook is one accepted webhook, without the network and the store.
func BenchmarkWebhook(b *testing.B) {
	c := config()
	c.WebhookRate = 1 << 30
	c.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	c.Metrics = prometheus.NewRegistry()
	f := newFake()
	h := handler.New(c, f.backend(nil))
	w := &nowhere{header: http.Header{}}
	body := strings.NewReader(webhook)
	r := httptest.NewRequest("POST", "/webhooks/costplus/"+token, body)
	b.ReportAllocs()
	for b.Loop() {
		body.Reset(webhook)
		h.ServeHTTP(w, r)
	}
	if w.status != http.StatusOK && w.status != 0 {
		b.Fatalf("status %d", w.status)
	}
}

// BenchmarkOrder is one order read, without the network and the store.
func BenchmarkOrder(b *testing.B) { benchmarkRead(b, "/v1/orders/"+id, newFake()) }

// BenchmarkOrders50 is a page of fifty orders.
func BenchmarkOrders50(b *testing.B) {
	f := newFake()
	page := slices.Repeat([]store.Order{paidOrder(id)}, 50)
	f.orders = func(store.Filter, store.Cursor, int) ([]store.Order, *store.Cursor, error) { return page, nil, nil }
	benchmarkRead(b, "/v1/orders?limit=50", f)
}

// BenchmarkEvents100 is a page of a hundred events.
func BenchmarkEvents100(b *testing.B) {
	f := newFake()
	page := store.Page{Feed: "f", Events: slices.Repeat([]store.Event{paidEvent(id)}, 100), Next: 100, Head: 100}
	f.events = func(string, int64, int) (store.Page, error) { return page, nil }
	benchmarkRead(b, "/v1/events?after=0&limit=100", f)
}

// benchmarkRead asks for a path, over and over.
func benchmarkRead(b *testing.B, path string, f *fake) {
	b.Helper()
	c := config()
	c.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	h := handler.New(c, f.backend(nil))
	w := &nowhere{header: http.Header{}}
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+reader)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
	if w.status != http.StatusOK {
		b.Fatalf("status %d", w.status)
	}
}

// nowhere is an answer that nobody reads, on a connection that nobody closes.
type nowhere struct {
	header http.Header
	status int
}

func (n *nowhere) SetReadDeadline(time.Time) error { return nil }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(status int)      { n.status = status }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
