package control_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
	"webhookd/internal/sandbox/control"
)

// desk is a sandbox with its control on one address.
type desk struct {
	t       *testing.T
	url     string
	gateway *sandbox.Gateway
	clock   *sandbox.SpeedClock
}

func newDesk(t *testing.T, cfg sandbox.Config) *desk {
	t.Helper()
	d := &desk{t: t, clock: sandbox.NewSpeedClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), 0)}
	cfg.Clock = d.clock
	d.gateway = sandbox.New(cfg)
	server := httptest.NewServer(control.Beside(d.gateway, control.Options{Key: sandbox.DefaultAPIKey}))
	t.Cleanup(func() {
		d.gateway.Close()
		server.Close()
	})
	d.gateway.SetPublicURL(server.URL)
	d.url = server.URL
	return d
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	body string
}

func (d *desk) call(method, path, body string, header ...string) reply {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if body != "" || method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return reply{res, string(text)}
}

// object reads an answer that must have this status.
func (d *desk) object(r reply, status int) map[string]any {
	d.t.Helper()
	if r.StatusCode != status {
		d.t.Fatalf("%s %s: %s %s, want %d", r.Request.Method, r.Request.URL.Path, r.Status, r.body, status)
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.body)))
	decoder.UseNumber()
	var doc map[string]any
	if err := decoder.Decode(&doc); err != nil {
		d.t.Fatalf("%s: %v", r.body, err)
	}
	return doc
}

func (d *desk) post(path, body string, status int) map[string]any {
	d.t.Helper()
	return d.object(d.call(http.MethodPost, path, body), status)
}

func (d *desk) order(fields map[string]any) string {
	d.t.Helper()
	all := map[string]any{"amount": 1295, "currency": "EUR", "merchant_order_id": "ORDER-001"}
	for name, value := range fields {
		all[name] = value
	}
	id, err := d.gateway.Create(all)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func (d *desk) status(id string) string {
	d.t.Helper()
	doc, err := d.gateway.Document(id)
	if err != nil {
		d.t.Fatal(err)
	}
	return doc["status"].(string)
}

func TestLeversOfAnOrder(t *testing.T) {
	manual := map[string]any{"capture_mode": "manual", "expiration_period": "P7D"}
	for _, c := range []struct {
		name   string
		fields map[string]any
		calls  []string // path and body
		member string
		want   string // of the order at the end
	}{
		{"pay", nil, []string{`pay {"card":"4111111111111111"}`}, "status", "completed"},
		{"pay with any card", nil, []string{`pay `}, "status", "completed"},
		{"fail", nil, []string{`fail {}`}, "status", "error"},
		{"challenge", nil, []string{`pay {"card":"4018810000150015"}`, `challenge {"code":"0101"}`}, "status", "completed"},
		{"cancel", nil, []string{`cancel {}`}, "status", "cancelled"},
		{"expire", nil, []string{`expire {}`}, "status", "expired"},
		{"status", nil, []string{`status {"status":"on-hold-review"}`}, "status", "on-hold-review"},
		{"capture", manual, []string{`pay {}`, `capture {"amount":1000}`}, "flags", `["is-test","has-captures"]`},
		{"capture all", manual, []string{`pay {}`, `capture {}`}, "flags", `["is-test","has-captures"]`},
		{"void", manual, []string{`pay {}`, `void {}`}, "flags", `["is-test","has-voids"]`},
		{"refund", nil, []string{`pay {}`, `refund {"amount":500}`}, "refunded_amount", "500"},
		{"refund all", nil, []string{`pay {}`, `refund {}`}, "refunded_amount", "1295"},
		{"edit", nil, []string{`edit {"description":"Cup","locale":"it-IT","order_url":null}`}, "description", "Cup"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, sandbox.Config{})
			id := d.order(c.fields)
			for _, call := range c.calls {
				lever, body, _ := strings.Cut(call, " ")
				d.post("/sandbox/orders/"+id+"/"+lever, body, http.StatusOK)
			}
			doc := d.object(d.call("GET", "/sandbox/orders/"+id, ""), http.StatusOK)
			got, isText := doc[c.member].(string)
			if !isText {
				text, _ := json.Marshal(doc[c.member])
				got = string(text)
			}
			if got != c.want {
				t.Errorf("%s is %s, want %s", c.member, got, c.want)
			}
		})
	}
}

