package handler_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/store"
)

func TestEvents(t *testing.T) {
	type query struct {
		Feed  string
		After int64
		Limit int
	}
	page := store.Page{
		Feed: "5b1e", Events: []store.Event{paidEvent(id), paidEvent("other")}, Next: 17, Head: 20, HasMore: true,
	}
	page.Events[1].Previous = []byte("null")
	var got query
	f := newFake()
	f.events = func(feed string, after int64, limit int) (store.Page, error) {
		got = query{feed, after, limit}
		return page, nil
	}
	s := start(t, config(), f)
	for text, want := range map[string]query{
		"":                                 {Limit: 100},
		"?after=15&limit=2":                {After: 15, Limit: 2},
		"?after=9223372036854775807":       {After: 9223372036854775807, Limit: 100},
		"?feed=5b1e&after=0&limit=500":     {Feed: "5b1e", Limit: 500},
		"?feed=" + strings.Repeat("f", 64): {Feed: strings.Repeat("f", 64), Limit: 100},
	} {
		var answered store.Page
		wantBody(t, s.get("/v1/events"+text), http.StatusOK, &answered)
		if got != want {
			t.Errorf("%s: asked for %v, want %v", text, got, want)
		}
		if diff := cmp.Diff(page, answered); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestEventsGone(t *testing.T) {
	f := newFake()
	f.events = func(string, int64, int) (store.Page, error) {
		return store.Page{}, fmt.Errorf("read: %w", &store.GoneError{Reason: "the feed ends at 7"})
	}
	s := start(t, config(), f)
	p := wantProblem(t, s.get("/v1/events?after=8"), http.StatusGone, "gone")
	if !strings.Contains(p["detail"].(string), "the feed ends at 7") {
		t.Errorf("detail %q does not say why", p["detail"])
	}
}
