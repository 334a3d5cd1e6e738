package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// raw sends bytes as they are and returns what comes back until the service closes, or has been silent for a while.
func (s *instance) raw(t *testing.T, request string) string {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, request) }() // the service may have had enough before the end
	var answer bytes.Buffer
	for buffer := make([]byte, 4096); ; {
		must(t, conn.SetReadDeadline(time.Now().Add(patience)))
		if answer.Len() > 0 {
			must(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
		}
		n, err := conn.Read(buffer)
		answer.Write(buffer[:n])
		if err != nil {
			return answer.String()
		}
	}
}

// statuses are those of the answers in what raw returns.
func statuses(t *testing.T, text string) []int {
	t.Helper()
	var all []int
	for answers := bufio.NewReader(strings.NewReader(text)); ; {
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			return all
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Errorf("an answer breaks off: %v", err)
		}
		res.Body.Close()
		all = append(all, res.StatusCode)
	}
}

// TestRequestsAreBounded sends what is too long, too deep or compressed. Each is refused, and the service goes on.
func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	s := newRig(t).start(t)
	const hook = "POST /webhooks/costplus/" + hookToken + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	deep := func(levels int) string {
		return `{"order_id":"an-order","a":` + strings.Repeat("[", levels) + strings.Repeat("]", levels) + `}`
	}
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, err := zip.Write(append([]byte(`{"order_id":"an-order","a":"`), bytes.Repeat([]byte(" "), 10<<20)...))
	must(t, err)
	must(t, zip.Close())
	chunks := strings.Repeat("1000\r\n"+strings.Repeat(" ", 0x1000)+"\r\n", 17)
	for _, c := range []struct {
		name, request string
		status        int
	}{
		{"an endless header", hook + "X-A: " + strings.Repeat("a", 64<<10), 431},
		{"headers without number", hook + strings.Repeat("X-A: a\r\n", 8<<10) + "\r\n", 431},
		{"a long path", "GET /" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
		{"a long body, which says so", hook + "Content-Length: 1000000000000\r\n\r\n{", 413},
		{"a long body, which does not", hook + "Transfer-Encoding: chunked\r\n\r\n" + chunks, 413},
		{"no body", hook + "\r\n", 400},
		{"a deep body", withBody(hook, deep(30_000)), 400},
		{"a less deep one, of which we take the id alone", withBody(hook, deep(1000)), 200},
		{"a compressed body", withBody(hook+"Content-Encoding: gzip\r\n", bomb.String()), 400},
		{"the same, compressed in transfer", hook + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
		{"a compressed body for the API", withBody("PUT /v1/orders/an-order HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: gzip\r\n"+
			"Authorization: Bearer "+apiSecret+"\r\n", bomb.String()), 400},
		{"a deep body for the API", withBody("PUT /v1/orders/an-order HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "+
			apiSecret+"\r\n", deep(30_000)), 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := s.raw(t, c.request)
			if got := statuses(t, answer); len(got) != 1 || got[0] != c.status {
				t.Errorf("answered %v, want %d: %.300s", got, c.status, answer)
			}
			s.accepted(t, "an-order")
		})
	}
}

