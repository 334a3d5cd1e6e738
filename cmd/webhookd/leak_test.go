package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"webhookd/internal/sandbox"
	"webhookd/internal/sandbox/sandboxtest"
)

// TestPromise9_NothingLeaks runs the service at LOG_LEVEL=debug, with secrets and customers that can be told from all
// else, has it answer everything it can answer and fail in every way the gateway can make it fail, and looks for them
// in all that comes out.
//
// The answers of /v1 hold no secret and nothing of a customer. They do hold what the shop and the gateway wrote of an
// order (its description and reference, why a payment failed), and why the gateway refused an operation, in its own
// words: whoever has a key for them asked for that. Nothing else that comes out holds even those.
func TestPromise9_NothingLeaks(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		t.Run(format, func(t *testing.T) {
			l := newLeakage(t, format)
			l.askForEverything(t)
			l.haveTheGatewayTell(t)
			l.runTheCommands(t)
			l.readTheAdminPages(t)
			l.crash(t)
			l.check(t)
		})
	}
}

// canaries are texts to look for, by what they are.
type canaries map[string]string

func secretCanaries() canaries {
	const apiKey = "canary-api-key-6e0b51"
	return canaries{
		"NOPAYN_API_KEY": apiKey, "the header with it": base64.StdEncoding.EncodeToString([]byte(apiKey + ":")),
		"the first webhook token": "canary-first-token-83a1f0", "the second webhook token": "canary-second-token-83a1f0",
		"the shop's API key": "canary-shop-secret-0c77d2", "the reader's API key": "canary-reader-secret-0c77d2",
		"the database's password": "canary-database-password-94be", "a vault token": "canary-vault-token-5512",
	}
}

// customerCanaries are the members of a customer, but those too short to tell.
func customerCanaries() canaries {
	return canaries{
		"merchant_customer_id": "canary-customer-4711", "email_address": "canary.mail@example.com",
		"first_name": "Canaria-Jane", "last_name": "Canarinsky", "address": "Canary Row 41",
		"housenumber": "41-canary", "postal_code": "CN41RY", "ip_address": "203.0.113.141",
		"user_agent": "CanaryBrowser/4.1", "forwarded_ip": "203.0.113.142", "referrer": "https://canary-referrer.example",
		"birthdate": "1941-04-14",
	}
}

const phoneCanary = "+4741414141"

// paymentCanaries are how the customer paid.
func paymentCanaries() canaries {
	return canaries{
		"card_holder": "CANARIA P HOLDER", "truncated_pan": "414141******4141", "consumer_iban": "NL41CANR0414141414",
		"consumer_name": "C. Account-Canary", "consumer_city": "Canarytown",
	}
}

// wordCanaries are what shop and gateway write of an order.
func wordCanaries() canaries {
	return canaries{
		"description": "canary-description-2a", "merchant_order_id": "canary-reference-2b", "reason": "canary-reason-2c",
		"customer_message": "canary-message-2d", "an order line": "canary-goods-2e", "extra": "canary-extra-2f",
		"a refund's description": "canary-refund-description-2g",
	}
}

// leakage is a service, and all that came out of it.
type leakage struct {
	*rig
	*instance
	cmd     *exec.Cmd
	environ func(settings ...string) []string
	secret  canaries
	id      string // of a full order

	answers string // good ones of /v1
	quotes  string // answers of /v1 that tell in the gateway's words why it refused
	rest    string // all else
}

