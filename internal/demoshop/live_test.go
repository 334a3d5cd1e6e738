package demoshop_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// news is what the script of a page gets.
type news struct {
	Version, HTML, State string
	Settled, Fulfillable bool
}

func (s *street) state(t *testing.T, ref, since string) (n news) {
	t.Helper()
	a := s.get(t, "/order/"+ref+"/state?since="+since)
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("GET state: %s, %s", a.Status, a.Header.Get("Content-Type"))
	}
	if err := json.Unmarshal([]byte(a.body), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestThePageFollowsItsOrder has webhookd hold its answers back, or not know how to.
func TestThePageFollowsItsOrder(t *testing.T) {
	for name, holds := range map[string]bool{"webhookd waits": true, "webhookd cannot wait": false} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t)
			s.service.holds = holds
			ref, id := s.order(t)
			first := s.state(t, ref, "")
			if first.State != "unverified" || first.Settled || !strings.Contains(first.HTML, `data-state="unverified"`) {
				t.Errorf("at first: %+v", first)
			}
			answered := make(chan news, 1)
			go func() { answered <- s.state(t, ref, first.Version) }()
			if holds {
				for s.service.waits() == 0 {
					select {
					case n := <-answered:
						t.Fatalf("answered without news: %+v", n)
					case <-time.After(5 * time.Millisecond):
					}
				}
			}
			s.service.set(id, paidOrder(id), paidEvent)
			select {
			case n := <-answered:
				if n.State != "paid" || !n.Settled || !n.Fulfillable || n.Version == first.Version {
					t.Errorf("after the payment: %+v", n)
				}
			case <-time.After(time.Minute):
				t.Error("the page never hears of the payment")
			}
		})
	}
}

func TestStatusIsWebhookdsAnswer(t *testing.T) {
	s := newStreet(t)
	_, id := s.order(t)
	s.service.set(id, paidOrder(id), "")
	a := s.get(t, "/status/"+id)
	var got map[string]any
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("GET /status: %s, %v", a.Status, err)
	}
	if got["fulfillable"] != true || got["id"] != id || got["status"] != "completed" {
		t.Errorf("GET /status: %s", a.body)
	}
	for _, member := range []string{"id", "amount", "currency", "status", "created"} { // of the demo shop in Ruby
		if got[member] == nil {
			t.Errorf("GET /status lacks %s: %s", member, a.body)
		}
	}
	if a := s.get(t, "/status/unknown"); a.StatusCode != http.StatusNotFound || !strings.Contains(a.body, `"error":`) {
		t.Errorf("GET /status of an unknown order: %s %s", a.Status, a.body)
	}
	if a := s.get(t, "/status/..%2Fevents"); a.StatusCode == http.StatusOK {
		t.Errorf("GET /status of no id: %s", a.Status)
	}
}