func withBody(head, body string) string {
	return head + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// TestNoSecondRequest sends what a proxy in front may take for one request, and a careless server for two. The second
// one, for a path that exists, must never be answered.
func TestNoSecondRequest(t *testing.T) {
	t.Parallel()
	s := newRig(t).start(t)
	const second = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
	post := "POST /webhooks/costplus/" + hookToken + " HTTP/1.1\r\nHost: x\r\n"
	for name, request := range map[string]string{
		"two lengths":                 post + "Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}" + second,
		"two lengths in one":          post + "Content-Length: 2, 60\r\n\r\n{}" + second,
		"a length with a sign":        post + "Content-Length: +2\r\n\r\n{}" + second,
		"a length and chunks":         post + "Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
		"an unknown coding":           post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + second,
		"a coding with a space":       post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + second,
		"two codings":                 post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + second,
		"a chunk's length in hex":     post + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n" + second,
		"a chunk's length with space": post + "Transfer-Encoding: chunked\r\n\r\n 2\r\n{}\r\n0\r\n\r\n" + second,
		"a chunk that is too long":    post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n" + second,
		"a NUL in a header":           post + "X-A: a\x00b\r\nContent-Length: 2\r\n\r\n{}" + second,
		"a CR in a header":            post + "X-A: a\rContent-Length: 60\r\n\r\n{}" + second,
		"no host":                     "GET /nowhere HTTP/1.1\r\n\r\n" + second,
		"two hosts":                   "GET /nowhere HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + second,
		"an upgrade":                  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + second,
		"HTTP/0.9":                    "GET /openapi.json\r\n" + second,
	} {
		t.Run(name, func(t *testing.T) {
			answer := s.raw(t, request)
			got := statuses(t, answer)
			if len(got) == 0 || got[0] < 400 {
				t.Errorf("answered %v: %.300s", got, answer)
			}
			if len(got) > 1 || strings.Contains(answer, `"openapi"`) {
				t.Errorf("the second request was answered: %v", got)
			}
		})
	}
}

// TestPathsAndMethods tries ways around the router and the browser's rules.
func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := newRig(t).start(t)
	key := "Authorization: Bearer " + apiSecret + "\r\n"
	for _, line := range []string{
		"GET /metrics", "GET /readyz", "GET /version", "GET /debug/pprof/", "GET /debug/vars", "GET /docs", "GET /.env",
		"GET //openapi.json", "GET /./openapi.json", "GET /v1/../openapi.json", "GET /v1/%2e%2e/openapi.json",
		"GET /%2fopenapi.json", "GET /openapi.json/", "GET /openapi.json%00", "GET /OPENAPI.JSON",
		"GET /v1//orders", "GET /v1/orders/", "GET /v1/orders/..%2f..%2fmetrics", "GET /v1/orders/a%2frefunds",
		"GET /v1/orders/../events", "GET /v1/events;a=b", "GET /v1/orders/%2e%2e",
		"POST //webhooks/costplus/" + hookToken, "POST /webhooks/costplus/x/../" + hookToken,
		"POST /webhooks/costplus/" + hookToken + "/", "POST /webhooks/costplus/" + hookToken + "%00",
		"POST /webhooks/costplus", "POST /webhooks/costplus/", "POST /webhooks/costplus/%20" + hookToken,
		"GET http://127.0.0.1:1/nowhere", "CONNECT 127.0.0.1:1", "OPTIONS *", "OPTIONS /v1/orders", "TRACE /openapi.json",
		"GET *", "DELETE /v1/orders/an-order", "PATCH /v1/orders/an-order",
	} {
		answer := s.raw(t, line+" HTTP/1.1\r\nHost: x\r\nOrigin: https://elsewhere.example\r\n"+key+
			"Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n")
		if got := statuses(t, answer); len(got) != 1 || got[0] < 400 || got[0] >= 500 {
			t.Errorf("%s is answered %v: %.300s", line, got, answer)
		}
		if strings.Contains(strings.ToLower(answer), "access-control-allow") {
			t.Errorf("%s: browsers are let in: %s", line, answer)
		}
	}
	override := s.raw(t, "GET /v1/orders HTTP/1.1\r\nHost: x\r\n"+key+"X-HTTP-Method-Override: DELETE\r\n"+
		"X-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\nConnection: close\r\n\r\n")
	if !strings.Contains(override, `{"orders":[]`) || strings.Contains(override, "Set-Cookie") ||
		!strings.Contains(override, "X-Content-Type-Options: nosniff") {
		t.Errorf("with other methods and paths in headers: %s", override)
	}
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/cmdline", "/debug/vars", "/", "/v1/orders", "/config"} {
		if code := s.status(t, s.admin+path); code != 404 {
			t.Errorf("the admin listener answers %d for %s", code, path)
		}
	}
	res, err := http.Post(s.admin+"/readyz", "text/plain", nil)
	must(t, err)
	res.Body.Close()
	if res.StatusCode != 405 || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the admin listener answers %d %v for a POST", res.StatusCode, res.Header)
	}
}