func TestRefundAndChargebackNameTheirOrders(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	id := d.order(nil)
	d.post("/sandbox/orders/"+id+"/pay", "{}", http.StatusOK)
	for _, c := range [][2]string{{"refund", `{"amount":500}`}, {"chargeback", "{}"}} {
		lever, body := c[0], c[1]
		back := d.post("/sandbox/orders/"+id+"/"+lever, body, http.StatusOK)["id"].(string)
		if doc := d.object(d.call("GET", "/sandbox/orders/"+back, ""), http.StatusOK); doc[lever+"_of_order_id"] != id {
			t.Errorf("%s %s is of order %v", lever, back, doc[lever+"_of_order_id"])
		}
	}
}

// TestRefundsThatTakeTheirTime has one wait, one fail, and one completed by hand (CONTRACT 4.7, W29).
func TestRefundsThatTakeTheirTime(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	set := d.post("/sandbox/settings",
		`{"refund_delay":"10m","fail_refunds":1,"refund_answer":"flat","capture_answer":"empty"}`, http.StatusOK)
	if set["refund_delay"] != "10m0s" || set["refund_answer"] != "flat" || set["capture_answer"] != "empty" {
		t.Errorf("set to %v", set)
	}
	id := d.order(nil)
	d.post("/sandbox/orders/"+id+"/pay", `{}`, http.StatusOK)
	var refunds []string
	for range 3 {
		made := d.post("/sandbox/orders/"+id+"/refund", `{"amount":100}`, http.StatusOK)
		refunds = append(refunds, made["id"].(string))
	}
	d.post("/sandbox/refunds/"+refunds[1]+"/complete", `{}`, http.StatusOK)
	d.post("/sandbox/refunds/"+refunds[1]+"/fail", `{}`, http.StatusConflict)
	for i, want := range []string{"processing", "completed", "processing"} {
		if got := d.status(refunds[i]); got != want {
			t.Errorf("refund %d is %s, want %s", i, got, want)
		}
	}
	d.post("/sandbox/clock", `{"advance":"11m"}`, http.StatusOK)
	for i, want := range []string{"error", "completed", "completed"} {
		if got := d.status(refunds[i]); got != want {
			t.Errorf("refund %d is %s after ten minutes, want %s", i, got, want)
		}
	}
	for _, bad := range []string{
		`{"refund_delay":"soon"}`, `{"fail_refunds":-1}`, `{"refund_answer":"loud"}`, `{"colour":"red"}`,
	} {
		d.post("/sandbox/settings", bad, http.StatusUnprocessableEntity)
	}
	d.post("/sandbox/refunds/nobody/complete", `{}`, http.StatusNotFound)
}

