package nopayn_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/nopayn"
)

// flaky answers in turn, the last answer for ever, and counts.
func flaky(sent *int, answers ...roundTrip) *http.Client {
	return respond(func(r *http.Request) (*http.Response, error) {
		i := min(*sent, len(answers)-1)
		*sent++
		return answers[i](r)
	})
}

func says(status int, body string, retryAfter ...string) roundTrip {
	return func(*http.Request) (*http.Response, error) {
		res := answer(status, body)
		for _, after := range retryAfter {
			res.Header.Set("Retry-After", after)
		}
		return res, nil
	}
}

func breaks(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func TestReadsAreTriedAgain(t *testing.T) {
	policy := nopayn.Retry{Attempts: 4, Base: 100 * time.Millisecond, Max: time.Second}
	good := says(200, orderAnswer)
	for _, c := range []struct {
		name     string
		policy   nopayn.Retry
		answers  []roundTrip
		sent     int
		ok       bool
		from, to time.Duration // how long it takes
	}{
		{"at once", policy, []roundTrip{good}, 1, true, 0, 0},
		{"never without a policy", nopayn.Retry{}, []roundTrip{breaks, good}, 1, false, 0, 0},
		{"after a cut", policy, []roundTrip{breaks, good}, 2, true, 0, 100 * time.Millisecond},
		{"after 503 and 500", policy, []roundTrip{says(503, ""), says(500, ""), good}, 3, true, 0, 300 * time.Millisecond},
		{"until it is enough", policy, []roundTrip{says(503, "")}, 4, false, 0, 700 * time.Millisecond},
		{
			"as late as asked for", policy,
			[]roundTrip{says(429, "", "1"), good},
			2, true, time.Second, 1100 * time.Millisecond,
		},
		{"not if asked to wait longer than that", policy, []roundTrip{says(429, "", "2"), good}, 1, false, 0, 0},
		{"not after a refusal", policy, []roundTrip{says(404, ""), good}, 1, false, 0, 0},
		{"not after an answer that cannot be read", policy, []roundTrip{says(200, "x"), good}, 1, false, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				client := dial(t, nopayn.Config{HTTPClient: flaky(&sent, c.answers...), Retry: c.policy})
				began := time.Now()
				_, err := client.GetOrder(t.Context(), orderID)
				if took := time.Since(began); took < c.from || took > c.to {
					t.Errorf("took %v, want from %v to %v", took, c.from, c.to)
				}
				if (err == nil) != c.ok || sent != c.sent {
					t.Errorf("sent %d times, %v, want %d times and success %t", sent, err, c.sent, c.ok)
				}
			})
		})
	}
}

func TestARetryEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		client := dial(t, nopayn.Config{
			HTTPClient: flaky(&sent, says(503, "", "3")), Retry: nopayn.Retry{Attempts: 9, Max: time.Minute},
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		began := time.Now()
		_, err := client.GetOrder(ctx, orderID)
		if _, ok := errors.AsType[*nopayn.APIError](err); !ok || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %v, want the refusal after 5s", err, time.Since(began))
		}
		if sent > 2 {
			t.Errorf("sent %d times", sent)
		}
	})
}

func TestWritesAreSentOnceWhateverThePolicy(t *testing.T) {
	for _, call := range theCalls() {
		if call.reads {
			continue
		}
		for _, trip := range []roundTrip{breaks, says(503, ""), says(429, "", "0")} {
			sent := 0
			client := dial(t, nopayn.Config{HTTPClient: flaky(&sent, trip), Retry: nopayn.Retry{Attempts: 5, Base: 1, Max: 1}})
			if _, err := call.make(t.Context(), client); err == nil || sent != 1 {
				t.Errorf("%s: sent %d times, %v, want once", call.name, sent, err)
			}
		}
	}
}
