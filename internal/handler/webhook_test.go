package handler_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestFixture23 checks the verdict on every body of the contract's fixture 23.
func TestFixture23(t *testing.T) {
	text, err := os.ReadFile("../nopayn/testdata/fixtures/23_webhook_bodies.json")
	if err != nil {
		t.Fatal(err)
	}
	var bodies []struct {
		Name    string `json:"name"`
		RawBody string `json:"raw_body"`
		Verdict string `json:"verdict"`
	}
	if err := json.Unmarshal(text, &bodies); err != nil {
		t.Fatal(err)
	}
	if len(bodies) != 24 {
		t.Fatalf("%d bodies, want 24", len(bodies))
	}
	for _, b := range bodies {
		t.Run(b.Name, func(t *testing.T) {
			var hinted []string
			f := newFake()
			f.hint = func(_ context.Context, id string) error {
				hinted = append(hinted, id)
				return nil
			}
			s := start(t, config(), f)
			a := s.hook(b.RawBody, "Content-Type", "application/json")
			switch b.Verdict {
			case "process", "acknowledge":
				wantAccepted(t, a)
				if len(hinted) != 1 || !strings.Contains(b.RawBody, `"`+hinted[0]+`"`) || s.count("accepted") != 1 {
					t.Errorf("hinted %q, %v accepted", hinted, s.count("accepted"))
				}
			case "reject", "reject-or-last":
				wantProblem(t, a, http.StatusBadRequest, "invalid_webhook")
				if len(hinted) != 0 || s.count("invalid") != 1 {
					t.Errorf("hinted %q, %v invalid", hinted, s.count("invalid"))
				}
			default:
				t.Fatalf("unknown verdict %q", b.Verdict)
			}
		})
	}
}

func wantAccepted(t testing.TB, a answer) {
	t.Helper()
	if a.StatusCode != http.StatusOK || string(a.body) != `{"status":"accepted"}` ||
		a.Header.Get("Content-Type") != jsonType {
		t.Fatalf("%s %s %s, want the acknowledgement", a.Status, a.Header.Get("Content-Type"), a.body)
	}
}

// The type and coding that a body claims to have change nothing: JSON is taken, anything else is not.
func TestWebhookTypes(t *testing.T) {
	s := start(t, config(), newFake())
	for _, headers := range [][]string{
		nil,
		{"Content-Type", "application/json; charset=utf-8"},
		{"Content-Type", "text/plain"},
		{"Content-Type", "]["},
		{"Content-Encoding", "identity"},
	} {
		wantAccepted(t, s.hook(webhook, headers...))
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write([]byte(webhook)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, s.hook(packed.String(), "Content-Encoding", "gzip"), http.StatusBadRequest, "invalid_webhook")
}

func TestWebhookTokens(t *testing.T) {
	f := newFake()
	s := start(t, config(), f)
	wantAccepted(t, s.hook(webhook))
	wantAccepted(t, s.do("POST", "/webhooks/costplus/another-token-1234", webhook))

	unknown := s.do("POST", "/no/such/path", webhook)
	wantProblem(t, unknown, http.StatusNotFound, "not_found")
	paths := []string{
		"/webhooks/costplus/" + token + "x", "/webhooks/costplus/" + token[1:], "/webhooks/costplus/",
		"/webhooks/costplus", "/webhooks/costplus/" + token + "/", "/webhooks/costplus/" + token + "/x", "/webhooks",
	}
	for _, path := range paths {
		for _, method := range []string{"POST", "GET", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY", "BREW"} {
			a := s.do(method, path, webhook)
			wantProblem(t, a, http.StatusNotFound, "not_found")
			if withoutID(t, a) != withoutID(t, unknown) || a.Header.Get("Allow") != "" {
				t.Errorf("%s %s tells itself from an unknown path: %v %s", method, path, a.Header, a.body)
			}
		}
	}
	if got := s.count("wrong_token"); got == 0 || s.count("accepted") != 2 {
		t.Errorf("%v wrong tokens, %v accepted", got, s.count("accepted"))
	}
}

// withoutID is a problem's body without what differs from answer to answer.
func withoutID(t testing.TB, a answer) string {
	t.Helper()
	return strings.ReplaceAll(string(a.body), a.Header.Get("X-Request-Id"), "")
}

func TestWebhookWithoutTokens(t *testing.T) {
	c := config()
	c.WebhookTokens = nil
	s := start(t, c, newFake())
	wantAccepted(t, s.do("POST", "/webhooks/costplus", webhook))
	wantProblem(t, s.hook(webhook), http.StatusNotFound, "not_found")
	wantProblem(t, s.do("GET", "/webhooks/costplus", ""), http.StatusMethodNotAllowed, "method_not_allowed")
	if _, ok := s.doc.Paths["/webhooks/costplus"]; !ok {
		t.Error("the route is not documented")
	}
}

func TestWebhookMethods(t *testing.T) {
	s := start(t, config(), newFake())
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
		a := s.do(method, "/webhooks/costplus/"+token, webhook)
		wantProblem(t, a, http.StatusMethodNotAllowed, "method_not_allowed")
		if a.Header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow %q, want POST", method, a.Header.Get("Allow"))
		}
	}
}