// newLeakage starts the service with all its secrets in files.
func newLeakage(t *testing.T, format string) *leakage {
	l := &leakage{secret: secretCanaries()}
	g, url := sandboxtest.Start(t, sandbox.Config{APIKey: l.secret["NOPAYN_API_KEY"]})
	database := strings.Replace(pg.New(t), "postgres@", "postgres:"+l.secret["the database's password"]+"@", 1)
	l.rig = &rig{gateway: g, gatewayURL: url, database: database}

	folder := t.TempDir()
	settings := []string{"LOG_FORMAT=" + format, "GATEWAY_TIMEOUT=5s", "SWEEP_INTERVAL=1s", "PUBLIC_URL=https://shop.example"}
	for name, text := range map[string]string{
		"DATABASE_URL": database, "NOPAYN_API_KEY": l.secret["NOPAYN_API_KEY"],
		"API_KEYS": "shop:write+money:" + l.secret["the shop's API key"] + ",reader:read:" +
			l.secret["the reader's API key"],
		"WEBHOOK_TOKENS": l.secret["the first webhook token"] + "," + l.secret["the second webhook token"],
	} {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, []byte(text+"\n"), 0o600))
		settings = append(settings, name+"=", name+"_FILE="+path)
	}
	l.environ = func(more ...string) []string { return l.rig.environ(append(settings, more...)...) }
	l.cmd = exec.Command(os.Args[0], "serve")
	l.instance = l.launchBy(t, l.cmd, settings...)
	l.ready(t)
	l.id = l.fullOrder(t)
	return l
}

// fullOrder makes a paid order of which everything is known that can be.
func (l *leakage) fullOrder(t *testing.T) string {
	t.Helper()
	status, made := l.ask(t, "POST", "/v1/orders", l.newOrder(t), "")
	if status != 201 {
		t.Fatalf("an order cannot be created: %d %s", status, made)
	}
	l.answers += made
	var o order
	must(t, json.Unmarshal([]byte(made), &o))
	l.pay(t, o.OrderID)
	words := wordCanaries()
	must(t, l.gateway.Edit(o.OrderID, func(doc map[string]any) {
		details := map[string]any{}
		for name, text := range paymentCanaries() {
			details[name] = text
		}
		for _, tx := range doc["transactions"].([]any) {
			tx := tx.(map[string]any)
			tx["payment_method_details"], tx["vault_token"] = details, l.secret["a vault token"]
			tx["reason"], tx["customer_message"] = words["reason"], words["customer_message"]
		}
	}))
	status, text := l.hook(t, "the second webhook token", `{"event":"status_changed","order_id":"`+o.OrderID+`"}`)
	if status != 200 {
		t.Fatalf("webhook was answered %d %s", status, text)
	}
	eventually(t, "the order is paid, and seen to be", func() bool {
		_, text := l.ask(t, "GET", "/v1/orders/"+o.OrderID, "", "")
		return strings.Contains(text, words["customer_message"])
	})
	return o.OrderID
}

// newOrder is a request for an order with every canary that one can hold.
func (l *leakage) newOrder(t *testing.T) string {
	t.Helper()
	words := wordCanaries()
	customer := map[string]any{"phone_numbers": []string{phoneCanary}, "gender": "female", "country": "NO"}
	for name, text := range customerCanaries() {
		customer[name] = text
	}
	body, err := json.Marshal(map[string]any{
		"amount": 1295, "currency": "EUR", "customer": customer, "description": words["description"],
		"merchant_order_id": words["merchant_order_id"], "extra": map[string]any{"note": words["extra"]},
		"order_lines": []any{map[string]any{
			"merchant_order_line_id": "1", "name": words["an order line"], "quantity": 1, "amount": 1295, "currency": "EUR",
		}},
	})
	must(t, err)
	return string(body)
}

// ask sends a request with the shop's key and returns the whole answer as text.
func (l *leakage) ask(t *testing.T, method, path, body, key string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, l.url+path, strings.NewReader(body))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+l.secret["the shop's API key"])
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return l.send(t, req)
}

func (l *leakage) send(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	res, err := http.DefaultTransport.RoundTrip(req) // no redirects
	must(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, string(raw)
}

// hook sends a webhook under one of the tokens.
func (l *leakage) hook(t *testing.T, token, body string) (int, string) {
	t.Helper()
	url := l.url + "/webhooks/costplus/" + l.secret[token]
	req, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(body))
	must(t, err)
	return l.send(t, req)
}

