package handler_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"webhookd/internal/store"
)

// TestRefresh looks first and reads after that, so that the answer is what the look found.
func TestRefresh(t *testing.T) {
	var did []string
	f := newFake()
	f.refresh = func(_ context.Context, id string, maxAge time.Duration) error {
		did = append(did, fmt.Sprint("look ", id, " ", maxAge))
		return nil
	}
	f.order = func(_ context.Context, id string) (store.Order, error) {
		did = append(did, "read "+id)
		return paidOrder(id), nil
	}
	s := start(t, config(), f)
	for _, c := range []struct {
		ask  func() answer
		want string
	}{
		{func() answer { return s.post("/v1/orders/o/refresh", "") }, "look o 0s, read o"},
		{func() answer { return s.post("/v1/orders/o/refresh", "{}") }, "look o 0s, read o"},
		{func() answer { return s.get("/v1/orders/o?max_age=10s") }, "look o 10s, read o"},
		{func() answer { return s.get("/v1/orders/o?max_age=1m30.5s") }, "look o 1m30.5s, read o"},
		{func() answer { return s.get("/v1/orders/o?max_age=0") }, "look o 0s, read o"},
		{func() answer { return s.get("/v1/orders/o?max_age=0s") }, "look o 0s, read o"},
		{func() answer { return s.get("/v1/orders/o") }, "read o"},
	} {
		did = nil
		var got store.Order
		wantBody(t, c.ask(), http.StatusOK, &got)
		if strings.Join(did, ", ") != c.want || got.OrderID != "o" {
			t.Errorf("did %v and answered with %s, want %s", did, got.OrderID, c.want)
		}
	}
	did = nil
	tag := s.get("/v1/orders/o").Header.Get("ETag")
	for _, method := range []string{"GET", "HEAD"} {
		did = nil
		a := s.do(method, "/v1/orders/o?max_age=5s", "", "Authorization", "Bearer "+reader, "If-None-Match", tag)
		if a.StatusCode != http.StatusNotModified || strings.Join(did, ", ") != "look o 5s, read o" {
			t.Errorf("%s with the present ETag: %s after %v", method, a.Status, did)
		}
	}
}

func TestRefreshIsRefused(t *testing.T) {
	f := newFake()
	f.refresh = func(context.Context, string, time.Duration) error {
		t.Error("it was looked at")
		return nil
	}
	s := start(t, config(), f)
	path := "/v1/orders/" + id + "/refresh"
	wantProblem(t, s.do("POST", path, "", "Authorization", "Bearer "+reader), http.StatusForbidden, "forbidden")
	wantProblem(t, s.do("POST", path, ""), http.StatusUnauthorized, "unauthorized")
	wantProblem(t, s.do("GET", "/v1/orders/"+id+"?max_age=1s", ""), http.StatusUnauthorized, "unauthorized")
	wantProblem(t, s.post(path, `{"force":true}`), http.StatusUnprocessableEntity, "invalid")
	wantProblem(t, s.post(path, `[]`), http.StatusUnprocessableEntity, "invalid")
	wantProblem(t, s.post(path, `{`), http.StatusBadRequest, "invalid_json")
	wantProblem(t, s.post(path+"?max_age=1s", ""), http.StatusUnprocessableEntity, "invalid")
	wantProblem(t, s.get(path), http.StatusMethodNotAllowed, "method_not_allowed")
}

