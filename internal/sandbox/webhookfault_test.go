package sandbox_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/sandbox"
)

func TestADelayedWebhookGoesByTheClock(t *testing.T) {
	clock := sandbox.NewManualClock(noon())
	receiver := newReceiver(t, 200)
	s := newShop(t, sandbox.Config{Clock: clock, WebhookURL: receiver.url})
	s.g.BreakWebhooks("late", 1, sandbox.Delay(time.Minute))
	s.g.SendWebhook("late")
	s.g.SendWebhook("prompt")
	if event := receiver.next(t); event["order_id"] != "prompt" {
		t.Errorf("webhook about %s came first, want the prompt one", event["order_id"])
	}
	if log := s.g.Deliveries("late"); log[0].State != sandbox.DeliveryHeld || !log[0].At.Equal(noon()) {
		t.Errorf("log is %+v, want it held since noon", log)
	}
	clock.Advance(59 * time.Second)
	if log := s.g.Deliveries("late"); log[0].State != sandbox.DeliveryHeld {
		t.Errorf("state is %s a second early, want held", log[0].State)
	}
	clock.Advance(time.Second)
	if event := receiver.next(t); event["order_id"] != "late" {
		t.Errorf("webhook is about %s, want the late one", event["order_id"])
	}
	if log := s.settled("late", 1); log[0].State != sandbox.DeliveryAcknowledged {
		t.Errorf("state is %s, want acknowledged", log[0].State)
	}
}

// sent has a gateway without a network, and says which webhooks were sent, and when.
type sent struct {
	mu     sync.Mutex
	bodies []string
	times  notes
	start  time.Time
}

func newSent() *sent { return &sent{start: time.Now()} }

func (s *sent) rules(status int) sandbox.WebhookRules {
	return sandbox.WebhookRules{Transport: transport(func(r *http.Request) (int, error) {
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.bodies = append(s.bodies, string(body))
		s.times.add(time.Since(s.start))
		return status, nil
	})}
}

// about returns the order ids of the webhooks sent so far, in their order.
func (s *sent) about() string {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, body := range s.bodies {
		_, after, _ := strings.Cut(body, `"order_id":"`)
		id, _, _ := strings.Cut(after, `"`)
		ids = append(ids, id)
	}
	return strings.Join(ids, " ")
}

func TestWebhooksChangePlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := newSent()
		g := sandbox.New(sandbox.Config{WebhookURL: "http://shop.test/", Webhooks: sent.rules(200)})
		defer g.Close()
		lift := g.BreakWebhooks("", 0, sandbox.Reorder())
		for _, id := range []string{"a", "b", "c", "d"} {
			g.SendWebhook(id)
			synctest.Wait()
		}
		if got := sent.about(); got != "b a d c" {
			t.Errorf("webhooks came as %s, want b a d c", got)
		}
		g.SendWebhook("e") // nothing comes after it
		lift()
		<-time.After(59 * time.Second)
		if got := sent.about(); got != "b a d c" || g.Deliveries("e")[0].State != sandbox.DeliveryHeld {
			t.Errorf("webhooks came as %s, want the last one held", got)
		}
		<-time.After(time.Second)
		if got := sent.about(); got != "b a d c e" {
			t.Errorf("webhooks came as %s, want the last one after a minute", got)
		}
		g.SendWebhook("f")
		if got := sent.about(); got != "b a d c e f" {
			t.Errorf("webhooks came as %s, want f at once", got)
		}
	})
}

func TestAnEarlierWebhookOvertakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := newSent()
		rules := sent.rules(500)
		rules.Interval = 10 * time.Second
		g := sandbox.New(sandbox.Config{WebhookURL: "http://shop.test/", Webhooks: rules})
		defer g.Close()
		g.SendWebhook("a")
		synctest.Wait()
		g.BreakWebhooks("", 1, sandbox.Reorder())
		g.SendWebhook("b")
		<-time.After(25 * time.Second) // a is tried again twice
		if got := sent.about(); got != "a a a" {
			t.Errorf("webhooks came as %s, want b held while only a is sent", got)
		}
	})
}

func TestOnly200AcknowledgesWhenStrict(t *testing.T) {
	for _, strict := range []bool{false, true} {
		receiver := newReceiver(t, 202)
		s := newShop(t, sandbox.Config{
			WebhookURL: receiver.url, Webhooks: sandbox.WebhookRules{Attempts: 1, Strict200: strict},
		})
		s.g.SendWebhook("any")
		want := sandbox.DeliveryAcknowledged
		if strict {
			want = sandbox.DeliveryFailed
		}
		if log := s.settled("any", 1); log[0].State != want {
			t.Errorf("strict %v: answer 202 leaves the webhook %s, want %s", strict, log[0].State, want)
		}
	}
}

