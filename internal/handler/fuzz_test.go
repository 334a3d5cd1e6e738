package handler_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"webhookd/internal/handler"
	"webhookd/internal/nopayn"
)

// FuzzWebhook looks for a body that does anything but name an order or be refused.
func FuzzWebhook(f *testing.F) {
	for _, body := range []string{
		webhook, "", "{}", "[]", `{"order_id":1}`, `{"order_id":"a","order_id":"b"}`, `{"order_id":"\u0061"}`,
		`{"order_id":"a"}x`, "\xff", strings.Repeat("[", 1000), strings.Repeat(" ", 64<<10+1),
	} {
		f.Add(body, "application/json", "")
	}
	f.Add(webhook, "text/plain", "gzip")
	store := newFake()
	h := handler.New(handler.Config{Log: slog.New(slog.DiscardHandler)}, store.backend(nil))
	f.Fuzz(func(t *testing.T, body, contentType, contentEncoding string) {
		r := httptest.NewRequest("POST", "/webhooks/costplus", strings.NewReader(body))
		r.Header["Content-Type"] = []string{contentType}
		r.Header["Content-Encoding"] = []string{contentEncoding}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		_, err := nopayn.ParseWebhook([]byte(body))
		want := http.StatusOK
		if err != nil {
			want = http.StatusBadRequest
		}
		if len(body) > 64<<10 {
			want = http.StatusRequestEntityTooLarge
		}
		if w.Code != want {
			t.Errorf("%q: %d %s, want %d", body, w.Code, w.Body, want)
		}
	})
}