// told puts an answer where it belongs.
func (l *leakage) told(status int, text string) {
	switch {
	case strings.Contains(text, `"code":"refused"`) || strings.Contains(text, `"status":"refused"`):
		l.quotes += text
	case status < 300:
		l.answers += text
	default:
		l.rest += text
	}
}

// askForEverything asks every route, well and badly.
func (l *leakage) askForEverything(t *testing.T) {
	secrets, personal := strings.Join(slices.Collect(maps.Values(l.secret)), " "), customerCanaries()["email_address"]
	order := "/v1/orders/" + l.id
	for _, q := range []struct{ method, path, body, key string }{
		{"GET", order, "", ""},
		{"GET", order + "?max_age=0s", "", ""},
		{"GET", order + "?wait=10ms&until=change", "", ""},
		{"GET", order + "/history", "", ""},
		{"POST", order + "/refresh", "", ""},
		{"PUT", order, `{"merchant_order_id":"` + wordCanaries()["merchant_order_id"] + `"}`, ""},
		{"PUT", order, `{"merchant_order_id":"` + personal + `"}`, ""}, // contradicts
		{"PUT", order, `{"nickname":"` + personal + secrets + `"}`, ""},
		{"PUT", order, `{"currency":"` + personal + `"}`, ""},
		{"PUT", order, personal, ""},
		{"GET", "/v1/orders", "", ""},
		{"GET", "/v1/orders?merchant_order_id=" + wordCanaries()["merchant_order_id"], "", ""},
		{"GET", "/v1/orders?state=" + personal, "", ""},
		{"GET", "/v1/orders?cursor=" + personal, "", ""},
		{"GET", "/v1/orders/" + personal, "", ""},
		{"GET", "/v1/merchant-orders/" + wordCanaries()["merchant_order_id"], "", ""},
		{"GET", "/v1/merchant-orders/" + personal, "", ""},
		{"GET", "/v1/events", "", ""},
		{"GET", "/v1/events?after=9999", "", ""},
		{"GET", "/v1/events?feed=" + personal, "", ""},
		{"POST", "/v1/orders", `{"amount":1,"currency":"EUR","webhook_url":"https://` + personal + `"}`, ""},
		{"POST", "/v1/orders", `{"amount":1,"currency":"EUR","customer":{"gender":"` + personal + `"}}`, ""},
		{"POST", "/v1/orders", l.newOrder(t), "a-create"},
		{"POST", "/v1/orders", l.newOrder(t), "a-create"},
		{"POST", order + "/refunds", `{"amount":100,"description":"canary-refund-description-2g"}`, "a-refund"},
		{"POST", order + "/refunds", `{"amount":100,"description":"canary-refund-description-2g"}`, "a-refund"},
		{"POST", order + "/refunds", `{"amount":99900,"description":"canary-refund-description-2g"}`, "too-much"},
		{"POST", order + "/refunds", `{"amount":"` + personal + `"}`, "no-number"},
		{"POST", order + "/captures", `{"description":"canary-refund-description-2g"}`, "no-capture"},
		{"POST", order + "/voids", `{"description":"canary-refund-description-2g"}`, "no-void"},
		{"GET", "/v1/operations/a-refund", "", ""},
		{"GET", "/v1/operations/unheard-of", "", ""},
		{"DELETE", order, personal, ""},
		{"GET", "/openapi.json", "", ""},
		{"GET", "/" + personal, "", ""},
		{"GET", "/debug/pprof/cmdline", "", ""},
		{"OPTIONS", order, "", ""},
	} {
		status, text := l.ask(t, q.method, q.path, q.body, q.key, "X-Request-Id", "canary "+personal, "Referer", secrets,
			"User-Agent", personal, "Cookie", secrets, "Traceparent", personal)
		l.told(status, text)
	}
	l.told(l.ask(t, "GET", "/v1/orders", "", "", "Authorization", "Bearer "+l.secret["the reader's API key"]))
	l.told(l.ask(t, "POST", order+"/refresh", "", "", "Authorization", "Bearer "+l.secret["the reader's API key"]))
	l.told(l.ask(t, "GET", "/v1/orders", "", "", "Authorization", "Bearer "+l.secret["the shop's API key"]+"x"))
	l.told(l.hook(t, "the first webhook token", "{"+personal))
	l.told(l.hook(t, "the first webhook token", `{"order_id":"`+personal+`"}`))
	l.told(l.hook(t, "the first webhook token", `{"order_id":"forged","customer":"`+personal+`"}`))
	l.told(l.ask(t, "POST", "/webhooks/costplus/"+l.secret["the first webhook token"]+"x", personal, ""))
	l.answers += l.readStream(t)
}

