package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/sandbox"
)

// transport stands in for the network, so that time can be faked.
type transport func(*http.Request) (int, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	status, err := f(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

func TestWebhookSaysWhichOrderAndNothingElse(t *testing.T) {
	standard, own := newReceiver(t, 200), newReceiver(t, 204)
	s := newShop(t, sandbox.Config{ProjectID: "project-1", WebhookURL: standard.url})
	id := s.order(nil)
	s.do(s.g.Pay(id, sandbox.CardVisa))
	event := standard.next(t)
	want := `{"event":"status_changed","order_id":"` + id + `","project_id":"project-1"}`
	if got := mustJSON(t, event); got != want {
		t.Errorf("webhook is %s, want %s", got, want)
	}
	elsewhere := s.order(map[string]any{"webhook_url": own.url})
	s.do(s.g.Cancel(elsewhere))
	if event := own.next(t); event["order_id"] != elsewhere {
		t.Errorf("webhook to the order's own URL is %v", event)
	}
	log := s.settled(elsewhere, 1)
	if log[0].State != sandbox.DeliveryAcknowledged || log[0].URL != own.url || log[0].Attempts[0].Status != 204 {
		t.Errorf("log is %+v, want one delivery acknowledged by 204", log)
	}
}

func TestWebhookIsRetriedByTheContract(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type attempt struct{ at, limit time.Duration }
		var made []attempt
		start := time.Now()
		g := sandbox.New(sandbox.Config{WebhookURL: "http://shop.test/webhook", Webhooks: sandbox.WebhookRules{
			Transport: transport(func(r *http.Request) (int, error) {
				deadline, _ := r.Context().Deadline()
				made = append(made, attempt{time.Since(start), time.Until(deadline)})
				if len(made) == 2 {
					return 0, errors.New("connection refused")
				}
				return 500, nil
			}),
		}})
		defer g.Close()
		g.SendWebhook("any")
		<-time.After(time.Hour)
		synctest.Wait()
		if len(made) != 11 {
			t.Fatalf("%d attempts, want 11", len(made))
		}
		for i, a := range made {
			limit := 10 * time.Second
			if i == 0 {
				limit = 4 * time.Second
			}
			if want := time.Duration(i) * 2 * time.Minute; a.at != want || a.limit != limit {
				t.Errorf("attempt %d after %v with limit %v, want after %v with %v", i+1, a.at, a.limit, want, limit)
			}
		}
		log := g.Deliveries("any")
		if log[0].State != sandbox.DeliveryFailed || log[0].Attempts[0].Status != 500 || log[0].Attempts[1].Error == "" {
			t.Errorf("log is %+v, want a failed delivery with a 500 and a network error", log)
		}
	})
}

func TestWebhookEndsWithTheFirstAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []int{503, 302, 404, 299}
		made := 0
		g := sandbox.New(sandbox.Config{WebhookURL: "http://shop.test/", Webhooks: sandbox.WebhookRules{
			Transport: transport(func(*http.Request) (int, error) {
				made++
				return answers[made-1], nil
			}),
		}})
		defer g.Close()
		g.SendWebhook("any")
		<-time.After(time.Hour)
		synctest.Wait()
		if log := g.Deliveries("any"); made != 4 || log[0].State != sandbox.DeliveryAcknowledged {
			t.Errorf("%d attempts, log %+v, want 4 and acknowledged", made, log)
		}
	})
}

func TestWebhookAttemptIsLimitedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ends []time.Duration
		g := sandbox.New(sandbox.Config{WebhookURL: "http://shop.test/", Webhooks: sandbox.WebhookRules{
			Attempts: 2, Interval: time.Minute,
			Transport: transport(func(r *http.Request) (int, error) {
				began := time.Now()
				<-r.Context().Done()
				ends = append(ends, time.Since(began))
				return 0, r.Context().Err()
			}),
		}})
		defer g.Close()
		g.SendWebhook("any")
		<-time.After(time.Hour)
		synctest.Wait()
		if len(ends) != 2 || ends[0] != 4*time.Second || ends[1] != 10*time.Second {
			t.Errorf("attempts took %v, want 4s and 10s", ends)
		}
	})
}

