package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

const minimal = `{"amount":1295,"currency":"EUR"}`

func TestCreateAnswersTheOrder(t *testing.T) {
	s := newShop(t, sandbox.Config{ProjectID: "project-1", MerchantID: "merchant-1"})
	r := s.call("POST", "/v1/orders/", `{"amount":1295,"currency":"EUR","merchant_order_id":"ORDER-001",
		"description":"Premium widget","return_url":"https://shop.example.com/success","locale":"en-GB",
		"extra":{"basket":"b-77","gifts":[]}}`)
	if r.status != http.StatusCreated {
		t.Fatalf("status %d, want 201: %s", r.status, r.text)
	}
	doc := r.object(t)
	id, _ := doc["id"].(string)
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("id %q is no lower-case UUID", id)
	}
	stamp := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$`)
	for _, name := range []string{"created", "modified"} {
		if at, _ := doc[name].(string); !stamp.MatchString(at) {
			t.Errorf("%s is %q, want microseconds and +00:00", name, at)
		}
	}
	want := map[string]any{
		"status": "new", "amount": 1295.0, "currency": "EUR", "project_id": "project-1", "merchant_id": "merchant-1",
		"merchant_order_id": "ORDER-001", "description": "Premium widget", "expiration_period": "PT30M",
		"order_url": s.base + "/pay/" + id + "/select-payment-method/",
	}
	for name, value := range want {
		if doc[name] != value {
			t.Errorf("%s is %v, want %v", name, doc[name], value)
		}
	}
	if _, present := doc["transactions"]; present {
		t.Error("transactions is present, want it left out as there are none")
	}
	if got := mustJSON(t, doc["flags"]); got != `["is-test"]` {
		t.Errorf("flags are %s, want is-test", got)
	}
	if got := mustJSON(t, doc["extra"]); got != `{"basket":"b-77","gifts":[]}` {
		t.Errorf("extra is %s, want it as it came", got)
	}
	if again := s.call("GET", "/v1/orders/"+id+"/", ""); again.text != r.text {
		t.Errorf("GET shows\n%s\nwant what the create answered\n%s", again.text, r.text)
	}
}

func TestPreparedTransactionsHaveTheirOwnPages(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	doc := s.call("POST", "/v1/orders", `{"amount":1,"currency":"EUR","transactions":[
		{"payment_method":"credit-card"},{"payment_method":"apple-pay","expiration_period":"PT10M"}]}`).object(t)
	if _, ok := doc["order_url"].(string); !ok {
		t.Error("order_url is missing")
	}
	txs, _ := doc["transactions"].([]any)
	if len(txs) != 2 {
		t.Fatalf("%d transactions, want 2", len(txs))
	}
	for i, method := range []string{"credit-card", "apple-pay"} {
		tx := txs[i].(map[string]any)
		want := doc["order_url"].(string) + method + "/" + tx["id"].(string) + "/"
		if tx["payment_url"] != want || tx["status"] != "new" {
			t.Errorf("transaction %d is %v at %v, want new at %s", i, tx["status"], tx["payment_url"], want)
		}
		if page := s.call("GET", strings.TrimPrefix(want, s.base), ""); page.status != http.StatusOK {
			t.Errorf("page of transaction %d: status %d, want 200", i, page.status)
		}
	}
	if txs[1].(map[string]any)["expiration_period"] != "PT10M" {
		t.Error("a transaction's own expiration_period is not kept")
	}
}

func TestEveryPathIsServedWithAndWithoutSlashes(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id, paid, link := s.order(nil), s.paidOrder(nil), s.link(linkBody)
	period := "?created_since=2020-01-01T00:00:00Z&created_until=2100-01-01T00:00:00Z"
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/v1/orders", minimal, 201},
		{"POST", "//v1/orders/", minimal, 201},
		{"GET", "/v1/orders/" + id, "", 200},
		{"GET", "//v1//orders/" + id + "//", "", 200},
		{"GET", "/v1/orders" + period, "", 200},
		{"GET", "//v1/orders/" + period, "", 200},
		{"GET", "/pay/" + id, "", 200},
		{"GET", "//pay/" + id + "/select-payment-method", "", 200},
		{"POST", "/v1/orders/" + paid + "/refunds", `{"amount":1}`, 201},
		{"POST", "//v1/orders/" + paid + "/refunds//", `{"amount":1}`, 201},
		{"POST", "/v1/search/orders", "{}", 200},
		{"POST", "/v1/search/orders/", "{}", 200},
		{"POST", "/v1/paymentlinks", linkBody, 201},
		{"POST", "//v1/paymentlinks/", linkBody, 201},
		{"GET", "/paymentlinks/" + link, "", 303},
		{"GET", "//paymentlinks/" + link + "/", "", 303},
		{"GET", "/v1/merchants/self/projects/self/currencies", "", 200},
		{"GET", "/v1/merchants/self/projects/self/currencies/", "", 200},
		{"PUT", "/v1/orders/" + id + "/", "{}", 200},
		{"DELETE", "/v1/orders/" + id, "", 200},
	} {
		if r := s.call(c.method, c.path, c.body); r.status != c.status {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, r.status, c.status)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/v1/orders/00000000-0000-4000-8000-000000000000/", 404, ""},
		{"GET", "/v1/nothing", 404, ""},
		{"GET", "/", 404, ""},
		{"DELETE", "/v1/orders/", 405, "GET, POST"},
		{"POST", "/v1/orders/x/", 405, "GET, PUT, DELETE"},
		{"PATCH", "//v1/orders//", 405, "GET, POST"},
		{"GET", "/v1/orders/x/refunds", 405, "POST"},
		{"GET", "/v1/tokens/", 405, "POST"},
		{"POST", "/v1/paymentlinks/x/", 405, "GET"},
		{"POST", "/v1/payments", 404, ""},
	} {
		r := s.call(c.method, c.path, "")
		if r.status != c.status || strings.Join(r.header.Values("Allow"), ", ") != c.allow {
			t.Errorf("%s %s: status %d, Allow %q, want %d, %q",
				c.method, c.path, r.status, r.header.Values("Allow"), c.status, c.allow)
		}
		if no, ok := r.object(t)["error"].(map[string]any); !ok || no["status"] != float64(c.status) {
			t.Errorf("%s %s: error is %v, want shape A with the status", c.method, c.path, r.text)
		}
	}
}

func TestTheKeyIsNeeded(t *testing.T) {
	s := newShop(t, sandbox.Config{APIKey: "the-key"})
	for _, c := range []struct {
		name          string
		authorization func(*http.Request)
		status        int
	}{
		{"none", func(*http.Request) {}, 401},
		{"wrong key", func(r *http.Request) { r.SetBasicAuth("another", "") }, 401},
		{"key as password", func(r *http.Request) { r.SetBasicAuth("", "the-key") }, 401},
		{"key with a password", func(r *http.Request) { r.SetBasicAuth("the-key", "x") }, 401},
		{"bearer", func(r *http.Request) { r.Header.Set("Authorization", "Bearer the-key") }, 401},
		{"key", func(r *http.Request) { r.SetBasicAuth("the-key", "") }, 404},
	} {
		req, err := http.NewRequest("GET", s.base+"/v1/orders/x/", nil)
		s.do(err)
		c.authorization(req)
		r, err := s.send(req)
		s.do(err)
		if r.status != c.status {
			t.Errorf("%s: status %d, want %d", c.name, r.status, c.status)
		}
		if c.status == http.StatusUnauthorized {
			doc := r.object(t)
			if _, flat := doc["error"].(string); !flat || doc["message"] == "" || r.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: answer is %s, want shape B and a challenge", c.name, r.text)
			}
		}
	}
}

func TestAmountDetailsOnlyWhenAskedFor(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.do(s.g.Pay(id, sandbox.CardVisa))
	if _, present := s.read(id)["amount_details"]; present {
		t.Error("a plain GET shows amount_details")
	}
	for _, query := range []string{"?fields[]=amount_details", "?fields%5B%5D=other&fields%5B%5D=amount_details"} {
		got := mustJSON(t, s.call("GET", "/v1/orders/"+id+"/"+query, "").object(t)["amount_details"])
		want := `{"capturable":0,"captured":1295,"refundable":1295,"refunded":0,"voidable":0,"voided":0}`
		if got != want {
			t.Errorf("GET %s: amount_details %s, want %s", query, got, want)
		}
	}
}

func TestModifiedAndETagMoveAtEveryChange(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock}) // which stands still
	id := s.order(nil)
	seen := make(map[string]bool)
	last := ""
	for _, change := range []func() error{
		func() error { return nil },
		func() error { return s.g.Fail(id) },
		func() error { return s.g.Pay(id, sandbox.CardVisa) },
		func() error { return s.g.SetStatus(id, "completed") },
		func() error { return s.g.Edit(id, func(map[string]any) {}) },
	} {
		s.do(change())
		r := s.call("GET", "/v1/orders/"+id+"/", "")
		modified, _ := r.object(t)["modified"].(string)
		if modified <= last || seen[r.header.Get("ETag")] {
			t.Errorf("modified %s after %s, ETag %s: want both to move", modified, last, r.header.Get("ETag"))
		}
		last, seen[r.header.Get("ETag")] = modified, true
	}
}

func TestListByPeriod(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	clock := sandbox.NewManualClock(start)
	s := newShop(t, sandbox.Config{Clock: clock})
	var ids []string
	for range 3 {
		ids = append(ids, s.order(nil))
		clock.Advance(10 * time.Minute)
	}
	for _, c := range []struct {
		since, until string
		want         []string
	}{
		{"2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z", ids},
		{"2026-03-02T09:00:00Z", "2026-03-02T09:10:00Z", ids[:2]},
		{"2026-03-02T10:10:00+01:00", "2026-03-02T10:19:00.5+01:00", ids[1:2]},
		{"2026-03-02T09:20:01Z", "2026-03-03T00:00:00Z", nil},
	} {
		r := s.call("GET", "/v1/orders/?"+url.Values{"created_since": {c.since}, "created_until": {c.until}}.Encode(), "")
		var list []struct{ ID string }
		if err := json.Unmarshal([]byte(r.text), &list); err != nil || list == nil {
			t.Fatalf("list from %s to %s is no JSON array: %v: %s", c.since, c.until, err, r.text)
		}
		var got []string
		for _, o := range list {
			got = append(got, o.ID)
		}
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("list from %s to %s is %v, want %v", c.since, c.until, got, c.want)
		}
	}
}

func TestListNeedsBothEndsOfThePeriod(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	const good = "2026-03-02T09:00:00Z"
	for query, path := range map[string]string{
		"":                       "created_since",
		"?created_since=" + good: "created_until",
		"?created_until=" + good: "created_since",
		"?created_since=" + good + "&created_until=yesterday":                 "created_until",
		"?created_since=2026-03-02T09:00:00+01:00&created_until=" + good:      "created_since", // a bare + is a space
		"?created_since=2026-03-02&created_until=" + url.QueryEscape("today"): "created_since",
	} {
		r := s.call("GET", "/v1/orders/"+query, "")
		no, _ := r.object(t)["error"].(map[string]any)
		if r.status != http.StatusBadRequest || no["property_path"] != path {
			t.Errorf("list with %q: status %d about %v, want 400 about %s", query, r.status, no["property_path"], path)
		}
	}
}

func TestCallsAreCounted(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil) // a lever, not a call
	s.read(id)
	s.read(id)
	s.call("GET", "/v1/orders/unknown/", "")
	s.call("POST", "/v1/orders/", minimal)
	s.call("POST", "/v1/orders/", "{}")
	s.call("GET", "/v1/orders/", "")
	for _, c := range []struct {
		op   sandbox.Operation
		id   string
		want int
	}{
		{sandbox.OpGet, id, 2},
		{sandbox.OpGet, "unknown", 1},
		{sandbox.OpGet, "", 3},
		{sandbox.OpGet, "other", 0},
		{sandbox.OpCreate, "", 2},
		{sandbox.OpList, "", 1},
	} {
		if got := s.g.Calls(c.op, c.id); got != c.want {
			t.Errorf("Calls(%q, %q) = %d, want %d", c.op, c.id, got, c.want)
		}
	}
	if got := s.g.MaxConcurrentCalls(); got != 1 {
		t.Errorf("MaxConcurrentCalls() = %d, want 1", got)
	}
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
