package sandbox_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

func TestFaultsOfGET(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id, other := s.order(nil), s.order(nil)
	path := "/v1/orders/" + id + "/"
	for _, c := range []struct {
		name   string
		fault  sandbox.Fault
		status int
		header http.Header
		body   string
	}{
		{
			"500", sandbox.Reply(500, http.Header{"Content-Type": {"application/json"}}, `{"error":null}`),
			500,
			http.Header{"Content-Type": {"application/json"}},
			`{"error":null}`,
		},
		{"429", sandbox.Reply(429, http.Header{"Retry-After": {"7"}}, ""), 429, http.Header{"Retry-After": {"7"}}, ""},
		{
			"HTML", sandbox.Reply(502, http.Header{"Content-Type": {"text/html"}}, "<h1>502</h1>"),
			502,
			http.Header{"Content-Type": {"text/html"}},
			"<h1>502</h1>",
		},
	} {
		s.g.Break(sandbox.OpGet, id, 2, c.fault)
		for range 2 {
			r := s.call("GET", path, "")
			if r.status != c.status || r.text != c.body {
				t.Errorf("%s: answer is %d %q, want %d %q", c.name, r.status, r.text, c.status, c.body)
			}
			for name := range c.header {
				if r.header.Get(name) != c.header.Get(name) {
					t.Errorf("%s: %s is %q, want %q", c.name, name, r.header.Get(name), c.header.Get(name))
				}
			}
		}
		s.wantStatus(id, "new") // the third call is answered again
		s.wantStatus(other, "new")
	}
}

func TestFaultsLastUntilLifted(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	lift := s.g.Break(sandbox.OpGet, "", 0, sandbox.Missing())
	for range 3 {
		r := s.call("GET", "/v1/orders/"+id+"/", "")
		if no, ok := r.object(t)["error"].(map[string]any); r.status != 404 || !ok || no["type"] != "NotFoundError" {
			t.Errorf("answer is %d %s, want the gateway's 404", r.status, r.text)
		}
	}
	if r := s.call("POST", "/v1/orders/", minimal); r.status != 201 {
		t.Errorf("create answered %d while only GET was broken", r.status)
	}
	lift()
	s.wantStatus(id, "new")
}

func TestFaultsOfOtherOperations(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	s.g.Break(sandbox.OpCreate, "", 1, sandbox.Reply(503, nil, ""))
	s.g.Break(sandbox.OpList, "", 1, sandbox.Reply(403, nil, `{"message":"no permission"}`))
	if r := s.call("POST", "/v1/orders/", minimal); r.status != 503 {
		t.Errorf("create answered %d, want 503", r.status)
	}
	if r := s.call("GET", "/v1/orders/", ""); r.status != 403 {
		t.Errorf("list answered %d, want 403", r.status)
	}
}

func TestCutConnection(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.g.Break(sandbox.OpCreate, "", 1, sandbox.Cut()) // POST: the client does not repeat it by itself
	if r, err := s.try("POST", "/v1/orders/", minimal); err == nil {
		t.Errorf("answer is %d %s, want a cut connection", r.status, r.text)
	}
	s.wantStatus(id, "new")
}

func TestSlowAnswersEndWithTheClient(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.g.Break(sandbox.OpGet, id, 1, sandbox.Slow(30*time.Millisecond))
	began := time.Now()
	s.wantStatus(id, "new")
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Errorf("slow answer took %v, want 30ms or more", took)
	}
	for name, fault := range map[string]sandbox.Fault{"slow": sandbox.Slow(time.Hour), "hanging": sandbox.Hang()} {
		lift := s.g.Break(sandbox.OpGet, id, 1, fault)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		req, err := http.NewRequestWithContext(ctx, "GET", s.base+"/v1/orders/"+id+"/", nil)
		s.do(err)
		if r, err := s.send(req); err == nil {
			t.Errorf("%s call was answered: %d", name, r.status)
		}
		cancel()
		lift() // on a slow machine it was given up before it came there
	}
	s.wantStatus(id, "new")
}

func TestCloseEndsCallsThatHang(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.g.Break(sandbox.OpGet, id, 1, sandbox.Hang())
	held, _ := s.g.HoldGET(id)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if r, err := s.try("GET", "/v1/orders/"+id+"/", ""); err == nil {
				t.Errorf("call was answered with %d, want its connection cut by Close", r.status)
			}
		})
	}
	await(t, held)
	s.g.Close()
	group.Wait()
}

func TestStaleGETShowsTheStateBefore(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.do(s.g.Fail(id))
	s.do(s.g.Pay(id, sandbox.CardVisa))
	release, err := s.g.StaleGET(id)
	s.do(err)
	s.wantStatus(id, "error")
	s.do(second(s.g.Refund(id, 5)))
	s.wantStatus(id, "error")
	if doc, err := s.g.Document(id); err != nil || doc["status"] != "completed" {
		t.Errorf("Document shows %v, %v, want the true state", doc["status"], err)
	}
	release()
	s.wantStatus(id, "completed")
}

func TestHoldGETSendsAnAnswerGrownOld(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	arrived, release := s.g.HoldGET(id)
	late := make(chan reply, 1)
	go func() {
		r, err := s.try("GET", "/v1/orders/"+id+"/", "")
		if err != nil {
			t.Error(err)
		}
		late <- r
	}()
	await(t, arrived)
	s.do(s.g.Pay(id, sandbox.CardVisa))
	s.wantStatus(id, "completed") // a second call passes the held one
	select {
	case <-late:
		t.Fatal("the held call was answered before its release")
	default:
	}
	release()
	release()
	r := await(t, late)
	if doc := r.object(t); r.status != 200 || doc["status"] != "new" || r.header.Get("ETag") != `"1"` {
		t.Errorf("held call: %d, status %v, ETag %s, want the state it read", r.status, doc["status"], r.header.Get("ETag"))
	}
	if got := s.g.MaxConcurrentCalls(); got != 2 {
		t.Errorf("MaxConcurrentCalls() = %d, want 2", got)
	}
}

func TestHoldGETReleasedEarlyHoldsNothing(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	_, release := s.g.HoldGET(id)
	release()
	s.wantStatus(id, "new")
}
