package nopayn_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"webhookd/internal/nopayn"
)

// TestOneClientForMany has many goroutines share a client; each must get its own order, and its own refusal.
func TestOneClientForMany(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusBadRequest)
			_, name, _ := strings.Cut(string(body), `"first_name":"`)
			name, _, _ = strings.Cut(name, `"`)
			io.WriteString(w, `{"error":{"value":"no `+name+`","type":"`+strconv.Itoa(len(name))+`"}}`)
			return
		}
		id := strings.Split(strings.TrimPrefix(r.URL.Path, basePath), "/")[3]
		io.WriteString(w, `{"id":"`+id+`","status":"new","amount":1,"currency":"EUR"}`)
	})
	var callers sync.WaitGroup
	for n := range 16 {
		callers.Go(func() {
			id, name := "o-"+strconv.Itoa(n), strings.Repeat("x", 5+n)
			for range 8 {
				if o, err := c.GetOrder(t.Context(), id); err != nil || o.ID != id {
					t.Errorf("GetOrder(%s) = %+v, %v", id, o, err)
				}
				_, err := c.CreateOrder(t.Context(), nopayn.NewOrder{
					Amount: 1, Currency: "EUR", Customer: &nopayn.Customer{FirstName: name},
				})
				refused, ok := errors.AsType[*nopayn.APIError](err)
				if !ok || refused.Message != "no [redacted]" || refused.Type != strconv.Itoa(len(name)) {
					t.Errorf("CreateOrder: %v", err)
				}
				if s := c.GenerateSignature(1, "EUR", id); !c.VerifySignature(1, "EUR", id, s) {
					t.Errorf("signature %s of %s is not good", s, id)
				}
			}
		})
	}
	callers.Wait()
}

// thawed is the ctx of a process that was frozen: its time is over, and no timer has said so yet.
type thawed struct{ context.Context }

func (thawed) Deadline() (time.Time, bool) { return time.Now().Add(-time.Second), true }

// TestAFrozenProcessSendsNothing when it goes on after its time.
func TestAFrozenProcessSendsNothing(t *testing.T) {
	c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	_, err := c.CreateRefund(thawed{t.Context()}, "an-order", nopayn.NewRefund{Amount: 1})
	if !errors.Is(err, context.DeadlineExceeded) || !nopayn.NotDone(err) {
		t.Errorf("CreateRefund: %v, want that its time was over and nothing was done", err)
	}
}
