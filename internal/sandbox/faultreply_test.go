package sandbox_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

func TestAnswersInThePlaceOfTheGateway(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	shapeA := func(status int) func(reply) bool {
		return func(r reply) bool {
			no, ok := r.object(t)["error"].(map[string]any)
			return ok && no["status"] == float64(status) && no["type"] != "" && no["value"] != ""
		}
	}
	empty := func(r reply) bool { return r.text == "" && r.header.Get("Content-Type") == "" }
	for _, c := range []struct {
		name  string
		fault sandbox.Fault
		want  int
		as    func(reply) bool
	}{
		{"refuse", sandbox.Refuse(504), 504, shapeA(504)},
		{"missing", sandbox.Missing(), 404, shapeA(404)},
		{"unauthorized", sandbox.Unauthorized(), 401, func(r reply) bool {
			_, flat := r.object(t)["error"].(string)
			return flat && r.header.Get("WWW-Authenticate") != ""
		}},
		{"rate limit", sandbox.RateLimit(1500 * time.Millisecond), 429, func(r reply) bool {
			return r.header.Get("Retry-After") == "2" && shapeA(429)(r)
		}},
		{"rate limit without a time", sandbox.RateLimit(0), 429, func(r reply) bool {
			return len(r.header.Values("Retry-After")) == 0
		}},
		{"HTML", sandbox.Proxy(502), 502, func(r reply) bool {
			return r.header.Get("Content-Type") == "text/html" && strings.Contains(r.text, "<h1>502 Bad Gateway</h1>")
		}},
		{"error under 200", sandbox.ErrorUnderOK(), 200, shapeA(500)},
		{"empty 503", sandbox.Empty(503), 503, empty},
	} {
		s.g.Break(sandbox.OpGet, id, 1, c.fault)
		if r := s.call("GET", "/v1/orders/"+id+"/", ""); r.status != c.want || !c.as(r) {
			t.Errorf("%s: answer is %d %v %q", c.name, r.status, r.header, r.text)
		}
		before := len(s.g.OrderIDs())
		s.g.Break(sandbox.OpCreate, "", 1, c.fault)
		s.call("POST", "/v1/orders/", minimal)
		if len(s.g.OrderIDs()) != before {
			t.Errorf("%s: an order was made all the same", c.name)
		}
	}
}

func TestTheWorkIsDoneAndTheAnswerSpoilt(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, c := range []struct {
		name  string
		fault sandbox.Fault
		as    func(r reply, err error) bool
	}{
		{"lost", sandbox.LoseAnswer(), func(r reply, err error) bool { return err != nil && r.status == 0 }},
		{"cut in the middle", sandbox.CutBody(), func(r reply, err error) bool {
			size, _ := strconv.Atoi(r.header.Get("Content-Length"))
			return r.status == 201 && errors.Is(err, io.ErrUnexpectedEOF) && len(r.text) == size/2 && size > 100
		}},
		{"without a body", sandbox.Empty(0), func(r reply, err error) bool {
			return err == nil && r.status == 201 && r.text == "" && r.header.Get("ETag") != ""
		}},
		{"answered with 503", sandbox.RefuseAfter(503), func(r reply, err error) bool {
			return err == nil && r.status == 503 && strings.HasPrefix(r.text, `{"error":{"status":503,`) &&
				r.header.Get("ETag") == ""
		}},
		{"an error under 200", sandbox.ErrorUnderOKAfter(), func(r reply, err error) bool {
			return err == nil && r.status == 200 && strings.HasPrefix(r.text, `{"error":{`)
		}},
	} {
		before := len(s.g.OrderIDs())
		s.g.Break(sandbox.OpCreate, "", 1, c.fault)
		r, err := s.try("POST", "/v1/orders/", minimal)
		if !c.as(r, err) {
			t.Errorf("%s: answer is %d %v %q, error %v", c.name, r.status, r.header, r.text, err)
		}
		if made := len(s.g.OrderIDs()) - before; made != 1 {
			t.Errorf("%s: %d orders were made, want 1", c.name, made)
		}
	}
}

