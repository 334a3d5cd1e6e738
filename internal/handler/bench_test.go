package handler_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/handler"
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
func BenchmarkOrder(b *testing.B) {
	c := config()
	c.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	f := newFake()
	h := handler.New(c, f.backend(nil))
	w := &nowhere{header: http.Header{}}
	r := httptest.NewRequest("GET", "/v1/orders/"+id, nil)
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
