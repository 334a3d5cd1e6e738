package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// trap is a server that nobody should ever call.
type trap struct {
	url   string
	calls atomic.Int64
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	p := &trap{url: "http://" + socket.Addr().String()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := socket.Accept()
			if err != nil {
				return
			}
			p.calls.Add(1)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		socket.Close()
		<-done
		if n := p.calls.Load(); n > 0 {
			t.Errorf("%d connections were made to an address that somebody sent", n)
		}
	})
	return p
}

// TestHostileGateway has the gateway, or who stands in its place, answer so as to do harm. Each answer is given up in
// time, none is believed, webhooks are taken as always, and the next good answer is.
func TestHostileGateway(t *testing.T) {
	t.Parallel()
	elsewhere := newTrap(t)
	r := newRig(t)
	s := r.start(t, "GATEWAY_TIMEOUT=1s")
	id, other := r.create(t, ""), r.create(t, "")
	r.pay(t, other)
	paid, err := r.gateway.Document(other)
	must(t, err)
	wrong, err := json.Marshal(paid)
	must(t, err)
	paid["id"] = id
	good, err := json.Marshal(paid)
	must(t, err)
	type writer = http.ResponseWriter
	said := func(head, body string) func(writer, *http.Request) { return hijacked(head, body) }
	for name, answer := range map[string]func(writer, *http.Request){
		"another order, and a paid one": func(w writer, _ *http.Request) { w.Write(wrong) },
		"the order twice":               func(w writer, _ *http.Request) { w.Write(append(good, good...)) },
		"two statuses": func(w writer, _ *http.Request) {
			w.Write(bytes.Replace(good, []byte(`"status":`), []byte(`"status":"new","status":`), 1))
		},
		"a page": func(w writer, _ *http.Request) { io.WriteString(w, "<html>"+string(good)+"</html>") },
		"a deep document": func(w writer, _ *http.Request) {
			io.WriteString(w, `{"id":"`+id+`","extra":`+strings.Repeat("[", 1<<20)+strings.Repeat("]", 1<<20)+`}`)
		},
		"a document without end":    flood(`{"id":"`+id+`","extra":"`, strings.Repeat("x", 1<<16)),
		"white space without end":   flood("", strings.Repeat(" ", 1<<16)),
		"a bomb":                    bomb,
		"a document byte by byte":   drip(string(good)),
		"headers without end":       said("HTTP/1.1 200 OK\r\n", strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 1<<10)),
		"one header without end":    said("HTTP/1.1 200 OK\r\nX-A: ", strings.Repeat("a", 1<<20)),
		"early hints without end":   said("", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: "+strings.Repeat("a", 500)+"\r\n\r\n", 1<<10)),
		"a protocol of its own":     said("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", string(good)),
		"a length below zero":       said("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", string(good)),
		"a length that is too long": said(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(good)+1), string(good)),
		"chunks that are none":      said("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", string(good)),
		"a header that breaks":      said("HTTP/1.1 200 OK\r\nX-A: a\rb\x00\r\nContent-Length: "+fmt.Sprint(len(good)), "\r\n\r\n"+string(good)),
		"no HTTP":                   said("220 mail.example.com ESMTP\r\n", ""),
		"nothing":                   said("", ""),
		"a redirect":                redirect(elsewhere.url, 302),
		"a redirect for good":       redirect(elsewhere.url, 308),
		"a redirect in the answer":  func(w writer, _ *http.Request) { w.Header().Set("Refresh", "0;url="+elsewhere.url); w.WriteHeader(204) },
	} {
		t.Run(name, func(t *testing.T) {
			lift := r.gateway.Break(sandbox.OpGet, id, 0, sandbox.NewFault("hostile", func(http.Handler) http.Handler {
				return http.HandlerFunc(answer)
			}))
			began := time.Now()
			code := s.api(t, "POST", "/v1/orders/"+id+"/refresh", "", nil)
			if took := time.Since(began); code != 502 && code != 504 || took > 30*time.Second {
				t.Errorf("answered %d after %s", code, took)
			}
			lift()
			s.accepted(t, fmt.Sprintf("meanwhile-%d", began.UnixNano()))
			eventually(t, "a good answer is taken", func() bool {
				return s.api(t, "POST", "/v1/orders/"+id+"/refresh", "", nil) == 200
			})
			if o, _ := s.order(t, id); o.State != "pending" || o.Amount != 1295 {
				t.Errorf("the order is %+v", o)
			}
		})
	}
	r.pay(t, id)
	s.accepted(t, id)
	s.becomes(t, id, "paid")
}

// hijacked answers with these bytes, and then nothing more.
func hijacked(head, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, out, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, _ = out.WriteString(head + body) // fails when the client has had enough
		_ = out.Flush()
	}
}

// flood answers with begin, and then with more until the client has had enough.
func flood(begin, more string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, begin)
		for err == nil {
			_, err = io.WriteString(w, more)
		}
	}
}

