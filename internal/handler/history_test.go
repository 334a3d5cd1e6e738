package handler_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/store"
)

func TestHistory(t *testing.T) {
	events := []store.Event{paidEvent(id)}
	f := newFake()
	f.history = func(asked string, _ int64, _ int) ([]store.Event, error) {
		if asked != id {
			return nil, fmt.Errorf("order %s: %w", asked, store.ErrNotFound)
		}
		return events, nil
	}
	s := start(t, config(), f)
	var got struct{ Events []store.Event }
	wantBody(t, s.get("/v1/orders/"+id+"/history"), http.StatusOK, &got)
	if diff := cmp.Diff(events, got.Events); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	events = []store.Event{}
	if a := s.get("/v1/orders/" + id + "/history"); strings.TrimSpace(string(a.body)) != `{"events":[]}` {
		t.Errorf("without events: %s", a.body)
	}
	wantProblem(t, s.get("/v1/orders/other/history"), http.StatusNotFound, "not_found")
}

// manyEvents is a history of n events, in parts.
func manyEvents(n int64) func(string, int64, int) ([]store.Event, error) {
	return func(id string, after int64, limit int) ([]store.Event, error) {
		var part []store.Event
		for seq := after + 1; seq <= n && len(part) < limit; seq++ {
			e := paidEvent(id)
			e.Seq = seq
			part = append(part, e)
		}
		return part, nil
	}
}

// TestLongHistory is whole, in order and JSON, wherever its parts end.
func TestLongHistory(t *testing.T) {
	for _, n := range []int64{99, 100, 101, 200, 1234} {
		f := newFake()
		f.history = manyEvents(n)
		s := start(t, config(), f)
		var got struct{ Events []store.Event }
		wantBody(t, s.get("/v1/orders/"+id+"/history"), http.StatusOK, &got)
		if int64(len(got.Events)) != n {
			t.Errorf("%d events of %d", len(got.Events), n)
		}
		for i, e := range got.Events {
			if e.Seq != int64(i+1) {
				t.Fatalf("event %d of %d has position %d", i+1, n, e.Seq)
			}
		}
	}
}

// TestHistoryBreaksOff must not look whole when the database goes away in the middle.
func TestHistoryBreaksOff(t *testing.T) {
	f := newFake()
	many := manyEvents(1000)
	f.history = func(id string, after int64, limit int) ([]store.Event, error) {
		if after >= 300 {
			return nil, errors.New(inner)
		}
		return many(id, after, limit)
	}
	s := start(t, config(), f)
	req, err := http.NewRequest("GET", s.url+"/v1/orders/"+id+"/history", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+reader)
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err == nil || strings.Contains(string(text), inner) {
		t.Errorf("the answer came to its end, or tells why not: %d bytes", len(text))
	}
	s.server.Close() // returns when the handler has
	if line := s.lastLine(); line["error"] != inner {
		t.Errorf("logged %v, want the reason", line)
	}
}