// readStream reads the feed's first events as they are streamed.
func (l *leakage) readStream(t *testing.T) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", l.url+"/v1/events/stream?after=0", nil)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+l.secret["the reader's API key"])
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	lines, text := bufio.NewScanner(res.Body), ""
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text += lines.Text() + "\n"
		if strings.HasPrefix(lines.Text(), "data:") {
			return text
		}
	}
	t.Error("the stream told nothing")
	return text
}

// haveTheGatewayTell has every call fail in every way, with an answer that quotes all that the gateway knows.
func (l *leakage) haveTheGatewayTell(t *testing.T) {
	known := []string{
		l.secret["NOPAYN_API_KEY"], l.secret["the header with it"], l.secret["the first webhook token"], phoneCanary,
	}
	for _, some := range []canaries{customerCanaries(), wordCanaries()} {
		known = append(known, slices.Collect(maps.Values(some))...)
	}
	// Of a new order it knows no payment.
	atCreation := strings.Join(known, " ")
	known = append(known, slices.Collect(maps.Values(paymentCanaries()))...)
	always := strings.Join(append(known, l.secret["a vault token"]), " ")
	order := "/v1/orders/" + l.id
	for _, status := range []int{400, 401, 403, 404, 409, 422, 429, 200, 301, 500} {
		for shape, body := range map[string]func(string) string{
			"A": func(s string) string {
				return fmt.Sprintf(`{"error":{"status":400,"type":%[1]q,"value":%[1]q,"property_path":%[1]q}}`, s)
			},
			"B":    func(s string) string { return fmt.Sprintf(`{"error":%[1]q,"message":%[1]q,"detail":%[1]q}`, s) },
			"page": func(s string) string { return "<html><h1>" + s + "</h1></html>" },
		} {
			say := func(quote string) sandbox.Fault {
				header := http.Header{"Location": {"/" + quote}, "X-Canary": {quote}, "Retry-After": {"0"}}
				return sandbox.Reply(status, header, body(quote))
			}
			key := fmt.Sprintf("quoted-%d-%s", status, shape)
			l.gateway.Break(sandbox.OpCreate, "", 0, say(atCreation))
			l.told(l.ask(t, "POST", "/v1/orders", l.newOrder(t), key+"-create"))
			l.gateway.Break(sandbox.OpRefund, "", 0, say(always)) // the order can be read
			l.told(l.ask(t, "POST", order+"/refunds", `{"amount":1}`, key+"-refund"))
			l.told(l.ask(t, "GET", "/v1/operations/"+key+"-refund", "", ""))
			l.gateway.Break(sandbox.OpGet, "", 0, say(always))
			l.gateway.Break(sandbox.OpList, "", 0, say(always))
			l.told(l.ask(t, "POST", order+"/refresh", "", ""))
			l.told(l.hook(t, "the first webhook token", `{"order_id":"`+l.id+`"}`))
			l.gateway.LiftFaults()
			l.told(l.ask(t, "POST", order+"/refresh", "", ""))
		}
	}
	eventually(t, "a look failed", func() bool { return strings.Contains(l.logs.text(), "look failed") })
}