// bomb answers with a gigabyte of white space, in a megabyte.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	zip := gzip.NewWriter(w)
	_, err := io.WriteString(zip, `{"a":"`)
	blank := strings.Repeat(" ", 1<<20)
	for n := 0; err == nil && n < 1<<10; n++ {
		_, err = io.WriteString(zip, blank)
	}
}

// drip answers with a byte every tenth of a second.
func drip(text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(time.Second / 10)
		defer tick.Stop()
		for i := range len(text) {
			_, _ = io.WriteString(w, text[i:i+1])
			_ = http.NewResponseController(w).Flush()
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			}
		}
	}
}

func redirect(to string, status int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, status) }
}

// TestNothingIsFetched puts addresses wherever one can be put: no connection is made to any of them, and webhooks are
// asked for at PUBLIC_URL alone, whatever a request says of hosts.
func TestNothingIsFetched(t *testing.T) {
	t.Parallel()
	elsewhere := newTrap(t)
	at := elsewhere.url
	r := newRig(t)
	s := r.start(t, "PUBLIC_URL=https://shop.example")
	id := r.create(t, "")
	r.pay(t, id)
	must(t, r.gateway.Edit(id, func(doc map[string]any) {
		for _, member := range []string{"order_url", "return_url", "failure_url", "webhook_url", "image_url", "url", "$ref", "@id"} {
			doc[member] = at + "/" + member
		}
		for _, tx := range doc["transactions"].([]any) {
			tx.(map[string]any)["payment_url"] = at
		}
		doc["related_payment_link_id"], doc["merchant_order_id"] = at, at
	}))
	body := fmt.Sprintf(`{"order_id":%q,"url":%[2]q,"webhook_url":%[2]q,"order_url":%[2]q,"callback":%[2]q,"$ref":%[2]q}`, id, at)
	for _, bad := range []string{at, strings.TrimPrefix(at, "http:"), "../" + id, id + "?x=" + at, id + "/../../", "@" + at} {
		res, err := http.Post(s.hookURL(), "application/json", strings.NewReader(fmt.Sprintf(`{"order_id":%q}`, bad)))
		must(t, err)
		res.Body.Close()
		if res.StatusCode != 400 {
			t.Errorf("a webhook for %q was answered %d", bad, res.StatusCode)
		}
	}
	req, err := http.NewRequest("POST", s.hookURL(), strings.NewReader(body))
	must(t, err)
	for _, name := range []string{"Referer", "Origin", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "Link", "Callback"} {
		req.Header.Set(name, at)
	}
	req.Host = strings.TrimPrefix(at, "http://")
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("the webhook was answered %d", res.StatusCode)
	}
	s.becomes(t, id, "paid")

	if code := s.api(t, "POST", "/v1/orders", `{"amount":1,"currency":"EUR","webhook_url":"`+at+`"}`, nil); code != 422 {
		t.Errorf("an order with a webhook_url was answered %d", code)
	}
	if calls := r.gateway.Calls(sandbox.OpCreate, ""); calls != 0 {
		t.Errorf("%d orders were made", calls)
	}
	urls := strings.ReplaceAll(`{"amount":1,"currency":"EUR","return_url":"@","failure_url":"@","extra":{"webhook_url":"@"},
		"customer":{"referrer":"@"},"order_lines":[{"merchant_order_line_id":"1","name":"x","quantity":1,"amount":1,"url":"@",
		"image_url":"@"}]}`, "@", at)
	req, err = http.NewRequest("POST", s.url+"/v1/orders", strings.NewReader(urls))
	must(t, err)
	req.Host = strings.TrimPrefix(at, "http://")
	req.Header = http.Header{
		"Authorization": {"Bearer " + apiSecret}, "X-Forwarded-Host": {req.Host}, "X-Forwarded-Proto": {"http"},
		"Forwarded": {"host=" + req.Host},
	}
	res, err = http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	var made order
	decode(t, res.Body, &made)
	doc, err := r.gateway.Document(made.OrderID)
	must(t, err)
	if got := doc["webhook_url"]; res.StatusCode != 201 || got != "https://shop.example/webhooks/costplus/"+hookToken {
		t.Errorf("answered %d; webhooks of the new order go to %v", res.StatusCode, got)
	}
	s.quiet(t, r)
}