func TestBentAnswers(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(map[string]any{"merchant_order_id": "A<B>&C"})
	s.do(s.g.Pay(id, sandbox.CardVisa))
	period := "?" + url.Values{"created_since": {"2020-01-01T00:00:00Z"}, "created_until": {"2100-01-01T00:00:00Z"}}.Encode()
	for _, c := range []struct {
		name  string
		fault sandbox.Fault
		as    func(doc map[string]any) bool
	}{
		{"status", sandbox.UnknownStatus(), func(doc map[string]any) bool {
			return doc["status"] == "on-hold-review" && doc["merchant_order_id"] == "A<B>&C"
		}},
		{"fields", sandbox.UnknownFields(), func(doc map[string]any) bool {
			txs, _ := doc["transactions"].([]any)
			return doc["brand_new_member"] != nil && doc["status"] == "completed" &&
				mustJSON(t, doc["flags"]) == `["is-test","brand-new-flag"]` &&
				txs[0].(map[string]any)["brand_new_member"] == true
		}},
		{"no transactions", sandbox.NoTransactions(), func(doc map[string]any) bool {
			_, present := doc["transactions"]
			return !present && doc["status"] == "completed"
		}},
	} {
		s.g.BreakBy(sandbox.FaultRule{Times: 3}, c.fault)
		r := s.call("GET", "/v1/orders/"+id+"/", "")
		if r.status != 200 || !c.as(r.object(t)) {
			t.Errorf("%s: the order is shown as %d %s", c.name, r.status, r.text)
		}
		var list []map[string]any
		r = s.call("GET", "/v1/orders/"+period, "")
		if err := json.Unmarshal([]byte(r.text), &list); err != nil || len(list) != 1 || !c.as(list[0]) {
			t.Errorf("%s: the list is shown as %d %s: %v", c.name, r.status, r.text, err)
		}
		if r = s.call("GET", "/v1/orders/unknown/", ""); r.status != 404 || r.object(t)["error"] == nil {
			t.Errorf("%s: an unknown order is answered %d %s, want the plain 404", c.name, r.status, r.text)
		}
		if doc, err := s.g.Document(id); err != nil || doc["status"] != "completed" || doc["brand_new_member"] != nil {
			t.Errorf("%s: the stored order has changed: %v, %v", c.name, doc, err)
		}
	}
}

func TestStaleShowsTheStateOfThen(t *testing.T) {
	clock := sandbox.NewManualClock(noon())
	s := newShop(t, sandbox.Config{Clock: clock})
	id := s.order(nil)
	s.g.BreakBy(sandbox.FaultRule{On: sandbox.OpGet}, sandbox.Stale(5*time.Second))
	clock.Advance(time.Minute)
	s.do(s.g.Fail(id))
	clock.Advance(3 * time.Second)
	s.do(s.g.Pay(id, sandbox.CardVisa))
	path := "/v1/orders/" + id + "/?fields[]=amount_details"
	for _, c := range []struct {
		after   time.Duration
		status  string
		etag    string
		capture float64
	}{
		{0, "new", `"1"`, 0},
		{2 * time.Second, "error", `"2"`, 0},
		{2999 * time.Millisecond, "error", `"2"`, 0},
		{time.Millisecond, "completed", `"3"`, 1295},
	} {
		clock.Advance(c.after)
		r := s.call("GET", path, "")
		doc := r.object(t)
		details, _ := doc["amount_details"].(map[string]any)
		if doc["status"] != c.status || r.header.Get("ETag") != c.etag || details["captured"] != c.capture {
			t.Errorf("%v after the last: status %v, ETag %s, details %v, want %s, %s and %v captured",
				c.after, doc["status"], r.header.Get("ETag"), details, c.status, c.etag, c.capture)
		}
	}
}

func TestStaleForgetsNoMoreThanItMust(t *testing.T) {
	clock := sandbox.NewManualClock(noon())
	s := newShop(t, sandbox.Config{Clock: clock})
	id := s.order(nil)
	for i := range 40 {
		clock.Advance(time.Second)
		s.do(s.g.SetStatus(id, "status-"+strconv.Itoa(i)))
	}
	s.g.Break(sandbox.OpGet, id, 1, sandbox.Stale(10*time.Second))
	s.wantStatus(id, "status-29")
	s.g.Break(sandbox.OpGet, id, 1, sandbox.Stale(time.Hour))
	s.wantStatus(id, "status-23") // the 16th before the last
}
