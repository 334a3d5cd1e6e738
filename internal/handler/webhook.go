package handler

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"webhookd/internal/nopayn"
)

// ackTimeout bounds the whole of a webhook's way, because the gateway waits 4 s for the answer (CONTRACT 4.2).
const ackTimeout = 3500 * time.Millisecond

// intake answers webhooks. It reads nothing out of one but an order id, and believes nothing of it: Hint makes us look
// at that order.
//
// The type and the coding that a body claims to have are not looked at: a body that is JSON is taken, and one that is
// compressed is none, so it is refused for that, without a byte having been unpacked.
type intake struct {
	hints   Hinter
	tokens  tokens
	limit   *limiter
	metrics intakeMetrics
	buffers sync.Pool // of *bytes.Buffer
}

// path is the pattern of the webhooks' route.
func (in *intake) path() string {
	if len(in.tokens) == 0 {
		return WebhookPath
	}
	return WebhookPath + "/{token}"
}

// ServeHTTP answers 200 once the webhook is committed, and a problem otherwise. The verdicts are those of CONTRACT 4.5.
// A token is asked for before anything else, so that who has none learns nothing and uses up nobody's rate.
func (in *intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := exchangeOf(r.Context())
	switch {
	case len(in.tokens) > 0 && !in.tokens.match(r.PathValue("token")):
		in.metrics.wrongToken.Inc()
		notFound(w, r)
	case r.Method != http.MethodPost:
		refuseMethod(e, r, http.MethodPost)
	default:
		if p := in.take(e, r); p != nil {
			p.write(e)
			return
		}
		accept(e)
	}
}

const accepted = `{"status":"accepted"}`

// accept says that the webhook is stored.
func accept(e *exchange) {
	e.least = slog.LevelDebug
	h := e.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Content-Length"] = []string{strconv.Itoa(len(accepted))}
	// An error means that the gateway is gone. It will come again, and nothing will happen twice.
	_, _ = e.Write([]byte(accepted))
}

// take stores one webhook, or returns why not.
func (in *intake) take(e *exchange, r *http.Request) *Problem {
	if wait, ok := in.limit.allow(middleware.GetClientIPAddr(r.Context())); !ok {
		in.metrics.limited.Inc()
		return newProblem(http.StatusTooManyRequests, codeTooManyRequests, "Too many webhooks from one source.").
			retryLater(seconds(wait))
	}
	id, p := in.orderID(e, r)
	if p != nil {
		return p
	}
	// Whoever hung up did send it: what could be stored is stored.
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), e.start.Add(ackTimeout))
	defer cancel()
	err := in.hints.Hint(ctx, id)
	in.metrics.ack.Observe(time.Since(e.start).Seconds())
	if err != nil {
		in.metrics.unavailable.Inc()
		return newProblem(http.StatusServiceUnavailable, codeNotStored, "The webhook is not stored. Send it again.").
			retryLater(retryAfter).because(err)
	}
	in.metrics.accepted.Inc()
	return nil
}

// orderID reads which order the webhook names.
func (in *intake) orderID(e *exchange, r *http.Request) (string, *Problem) {
	buffer, _ := in.buffers.Get().(*bytes.Buffer)
	if buffer == nil {
		buffer = new(bytes.Buffer)
	}
	defer in.buffers.Put(buffer)
	buffer.Reset()
	if err := readBody(e, r, buffer); err != nil {
		if tooLarge(err) {
			in.metrics.tooLarge.Inc()
			return "", bodyTooLarge()
		}
		in.metrics.invalid.Inc()
		return "", newProblem(http.StatusBadRequest, codeInvalidWebhook, "The body did not arrive.").because(err)
	}
	webhook, err := nopayn.ParseWebhook(buffer.Bytes())
	if err != nil {
		in.metrics.invalid.Inc()
		detail := "This is no webhook: " + err.Error() + "."
		return "", newProblem(http.StatusBadRequest, codeInvalidWebhook, detail).because(err)
	}
	return webhook.OrderID, nil
}

// seconds rounds up to the whole seconds of a Retry-After.
func seconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}