func TestWhatIsRefused(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	id := d.order(nil)
	for _, c := range []struct {
		method, path, body string
		status             int
		say                string
	}{
		{"POST", "/sandbox/orders/unknown/pay", `{}`, 404, "unknown"},
		{"POST", "/sandbox/orders/" + id + "/dance", `{}`, 404, "nothing at this address"},
		{"GET", "/sandbox/nowhere", ``, 404, "nothing at this address"},
		{"DELETE", "/sandbox/clock", ``, 405, "DELETE"},
		{"POST", "/sandbox/orders/" + id + "/pay", `{"card":"4242424242424242"}`, 422, "card is no test card"},
		{"POST", "/sandbox/orders/" + id + "/pay", `{"Card":"4111111111111111"}`, 422, "Card is not known here"},
		{"POST", "/sandbox/orders/" + id + "/refund", `{"amount":1}`, 409, ""},
		{"POST", "/sandbox/orders/" + id + "/refund", `{"amount":"1"}`, 422, "amount must be a whole number"},
		{"POST", "/sandbox/orders/" + id + "/challenge", `{}`, 422, "code is required"},
		{"POST", "/sandbox/orders/" + id + "/status", `{"status":null}`, 422, "status must be a string"},
		{"POST", "/sandbox/orders/" + id + "/edit", `[]`, 400, "JSON object"},
		{"POST", "/sandbox/orders/" + id + "/fail", `{`, 400, "JSON object"},
		{"POST", "/sandbox/faults", `{}`, 422, "kind is required"},
		{"POST", "/sandbox/faults", `{"kind":"melt"}`, 422, "kind must be one of lose, delay"},
		{"POST", "/sandbox/faults", `{"kind":"slow","on":"moon"}`, 422, "on must be one of webhook, any, create, get"},
		{"POST", "/sandbox/faults", `{"kind":"lose","on":"get"}`, 422, `on must be "webhook"`},
		{"POST", "/sandbox/faults", `{"kind":"slow","on":"webhook"}`, 422, "on must be an operation of the API"},
		{"POST", "/sandbox/faults", `{"kind":"slow","copies":2}`, 422, "copies means nothing to slow"},
		{"POST", "/sandbox/faults", `{"kind":"slow","percent":101,"times":0}`, 422, "percent must be a whole number from 1 to 100"},
		{"POST", "/sandbox/faults", `{"kind":"slow","for":"soon"}`, 422, "for must be a length of time"},
		{"DELETE", "/sandbox/faults/77", ``, 404, "no such fault"},
		{"POST", "/sandbox/clock", `{}`, 422, "advance"},
		{"POST", "/sandbox/clock", `{"speed":-1}`, 422, "speed must be a number"},
		{"POST", "/sandbox/webhooks", `{"count":2}`, 422, "order_id is required"},
		{"POST", "/sandbox/webhooks", `{"order_id":"x"}`, 409, "no webhook URL"},
		{"POST", "/sandbox/webhooks/flood", `{"count":1}`, 409, ""},
		{"POST", "/sandbox/script", `{"steps":[{"at":"1s"},{"at":"x","fault":{"kind":"melt"}}]}`, 422, "step 2: fault.kind must be one of"},
	} {
		r := d.call(c.method, c.path, c.body)
		if r.StatusCode != c.status || !strings.Contains(r.body, strings.ReplaceAll(c.say, `"`, `\"`)) {
			t.Errorf("%s %s %s: %s %s, want %d and %q", c.method, c.path, c.body, r.Status, r.body, c.status, c.say)
		}
		if kind := r.Header.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s %s: Content-Type %s", c.method, c.path, kind)
		}
	}
	if got := d.status(id); got != "new" {
		t.Errorf("after all that was refused the order is %s", got)
	}
}