func TestWebhookSize(t *testing.T) {
	s := start(t, config(), newFake())
	fill := func(size int) string { return webhook + strings.Repeat(" ", size-len(webhook)) }
	wantAccepted(t, s.hook(fill(64<<10)))
	wantProblem(t, s.hook(fill(64<<10+1)), http.StatusRequestEntityTooLarge, "too_large")

	// A length that is not announced is found out.
	req, err := http.NewRequest("POST", s.url+"/webhooks/costplus/"+token, io.MultiReader(strings.NewReader(fill(1<<20))))
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, s.send(req), http.StatusRequestEntityTooLarge, "too_large")
	if s.count("too_large") != 2 || s.count("accepted") != 1 {
		t.Errorf("%v too large, %v accepted", s.count("too_large"), s.count("accepted"))
	}
}

// A body that breaks off is no webhook.
func TestWebhookBreaksOff(t *testing.T) {
	s := start(t, config(), newFake())
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /webhooks/costplus/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n%s", token, webhook)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusBadRequest || s.count("invalid") != 1 {
		t.Errorf("%s, %v invalid; want 400", res.Status, s.count("invalid"))
	}
}

func TestWebhookNotStored(t *testing.T) {
	f := newFake()
	f.hint = func(context.Context, string) error { return errors.New(inner) }
	s := start(t, config(), f)
	a := s.hook(webhook)
	wantProblem(t, a, http.StatusServiceUnavailable, "not_stored")
	if a.Header.Get("Retry-After") == "" || s.count("unavailable") != 1 {
		t.Errorf("Retry-After %q, %v unavailable", a.Header.Get("Retry-After"), s.count("unavailable"))
	}
	line := s.lastLine()
	if line["level"] != "WARN" || line["error"] != inner || line["route"] != "/webhooks/costplus/{token}" {
		t.Errorf("logged %v, want a warning with the inner error and the route's pattern", line)
	}
}

// The sender that hung up did send it: the hint is given time all the same.
func TestWebhookOutlivesItsSender(t *testing.T) {
	asked, gone, stored := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	f := newFake()
	f.hint = func(ctx context.Context, _ string) error {
		close(asked)
		<-gone
		stored <- ctx.Err()
		return ctx.Err()
	}
	s := start(t, config(), f)
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", s.url+"/webhooks/costplus/"+token, strings.NewReader(webhook))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-asked
		cancel()
	}()
	if _, err := s.client.Do(req); !errors.Is(err, context.Canceled) {
		t.Fatalf("the request ended with %v, want it canceled", err)
	}
	close(gone)
	if err := <-stored; err != nil {
		t.Errorf("the hint's context had ended: %v", err)
	}
}

// Accepted webhooks are logged for those who look for them only.
func TestWebhookLog(t *testing.T) {
	s := start(t, config(), newFake())
	wantAccepted(t, s.hook(webhook))
	if line := s.lastLine(); line["level"] != "DEBUG" || line["status"] != 200.0 || line["client"] != "127.0.0.1" {
		t.Errorf("logged %v, want a debug line with status 200 and the client's address", line)
	}
	wantProblem(t, s.hook("[]"), http.StatusBadRequest, "invalid_webhook")
	line := s.lastLine()
	if line["level"] != "INFO" || line["code"] != "invalid_webhook" || line["error"] != "body is not a JSON object" {
		t.Errorf("logged %v, want an info line with the reason", line)
	}
}