// TestLogsCannotBeForged has everybody who can write into an order or a request try to end a line of the log and begin
// one of his own, or to move the cursor of who reads it.
func TestLogsCannotBeForged(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			s := r.start(t, "LOG_FORMAT="+format)
			const forged = "x\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}\ntime=2026 level=ERROR msg=forged\u2028\x1b[2J\x1b]0;t\x07\x00\u202e"
			quoted, err := json.Marshal(forged)
			must(t, err)
			id := r.create(t, "")
			must(t, r.gateway.Edit(id, func(doc map[string]any) {
				doc["status"], doc["merchant_order_id"], doc["description"] = forged, forged, forged
				doc[forged] = forged
			}))
			s.accepted(t, id)
			s.becomes(t, id, "unknown")
			for _, fault := range []sandbox.Fault{
				sandbox.Reply(400, nil, `{"error":{"value":`+string(quoted)+`,"type":`+string(quoted)+`,"property_path":`+string(quoted)+`}}`),
				sandbox.Reply(200, nil, `{"id":`+string(quoted)+`,"status":1}`),
				sandbox.Reply(200, nil, forged),
				sandbox.NewFault("forged", func(http.Handler) http.Handler {
					return http.HandlerFunc(hijacked("HTTP/1.1 200 "+forged+"\r\nX: "+forged+"\r\n\r\n", forged))
				}),
			} {
				lift := r.gateway.Break(sandbox.OpAny, "", 0, fault)
				s.api(t, "POST", "/v1/orders/"+id+"/refresh", "", nil)
				s.api(t, "POST", "/v1/orders", `{"amount":1,"currency":"EUR"}`, nil)
				lift()
				s.api(t, "POST", "/v1/orders/"+id+"/refresh", "", nil)
			}
			for _, request := range []string{
				"POST /webhooks/costplus/" + hookToken + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 400\r\n\r\n" +
					`{"order_id":` + string(quoted) + strings.Repeat(" ", 387-len(quoted)) + "}",
				"GET /" + url.PathEscape(forged) + "?" + url.QueryEscape(forged) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: \x1b[2J\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: \x1b[2J\u202e\r\nConnection: close\r\n\r\n",
				"\x1b[2J\u202e / HTTP/1.1\r\nHost: x\r\n\r\n", "GET \x1b[2J HTTP/1.1\r\nHost: x\r\n\r\n", "GET / \x1b[2J\r\n\r\n",
			} {
				if got := statuses(t, s.raw(t, request)); len(got) != 1 || got[0] < 400 {
					t.Errorf("%.60q is answered %v", request, got)
				}
			}
			s.stop()
			<-s.logs.done
			for line := range strings.Lines(s.logs.text()) {
				line = strings.TrimSuffix(line, "\n")
				if format == "json" && !json.Valid([]byte(line)) || format == "text" && !strings.HasPrefix(line, "time=2") ||
					strings.HasPrefix(line, "time=2026 level") || strings.Contains(line, `"msg":"forged"`) {
					t.Errorf("no line of ours: %s", line)
				}
				if at := strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r == '\u202e' || r == '\u2028' }); at >= 0 {
					t.Errorf("a character that moves the cursor: %q", line[max(0, at-40):min(len(line), at+40)])
				}
			}
		})
	}
}

// TestNothingBecomesSQL puts what would be SQL wherever a text can be put that reaches the database.
func TestNothingBecomesSQL(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	for n, evil := range []string{
		`'; drop table orders; --`, `"; drop table events; --`, `\'; select pg_sleep(60); --`, `' or '1'='1`, `$1`, `%' or 1=1 --`,
		`{"a":"b"}`, `a' || (select version()) || '`, `\`, `%`, `_`,
	} {
		ref, q := fmt.Sprintf("%s %d", evil, n), url.QueryEscape(evil)
		reference, err := json.Marshal(ref)
		must(t, err)
		id := fmt.Sprintf("order-%d", n)
		if code := s.api(t, "PUT", "/v1/orders/"+id, `{"merchant_order_id":`+string(reference)+`}`, nil); code != 201 {
			t.Errorf("%s: registered with %d", evil, code)
		}
		var found struct {
			Orders []struct {
				OrderID  string `json:"order_id"`
				Expected struct {
					Reference string `json:"merchant_order_id"`
				} `json:"expected"`
			} `json:"orders"`
		}
		code := s.api(t, "GET", "/v1/merchant-orders/"+url.PathEscape(ref), "", &found)
		if code != 200 || len(found.Orders) != 1 || found.Orders[0].OrderID != id || found.Orders[0].Expected.Reference != ref {
			t.Errorf("%s: answered %d %+v", evil, code, found)
		}
		for _, path := range []string{
			"/v1/orders?merchant_order_id=" + q, "/v1/orders?status=" + q, "/v1/orders?state=" + q, "/v1/orders?limit=" + q,
			"/v1/orders?cursor=" + q, "/v1/orders?updated_after=" + q, "/v1/events?feed=" + q, "/v1/events?after=" + q,
			"/v1/orders/" + url.PathEscape(evil), "/v1/operations/" + url.PathEscape(evil), "/v1/orders/" + url.PathEscape(evil) + "/history",
		} {
			found.Orders = nil
			began := time.Now()
			code := s.api(t, "GET", path, "", &found)
			if code >= 500 || len(found.Orders) > 0 || time.Since(began) > 20*time.Second {
				t.Errorf("%s is answered %d with %d orders after %s", path, code, len(found.Orders), time.Since(began))
			}
		}
	}
	if n := r.column(t, "select count(*)::text from orders"); n[0] != "11" {
		t.Errorf("%s orders are left of 11", n[0])
	}
}