// TestNoWebPageDrivesIt has a browser send what a page of another site could have it send.
func TestNoWebPageDrivesIt(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	id := d.order(nil)
	for name, c := range map[string]struct {
		header []string
		status int
	}{
		"a form":         {[]string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		"no type":        {[]string{"Content-Type", ""}, 415},
		"another origin": {[]string{"Origin", "https://evil.example"}, 403},
		"another site":   {[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a name of its":  {[]string{"Host", "evil.example"}, 421},
	} {
		if r := d.call("POST", "/sandbox/orders/"+id+"/fail", "{}", c.header...); r.StatusCode != c.status {
			t.Errorf("%s: %s, want %d", name, r.Status, c.status)
		}
	}
	if got := d.status(id); got != "new" {
		t.Errorf("the order is %s", got)
	}
}

func TestFaultsCanBeSetSeenAndLifted(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	id := d.order(nil)
	get := func() int {
		req, err := http.NewRequestWithContext(t.Context(), "GET", d.url+"/v1/orders/"+id+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(sandbox.DefaultAPIKey, "")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0
		}
		res.Body.Close()
		return res.StatusCode
	}
	fault := d.post("/sandbox/faults", `{"on":"get","kind":"status","status":503,"times":2}`, http.StatusCreated)
	if a, b, c := get(), get(), get(); a != 503 || b != 503 || c != 200 {
		t.Errorf("three reads answered %d, %d, %d, want 503, 503, 200", a, b, c)
	}
	if fault["id"] == "" || strings.Contains(d.call("GET", "/sandbox/faults", "").body, "status") {
		t.Error("a fault that is over is still told")
	}
	lasting := d.post("/sandbox/faults", `{"kind":"unauthorized","for":"30s","order_id":"`+id+`"}`, http.StatusCreated)
	if got := get(); got != 401 {
		t.Errorf("read answered %d, want 401", got)
	}
	told := d.call("GET", "/sandbox/faults", "").body
	if !strings.Contains(told, `"on": "any"`) || !strings.Contains(told, `"kind": "unauthorized"`) || !strings.Contains(told, `"for": "30s"`) {
		t.Errorf("faults are told as %s", told)
	}
	if r := d.call("DELETE", "/sandbox/faults/"+lasting["id"].(string), ""); r.StatusCode != http.StatusNoContent || get() != 200 {
		t.Errorf("lifting it: %s", r.Status)
	}
	d.post("/sandbox/faults", `{"kind":"cut","for":"30s"}`, http.StatusCreated)
	d.post("/sandbox/clock", `{"advance":"31s"}`, http.StatusOK)
	if got := get(); got != 200 {
		t.Errorf("after the fault's time a read answered %d", got)
	}
	d.post("/sandbox/faults", `{"kind":"cut"}`, http.StatusCreated)
	if r := d.call("DELETE", "/sandbox/faults", ""); r.StatusCode != http.StatusNoContent || get() != 200 {
		t.Errorf("lifting all: %s", r.Status)
	}
}

// TestEveryKindOnEveryOperation sets each kind of fault on each operation that it can happen to.
func TestEveryKindOnEveryOperation(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	api := "slow status status_after html empty hang cut cut_body lose_answer missing unauthorized error_200 " +
		"error_200_after rate_limit unknown_status unknown_fields no_transactions stale"
	ops := "any create get list update cancel refund capture void search create_link get_link tokens currencies project"
	count := 0
	set := func(on, kind string) {
		d.post("/sandbox/faults", `{"on":"`+on+`","kind":"`+kind+`"}`, http.StatusCreated)
		count++
	}
	for kind := range strings.FieldsSeq(api) {
		for on := range strings.FieldsSeq(ops) {
			set(on, kind)
		}
	}
	for kind := range strings.FieldsSeq("lose delay duplicate reorder") {
		set("webhook", kind)
	}
	if got := strings.Count(d.call("GET", "/sandbox/faults", "").body, `"kind"`); got != count {
		t.Errorf("%d faults are in force, want %d", got, count)
	}
	if len(strings.Fields(ops)) != len(sandbox.Operations())+1 {
		t.Error("the test does not know all operations")
	}
}

func TestClockMovesAndExpires(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	id := d.order(nil)
	clock := d.post("/sandbox/clock", `{"advance":"30m"}`, http.StatusOK)
	if clock["now"] != "2026-03-02T09:30:00Z" || d.status(id) != "expired" {
		t.Errorf("the clock shows %v, the order is %s", clock["now"], d.status(id))
	}
	if clock = d.post("/sandbox/clock", `{"speed":60}`, http.StatusOK); clock["speed"] != json.Number("60") {
		t.Errorf("the clock runs at %v", clock["speed"])
	}
}

func TestScriptRunsByTheClock(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	id := d.order(nil)
	d.post("/sandbox/script", `{"steps":[
		{"at":"20s","lift":"all"},
		{"at":"0s","fault":{"kind":"status","on":"get"}},
		{"at":"10s","clock":{"advance":"30m"}}]}`, http.StatusAccepted)
	faults := func() int { return len(d.gateway.Faults()) }
	if faults() != 1 || d.status(id) != "new" {
		t.Errorf("at first %d faults, and the order is %s", faults(), d.status(id))
	}
	d.clock.Advance(9 * time.Second)
	if d.status(id) != "new" {
		t.Error("the second step came too early")
	}
	d.clock.Advance(time.Second)
	if faults() != 0 || d.status(id) != "expired" {
		t.Errorf("at the end %d faults, and the order is %s", faults(), d.status(id))
	}
}

func TestWebhooksAreSentAndTold(t *testing.T) {
	heard := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard <- string(body)
	}))
	defer receiver.Close()
	d := newDesk(t, sandbox.Config{WebhookURL: receiver.URL})
	next := func() string {
		select {
		case body := <-heard:
			return body
		case <-time.After(time.Minute):
			t.Fatal("no webhook came")
			return ""
		}
	}
	d.post("/sandbox/webhooks", `{"order_id":"forged-id","count":2}`, http.StatusAccepted)
	for range 2 {
		if body := next(); !strings.Contains(body, "forged-id") {
			t.Errorf("webhook %s", body)
		}
	}
	d.post("/sandbox/webhooks/flood", `{"count":5}`, http.StatusAccepted)
	for range 5 {
		next()
	}
	told := d.object(d.call("GET", "/sandbox/webhooks?order_id=forged-id", ""), http.StatusOK)["deliveries"].([]any)
	if len(told) != 2 || told[0].(map[string]any)["order_id"] != "forged-id" {
		t.Errorf("deliveries are told as %v", told)
	}
}