// runTheCommands has the program say what it says on a terminal.
func (l *leakage) runTheCommands(t *testing.T) {
	addr := func(url string) string { return strings.TrimPrefix(url, "http://") }
	environ := l.environ("LISTEN_ADDR="+addr(l.url), "ADMIN_ADDR="+addr(l.admin))
	for _, args := range []string{
		"config", "config --json", "doctor", "doctor --json", "version", "version --json", "healthcheck", "migrate status",
		"migrate status --json", "migrate up", "orders get unheard-of", "orders list --cursor x", "--help", "serve --no-such-flag",
	} {
		_, stdout, stderr := invoke(t, environ, strings.Fields(args)...)
		l.rest += stdout + stderr
	}
	for _, args := range []string{
		"orders get " + l.id, "orders get --json " + l.id, "orders list", "orders list --json", "orders refresh " + l.id,
		"events tail", "events tail --json",
	} {
		// The gateway failed so often before that it may be left alone for a while.
		eventually(t, args+" says something", func() bool {
			_, stdout, stderr := invoke(t, environ, strings.Fields(args)...)
			l.answers += stdout
			l.rest += stderr
			return stdout != ""
		})
	}
}

func (l *leakage) readTheAdminPages(t *testing.T) {
	for _, path := range []string{"/livez", "/readyz", "/readyz?verbose", "/metrics", "/version", "/", "/debug/pprof/"} {
		l.rest += l.get(t, l.admin+path)
	}
	if strings.Contains(l.metrics(t), l.id) {
		t.Error("a metric has an order id as label")
	}
}

// crash ends the service as an engineer does who wants to see what it is at, in the middle of its work.
func (l *leakage) crash(t *testing.T) {
	arrived, release := l.gateway.HoldGET(l.id)
	defer release()
	l.told(l.hook(t, "the first webhook token", `{"order_id":"`+l.id+`"}`))
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatal("nobody looks at the order")
	}
	must(t, l.cmd.Process.Signal(syscall.SIGQUIT))
	select {
	case <-l.logs.done:
	case <-time.After(patience):
		t.Fatal("the service does not end")
	}
	l.rest += l.logs.text()
	if !strings.Contains(l.rest, "SIGQUIT: quit") || !strings.Contains(l.rest, "goroutine 1 ") {
		t.Error("there is no dump")
	}
}

// check looks for the canaries.
func (l *leakage) check(t *testing.T) {
	customer := customerCanaries()
	customer["phone_numbers"] = phoneCanary
	l.wantNone(t, l.secret, "all that came out", l.rest+l.answers+l.quotes)
	l.wantNone(t, customer, "all that came out", l.rest+l.answers+l.quotes)
	l.wantNone(t, paymentCanaries(), "all that came out", l.rest+l.answers+l.quotes)
	l.wantNone(t, wordCanaries(), "all but the answers", l.rest)
	for name, text := range map[string]string{"answers": l.answers, "refusals": l.quotes} {
		if !strings.Contains(text, "canary-") {
			t.Errorf("the %s hold no canary at all: the test has lost its edge", name)
		}
	}
	for _, word := range []string{"look failed", `webhookd_webhooks_total{`, "not_sent", "NOPAYN_API_KEY", "GATEWAY_RPS"} {
		if !strings.Contains(l.rest, word) {
			t.Errorf("%q did not come out: the test has lost its edge", word)
		}
	}
}

func (l *leakage) wantNone(t *testing.T, some canaries, where, text string) {
	t.Helper()
	for what, canary := range some {
		if at := strings.Index(text, canary); at >= 0 {
			t.Errorf("%s is in %s: …%s…", what, where, text[max(0, at-300):min(len(text), at+100)])
		}
	}
}