func TestTransactionEvents(t *testing.T) {
	receiver := newReceiver(t, 200)
	s := newShop(t, sandbox.Config{
		ProjectID: "project-1", MerchantID: "merchant-1", WebhookURL: receiver.url,
		Webhooks: sandbox.WebhookRules{TransactionEvents: true},
	})
	id := s.order(map[string]any{"transactions": []any{map[string]any{"payment_method": "credit-card"}}})
	told := func() (events []string) {
		for _, d := range s.g.Deliveries("") {
			if d.Event == "transaction_status_changed" && d.OrderID == id {
				events = append(events, d.TransactionStatus)
			}
		}
		return events
	}
	s.g.SendWebhook(id) // nothing has happened yet
	if got := told(); len(got) != 0 {
		t.Errorf("a new order tells of its transactions: %v", got)
	}
	s.do(s.g.Fail(id))
	s.g.SendWebhook(id) // tells nothing new
	s.do(s.g.Pay(id, sandbox.CardVisa))
	if got := mustJSON(t, told()); got != `["error","completed"]` {
		t.Errorf("told of %s, want error and completed", got)
	}
	txs := s.read(id)["transactions"].([]any)
	want := map[string]string{
		"event": "transaction_status_changed", "merchant_id": "merchant-1", "project_id": "project-1", "order_id": id,
		"transaction_id": txs[0].(map[string]any)["id"].(string), "transaction_status": "error",
	}
	for range 6 { // four of the order, two of its transactions
		event := receiver.next(t)
		if event["transaction_status"] == "error" && mustJSON(t, event) != mustJSON(t, want) {
			t.Errorf("event is %v, want %v", event, want)
		}
		if event["event"] == "status_changed" && len(event) != 3 {
			t.Errorf("status_changed has members of the other event: %v", event)
		}
	}
	refund, err := s.g.Refund(id, 5)
	s.do(err)
	last := s.g.Deliveries(refund)
	if len(last) != 2 || last[0].TransactionStatus != "completed" || last[1].Event != "status_changed" {
		t.Errorf("the refund told %+v, want of its transaction and of itself", last)
	}
}

func TestWebhooksRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := newSent()
		g := sandbox.New(sandbox.Config{WebhookURL: "http://shop.test/", Webhooks: sent.rules(200)})
		g.SendWebhooks("a", 3, time.Minute)
		<-time.After(time.Hour)
		if got, at := sent.about(), sent.times.settled(); got != "a a a" || at[0] != 0 || at[2] != 2*time.Minute {
			t.Errorf("webhooks %s at %v, want three a minute apart", got, at)
		}
		g.SendWebhooks("b", 3, 0)
		if got := sent.about(); got != "a a a b b b" {
			t.Errorf("webhooks %s, want three more at once", got)
		}
		g.SendWebhooks("c", 3, time.Minute)
		synctest.Wait()
		g.Close()
		<-time.After(time.Hour)
		if got := sent.about(); got != "a a a b b b c" {
			t.Errorf("webhooks %s, want none after Close", got)
		}
	})
}

func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := newSent()
		g := sandbox.New(sandbox.Config{Webhooks: sent.rules(500)})
		for _, wrong := range []func() error{
			func() error { return g.Flood("", 1, 0) }, // without a URL
			func() error { return g.Flood("http://shop.test/", 0, 0) },
			func() error { return g.Flood("http://shop.test/", sandbox.MaxFlood+1, 0) },
			func() error { return g.Flood("http://shop.test/", 1, -1) },
		} {
			if wrong() == nil {
				t.Error("a flood that cannot be was begun")
			}
		}
		if err := g.Flood("http://shop.test/", 100, 10); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		at := sent.times.settled()
		ids := make(map[string]bool)
		for _, d := range g.Deliveries("") {
			if !d.Forged || d.State != sandbox.DeliveryFailed || len(d.Attempts) != 1 {
				t.Errorf("delivery is %+v, want it forged and tried once", d)
			}
			if _, err := g.Document(d.OrderID); err == nil {
				t.Error("a forged webhook is about an order that exists")
			}
			ids[d.OrderID] = true
		}
		if len(ids) != 100 || len(at) != 100 || at[99] != 9900*time.Millisecond {
			t.Errorf("%d ids in %d webhooks at %v, want 100 of each in 9.9s", len(ids), len(at), at)
		}
		if err := g.Flood("http://shop.test/", 1000, 1); err != nil {
			t.Fatal(err)
		}
		<-time.After(10500 * time.Millisecond)
		g.Close()
		<-time.After(time.Hour)
		if at = sent.times.settled(); len(at) != 111 {
			t.Errorf("%d webhooks, want the flood ended by Close after 11", len(at)-100)
		}
	})
}

func TestCloseForgetsWhatIsHeld(t *testing.T) {
	clock := &countingClock{ManualClock: sandbox.NewManualClock(noon())}
	g := sandbox.New(sandbox.Config{Clock: clock, WebhookURL: "http://127.0.0.1:1/"})
	g.BreakWebhooks("a", 0, sandbox.Delay(time.Hour))
	g.BreakWebhooks("b", 0, sandbox.Reorder())
	called := false
	g.SendWebhook("a")
	g.SendWebhook("b")
	g.AfterFunc(time.Minute, func() { called = true })
	stop := g.AfterFunc(time.Minute, func() { called = true })
	if clock.open.Load() != 4 || !stop() || stop() || clock.open.Load() != 3 {
		t.Fatalf("%d timers, want three after one was stopped", clock.open.Load())
	}
	g.Close()
	g.SendWebhook("a")
	if left := clock.open.Load(); left != 0 || g.AfterFunc(0, func() { called = true })() {
		t.Errorf("%d timers are left after Close, want none", left)
	}
	clock.Advance(time.Hour)
	if called || len(g.Deliveries("a")) != 2 {
		t.Error("something was called after Close")
	}
}