func TestStateHoldsEverythingButTheKey(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	id := d.order(nil)
	d.post("/sandbox/orders/"+id+"/pay", "", http.StatusOK)
	d.post("/sandbox/faults", `{"kind":"cut","on":"list"}`, http.StatusCreated)
	r := d.call("GET", "/sandbox/state", "")
	state := d.object(r, http.StatusOK)
	order := state["orders"].([]any)[0].(map[string]any)
	if order["id"] != id || order["amount_details"] == nil || len(state["faults"].([]any)) != 1 ||
		state["clock"].(map[string]any)["now"] != "2026-03-02T09:00:00Z" || state["calls"].(map[string]any)["create"] != json.Number("0") ||
		state["settings"].(map[string]any)["public_url"] != d.url || state["deliveries"] == nil {
		t.Errorf("state is %s", r.body)
	}
	if strings.Contains(r.body, sandbox.DefaultAPIKey) {
		t.Error("the state holds the key")
	}
}

func TestThePageExplainsTheSandbox(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	id := d.order(map[string]any{"merchant_order_id": `<script>alert("x")</script>`})
	for _, path := range []string{"/", "/sandbox", "/sandbox/"} {
		r := d.call("GET", path, "")
		if r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			t.Fatalf("GET %s: %s", path, r.Status)
		}
		for _, want := range []string{sandbox.DefaultAPIKey, d.url + "/v1", "4111 1111 1111 1111", "0101", "lose_answer", id, "12.95 EUR", "/pay/" + id} {
			if !strings.Contains(r.body, want) {
				t.Errorf("GET %s lacks %s", path, want)
			}
		}
		if strings.Contains(r.body, "<script") || !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("GET %s holds a script, or has no policy", path)
		}
	}
	if r := d.call("GET", "/sandbox/assets/sandbox.css", ""); r.StatusCode != http.StatusOK {
		t.Errorf("the page's style: %s", r.Status)
	}
	if r := d.call("GET", "/v1/orders/"+id, ""); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("the API beside it: %s", r.Status)
	}
}

func TestAKeyThatLooksRealIsNotShown(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef"
	g := sandbox.New(sandbox.Config{APIKey: key})
	defer g.Close()
	w := httptest.NewRecorder()
	control.New(g, control.Options{Key: key}).ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/", nil))
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), key) {
		t.Errorf("status %d, and the key is on the page", w.Code)
	}
}

func TestShortFormOfFaults(t *testing.T) {
	g := sandbox.New(sandbox.Config{})
	defer g.Close()
	f, err := control.ParseFault("kind=status,on=get,status=503,percent=10,for=1m")
	if err != nil {
		t.Fatal(err)
	}
	f.Set(g)
	if all := g.Faults(); len(all) != 1 || all[0].Percent != 10 || all[0].Status != 503 || all[0].For != time.Minute {
		t.Errorf("faults %+v", all)
	}
	for short, want := range map[string]string{
		"": "write name=value", "kind": "write name=value", "kind=slow,kind=cut": "write name=value",
		"kind=melt": "kind must be one of", "kind=status,status=many": "status must be",
	} {
		if _, err := control.ParseFault(short); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", short, err, want)
		}
	}
}
