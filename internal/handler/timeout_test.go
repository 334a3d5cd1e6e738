package handler_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/feed"
	"webhookd/internal/handler"
	"webhookd/internal/store"
)

// pipes is a listener whose connections never leave the process, so that time in them can be faked.
type pipes struct {
	dialed chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialed:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.IPAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p.dialed <- server
	return client, nil
}

// inBubble runs f with a client whose requests reach the handler on fake time.
func inBubble(t *testing.T, store *fake, f func(t *testing.T, client *http.Client)) {
	t.Helper()
	inWorld(t, store, func(t *testing.T, w *world) { f(t, w.client) })
}

// world is a handler at work on fake time.
type world struct {
	client   *http.Client
	listener *pipes
	live     *feed.Tail
	metrics  *prometheus.Registry
}

// inWorld is inBubble for a test that has a hand in more than requests.
func inWorld(t *testing.T, store *fake, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := config()
		c.AuthOff, c.WebhookRate = true, 100
		c.Log = slog.New(slog.DiscardHandler)
		w := &world{
			listener: &pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}, metrics: prometheus.NewRegistry(),
		}
		w.live = feed.New(store, c.Log, w.metrics)
		ctx, cancel := context.WithCancel(t.Context())
		var work sync.WaitGroup
		work.Go(func() { w.live.Run(ctx) })
		// As in production: what waits must outlive the times that are for ordinary requests.
		server := &http.Server{
			Handler: handler.New(c, store.backend(w.live)), ReadTimeout: 15 * time.Second, WriteTimeout: 45 * time.Second,
		}
		done := make(chan error, 1)
		go func() { done <- server.Serve(w.listener) }()
		transport := &http.Transport{DialContext: w.listener.dial}
		w.client = &http.Client{Transport: transport}
		defer func() {
			transport.CloseIdleConnections()
			if err := server.Close(); err != nil {
				t.Error(err)
			}
			<-done
			cancel()
			work.Wait()
		}()
		f(t, w)
	})
}

// hanging returns a store that does nothing until it is told to give up.
func hanging() *fake {
	wait := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	f := newFake()
	f.hint = func(ctx context.Context, _ string) error { return wait(ctx) }
	f.order = func(ctx context.Context, _ string) (store.Order, error) { return store.Order{}, wait(ctx) }
	f.register = func(ctx context.Context, _ string, _ store.Expected) (store.Registration, error) {
		return store.Registration{}, wait(ctx)
	}
	return f
}

// The gateway waits four seconds for the answer, whatever the database does.
func TestWebhookAnswersInTime(t *testing.T) {
	inBubble(t, hanging(), func(t *testing.T, client *http.Client) {
		began := time.Now()
		res, err := client.Post("http://x/webhooks/costplus/"+token, jsonType, strings.NewReader(webhook))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		took := time.Since(began)
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" || took >= 4*time.Second {
			t.Errorf("%s after %v, want 503 with Retry-After in less than 4 s", res.Status, took)
		}
	})
}

func TestOrdersAnswerInTime(t *testing.T) {
	for _, c := range []struct{ name, method, body string }{
		{"read", "GET", ""},
		{"write", "PUT", `{"amount":1}`},
		{"write without a body", "PUT", ""}, // where the server listens for the client's end already
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, hanging(), func(t *testing.T, client *http.Client) {
				began := time.Now()
				req, err := http.NewRequest(c.method, "http://x/v1/orders/"+id, strings.NewReader(c.body))
				if err != nil {
					t.Fatal(err)
				}
				res, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				if took := time.Since(began); res.StatusCode != http.StatusServiceUnavailable || took >= 5*time.Second {
					t.Errorf("%s after %v, want 503 in less than 5 s", res.Status, took)
				}
			})
		})
	}
}

// A sender that dribbles holds nothing for long, and one that is slow but comes to an end is heard.
func TestSlowSenders(t *testing.T) {
	for _, c := range []struct {
		name   string
		pause  time.Duration
		store  *fake
		status int
	}{
		{"slow", time.Second, newFake(), http.StatusOK},
		{"slow, and the store hangs", time.Second, hanging(), http.StatusServiceUnavailable},
		{"endless", time.Minute, newFake(), http.StatusBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, c.store, func(t *testing.T, client *http.Client) {
				began := time.Now()
				body, writes := io.Pipe()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					_, _ = io.WriteString(writes, webhook[:10]) // fails when the server has had enough
					<-time.After(c.pause)
					_, _ = io.WriteString(writes, webhook[10:])
					_ = writes.Close()
				}()
				res, err := client.Post("http://x/webhooks/costplus/"+token, jsonType, body)
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				if res.StatusCode != c.status || took >= 4*time.Second {
					t.Errorf("%s after %v, want %d in less than 4 s", res.Status, took, c.status)
				}
				_ = res.Body.Close()
				<-ended
			})
		})
	}
}

// Nobody waits long for a body that nobody wants either.
func TestSlowSendersWithoutAToken(t *testing.T) {
	for path, status := range map[string]int{
		"/webhooks/costplus/wrong": http.StatusNotFound, "/nowhere": http.StatusNotFound,
		"/v1/orders": http.StatusMethodNotAllowed, "/v1/events": http.StatusMethodNotAllowed,
	} {
		t.Run(path, func(t *testing.T) {
			inBubble(t, newFake(), func(t *testing.T, client *http.Client) {
				began := time.Now()
				body, writes := io.Pipe()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					for {
						if _, err := io.WriteString(writes, "{"); err != nil {
							return // the server has had enough
						}
						<-time.After(time.Second / 2)
					}
				}()
				req, err := http.NewRequest("PATCH", "http://x"+path, body)
				if err != nil {
					t.Fatal(err)
				}
				res, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); res.StatusCode != status || took >= 4*time.Second {
					t.Errorf("%s after %v, want %d in less than 4 s", res.Status, took, status)
				}
				_ = res.Body.Close()
				<-ended
			})
		})
	}
}

// The time that a body may take is over when the body is.
func TestConnectionIsKept(t *testing.T) {
	f := newFake()
	f.hint = func(context.Context, string) error {
		<-time.After(3 * time.Second)
		return nil
	}
	inBubble(t, f, func(t *testing.T, client *http.Client) {
		for range 2 {
			res, err := client.Post("http://x/webhooks/costplus/"+token, jsonType, strings.NewReader(webhook))
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != http.StatusOK || res.Close {
				t.Errorf("%s, closed %v; want 200 on a connection that is kept", res.Status, res.Close)
			}
			_ = res.Body.Close()
		}
	})
}
