package demoshop_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestFaultPanelTellsTheSandbox(t *testing.T) {
	s := newStreetWithControl(t)
	for name, want := range map[string]string{
		"lose-next":    `POST /sandbox/faults {"on":"webhook","kind":"lose","times":1}`,
		"triple":       `POST /sandbox/faults {"on":"webhook","kind":"duplicate","times":1,"copies":3}`,
		"delay":        `POST /sandbox/faults {"on":"webhook","kind":"delay","times":1,"delay":"10s"}`,
		"reorder":      `POST /sandbox/faults {"on":"webhook","kind":"reorder","times":2}`,
		"gateway-down": `POST /sandbox/faults {"on":"any","kind":"status","for":"30s","status":503}`,
		"gateway-slow": `POST /sandbox/faults {"on":"any","kind":"slow","for":"30s","delay":"3s"}`,
		"answer-lost":  `POST /sandbox/faults {"on":"create","kind":"lose_answer","times":1}`,
		"forged":       `POST /sandbox/webhooks/flood {"count":1000,"per_second":200}`,
		"expire":       `POST /sandbox/clock {"advance":"30m0s"}`,
		"lift-all":     `DELETE /sandbox/faults`,
	} {
		if page := s.get(t, "/faults").body; !strings.Contains(page, `data-fault="`+name+`"`) {
			t.Errorf("there is no button %s", name)
		}
		a := s.post(t, "/faults", url.Values{"fault": {name}})
		if a.StatusCode != http.StatusSeeOther || s.control.told() != want {
			t.Errorf("%s: %s, and the sandbox was told %q, want %q", name, a.Status, s.control.told(), want)
		}
		if page := s.get(t, a.Header.Get("Location")); page.StatusCode != http.StatusOK || !strings.Contains(page.body, `id="done"`) {
			t.Errorf("%s: the page after it is %s and does not say that it is done", name, page.Status)
		}
	}
	if a := s.post(t, "/faults", url.Values{"fault": {"<script>"}}); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an unknown fault: %s", a.Status)
	}
}

func TestFaultPanelShowsWhatIsBroken(t *testing.T) {
	s := newStreetWithControl(t)
	s.control.set(func(c *fakeControl) { c.active = `{"id":"1","on":"webhook","kind":"<lose>","left":2}` })
	if page := s.get(t, "/faults").body; !strings.Contains(page, "&lt;lose&gt;") || strings.Contains(page, "<lose>") {
		t.Error("the active fault is not shown, or not escaped")
	}
	s.control.set(func(c *fakeControl) { c.broken = true })
	if a := s.post(t, "/faults", url.Values{"fault": {"lose-next"}}); a.StatusCode != http.StatusBadGateway {
		t.Errorf("without the sandbox: %s, want 502", a.Status)
	}
	if a := s.get(t, "/faults"); a.StatusCode != http.StatusOK {
		t.Errorf("without the sandbox the page is %s", a.Status)
	}
}

func TestThereIsNoFaultPanelWithoutASandbox(t *testing.T) {
	s := newStreet(t)
	if a := s.get(t, "/faults"); a.StatusCode != http.StatusNotFound {
		t.Errorf("GET /faults: %s", a.Status)
	}
	if strings.Contains(s.get(t, "/").body, `href="/faults"`) {
		t.Error("a link leads to it")
	}
}

func TestAPurchaseCanBePaidTwice(t *testing.T) {
	s := newStreetWithControl(t)
	ref, _ := s.order(t)
	for range 2 {
		a := s.post(t, "/faults", url.Values{"fault": {"pay-twice"}, "order": {ref}})
		if a.StatusCode != http.StatusSeeOther || !strings.Contains(a.Header.Get("Location"), "/pay/gw-2/") {
			t.Errorf("%s to %s, want the page of a second order", a.Status, a.Header.Get("Location"))
		}
	}
	if s.gateway.count() != 2 || s.gateway.last(t)["merchant_order_id"] != ref {
		t.Errorf("%d orders, the last for %v", s.gateway.count(), s.gateway.last(t)["merchant_order_id"])
	}
	if a := s.post(t, "/faults", url.Values{"fault": {"pay-twice"}, "order": {"DEMO-AAAAAAAAAAAA"}}); a.StatusCode != http.StatusNotFound {
		t.Errorf("of an unknown order: %s", a.Status)
	}
}

func TestALostWebhookIsNotSaidToBeSentLater(t *testing.T) {
	s := newStreetWithControl(t)
	ref, id := s.order(t)
	for state, want := range map[string]bool{"waiting": true, "lost": false} {
		s.control.set(func(c *fakeControl) {
			c.deliveries[id] = `{"order_id":"x","event":"status_changed","at":"2026-03-02T09:01:02Z","state":"` + state + `"}`
		})
		if got := strings.Contains(s.get(t, "/order/"+ref).body, "not sent yet"); got != want {
			t.Errorf("a webhook that is %s is said to be not sent yet: %t", state, got)
		}
	}
}

func TestWebhookInspector(t *testing.T) {
	s := newStreetWithControl(t)
	ref, id := s.order(t)
	s.control.set(func(c *fakeControl) {
		c.deliveries[id] = `{"order_id":"x","event":"status_changed","at":"2026-03-02T09:01:02Z","state":"failed",
			"attempts":[{"at":"2026-03-02T09:01:03Z","status":503,"error":""},{"at":"2026-03-02T09:01:04Z","status":0,"error":"<refused>"}]}`
	})
	page := s.get(t, "/order/"+ref).body
	for _, want := range []string{"status_changed", "503", "&lt;refused&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the inspector lacks %s", want)
		}
	}
}