// TestLooksThatFail are problems, on both routes, and what is stored is not shown in their place.
func TestLooksThatFail(t *testing.T) {
	look := func(code string, retryAfter time.Duration) error {
		return &store.LookError{Failure: store.Failure{Code: code, Phrase: "so it is", RetryAfter: retryAfter}}
	}
	for _, c := range []struct {
		err        error
		status     int
		code       string
		retryAfter string
	}{
		{store.ErrNotFound, 404, "not_found", ""},
		{look("gateway_error", 0), 502, "gateway_failed", ""},
		{look("gateway_unauthorized", 0), 502, "gateway_failed", ""},
		{look("gateway_unreachable", 0), 502, "gateway_failed", ""},
		{look("gateway_stale", 0), 502, "gateway_failed", ""},
		{look(store.CodeTimeout, 0), 504, "gateway_timeout", ""},
		{look(store.CodePaused, 0), 503, "gateway_paused", "5"},
		{look(store.CodePaused, 1200*time.Millisecond), 503, "gateway_paused", "2"},
		{look(store.CodeRateLimited, 0), 503, "gateway_paused", "5"},
		{look("gateway_error", time.Minute), 503, "gateway_paused", "60"},
		{look(store.CodeInternal, 0), 500, "internal", ""},
		{context.DeadlineExceeded, 503, "database_unavailable", "5"},
		{errors.New(inner), 500, "internal", ""},
	} {
		f := newFake()
		f.refresh = func(context.Context, string, time.Duration) error { return fmt.Errorf("refresh: %w", c.err) }
		f.order = func(context.Context, string) (store.Order, error) {
			t.Errorf("%v: what is stored was read", c.err)
			return store.Order{}, nil
		}
		s := start(t, config(), f)
		for _, a := range []answer{
			s.post("/v1/orders/"+id+"/refresh", ""), s.get("/v1/orders/" + id + "?max_age=10s"),
		} {
			wantProblem(t, a, c.status, c.code)
			if got := a.Header.Get("Retry-After"); got != c.retryAfter {
				t.Errorf("%v: Retry-After %q, want %q", c.err, got, c.retryAfter)
			}
			if a.Header.Get("ETag") != "" {
				t.Errorf("%v: a problem with an ETag", c.err)
			}
		}
	}
}

// slowLook is a gateway that takes its time.
func slowLook(takes time.Duration) func(context.Context, string, time.Duration) error {
	return func(context.Context, string, time.Duration) error {
		<-time.After(takes)
		return nil
	}
}

// TestRefreshAnswersInTime gives the gateway its time, and the database no more than elsewhere.
func TestRefreshAnswersInTime(t *testing.T) {
	for name, c := range map[string]struct {
		breaks func(*fake)
		status int
		least  time.Duration
		most   time.Duration
	}{
		"the look hangs": {func(f *fake) {
			f.refresh = func(ctx context.Context, _ string, _ time.Duration) error {
				<-ctx.Done()
				return &store.LookError{Failure: store.Failure{Code: store.CodeTimeout, Phrase: "it takes too long"}}
			}
		}, http.StatusGatewayTimeout, 15 * time.Second, 16 * time.Second},
		"the look is slow": {func(f *fake) {
			f.refresh = slowLook(14 * time.Second)
		}, http.StatusOK, 14 * time.Second, 15 * time.Second},
		"the look is slow and the database hangs": {func(f *fake) {
			f.refresh = slowLook(14 * time.Second)
			f.order = hanging().order
		}, http.StatusServiceUnavailable, 14 * time.Second, 19 * time.Second},
	} {
		for _, ask := range []struct{ method, path string }{
			{"POST", "/refresh"}, {"GET", "?max_age=1s"},
		} {
			t.Run(name+" "+ask.method, func(t *testing.T) {
				f := newFake()
				c.breaks(f)
				inBubble(t, f, func(t *testing.T, client *http.Client) {
					began := time.Now()
					req, err := http.NewRequest(ask.method, "http://x/v1/orders/"+id+ask.path, http.NoBody)
					if err != nil {
						t.Fatal(err)
					}
					res, err := client.Do(req)
					if err != nil {
						t.Fatal(err)
					}
					defer res.Body.Close()
					if took := time.Since(began); res.StatusCode != c.status || took < c.least || took > c.most {
						t.Errorf("%s after %v, want %d in %v to %v", res.Status, took, c.status, c.least, c.most)
					}
				})
			})
		}
	}
}