func TestWebhookRetriesGoByTheClock(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	receiver := newReceiver(t, 500)
	s := newShop(t, sandbox.Config{Clock: clock, WebhookURL: receiver.url})
	id := s.order(nil)
	s.do(s.g.Fail(id))
	receiver.next(t)
	log := s.settled(id, 1)
	if log[0].State != sandbox.DeliveryWaiting {
		t.Errorf("state is %s, want waiting", log[0].State)
	}
	clock.Advance(2 * time.Minute)
	receiver.next(t)
	if log = s.settled(id, 2); log[0].Attempts[1].At.Sub(log[0].Attempts[0].At) != 2*time.Minute {
		t.Errorf("attempts at %v and %v, want 2 minutes apart", log[0].Attempts[0].At, log[0].Attempts[1].At)
	}
}

func TestWebhooksDoNotFollowRedirects(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	s := newShop(t, sandbox.Config{WebhookURL: server.URL, Webhooks: sandbox.WebhookRules{Attempts: 1}})
	s.g.SendWebhook("any")
	log := s.settled("any", 1)
	if calls.Load() != 1 || log[0].State != sandbox.DeliveryFailed || log[0].Attempts[0].Status != 307 {
		t.Errorf("%d calls, log %+v, want one that failed with 307", calls.Load(), log)
	}
}

func TestWebhooksLostAndDuplicated(t *testing.T) {
	receiver := newReceiver(t, 200)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	quiet, loud := s.order(nil), s.order(nil)

	heard := s.g.BreakWebhooks(quiet, 0, sandbox.Lose())
	s.g.BreakWebhooks("", 1, sandbox.Duplicate(2))
	s.do(s.g.Fail(quiet))
	s.do(s.g.Pay(quiet, sandbox.CardVisa))
	s.do(s.g.Fail(loud)) // the next webhook of any order: three times
	s.do(s.g.Pay(loud, sandbox.CardVisa))
	for range 4 {
		if event := receiver.next(t); event["order_id"] != loud {
			t.Errorf("webhook about %s came, want only those of the other order", event["order_id"])
		}
	}
	log := s.g.Deliveries(quiet)
	if len(log) != 2 || log[0].State != sandbox.DeliveryLost || len(log[0].Attempts) != 0 {
		t.Errorf("log of the lost ones is %+v, want two that are lost", log)
	}
	if all := s.g.Deliveries(""); len(all) != 6 {
		t.Errorf("the whole log has %d deliveries, want 6", len(all))
	}

	heard()
	s.g.SendWebhook(quiet)
	if event := receiver.next(t); event["order_id"] != quiet {
		t.Errorf("webhook is about %s, want the order no longer lost", event["order_id"])
	}
}

func TestEachChangeSendsItsWebhooks(t *testing.T) {
	receiver := newReceiver(t, 200)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	id := s.order(map[string]any{"capture_mode": "manual"})
	wantOnly := func(what string, ids ...string) {
		t.Helper()
		waiting := make(map[string]int)
		for _, id := range ids {
			waiting[id]++
		}
		for range ids {
			waiting[receiver.next(t)["order_id"]]--
		}
		for id, n := range waiting {
			if n != 0 {
				t.Errorf("%s: %d webhooks too few about %s", what, n, id)
			}
		}
		select {
		case event := <-receiver.events:
			t.Errorf("%s: a webhook too many: %v", what, event)
		default:
		}
	}
	wantOnly("create")
	s.do(s.g.Edit(id, func(map[string]any) {}))
	wantOnly("edit")
	s.do(s.g.Pay(id, sandbox.CardVisa))
	wantOnly("pay", id)
	s.do(s.g.Capture(id, 1295))
	wantOnly("capture", id)
	refund, err := s.g.Refund(id, 5)
	s.do(err)
	wantOnly("refund", id, refund)
	chargeback, err := s.g.Chargeback(id)
	s.do(err)
	wantOnly("chargeback", id, chargeback)
	s.do(s.g.SetStatus(id, "on-hold-review"))
	wantOnly("set status", id)
}

func TestCloseEndsDeliveries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := 0
		g := sandbox.New(sandbox.Config{WebhookURL: "http://shop.test/", Webhooks: sandbox.WebhookRules{
			Transport: transport(func(*http.Request) (int, error) { made++; return 500, nil }),
		}})
		g.SendWebhook("any")
		synctest.Wait()
		g.Close()
		g.SendWebhook("later")
		<-time.After(time.Hour)
		if made != 1 {
			t.Errorf("%d attempts, want 1 as the gateway was closed after it", made)
		}
	})
}
