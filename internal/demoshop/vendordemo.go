package demoshop

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"webhookd/internal/nopayn"
)

// What is set up for one of the official demo shops finds its addresses here too (CONTRACT 8): /success, /failure,
// /webhook and /status. They believe what they are told; here it leads to what is verified.

// comeBack sends a customer from the addresses that say how a payment went to the page that knows. The gateway appends
// its own order_id to one that the shop has set, so that there may be two (CONTRACT 4.7 W16); either will do.
func (s *shop) comeBack(w http.ResponseWriter, r *http.Request) {
	for _, id := range r.URL.Query()["order_id"] {
		o, ok := s.orders.ofGateway(id)
		if !ok {
			o, ok = s.orders.find(id)
		}
		if ok && o.open() {
			http.Redirect(w, r, orderPath(o.Key), http.StatusSeeOther)
			return
		}
	}
	http.Redirect(w, r, "/orders", http.StatusSeeOther)
}

const (
	maxWebhook     = 64 << 10        // bytes
	webhookTimeout = 3 * time.Second // the gateway waits for 4 (CONTRACT 4.3)
)

// webhook takes the webhooks that were to go to webhookd. It has webhookd look at the order, if it is one of the
// shop's, and answers 200 whatever came of that: webhookd finds out on its own, if a little later.
func (s *shop) webhook(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), webhookTimeout)
	defer cancel()
	if order, err := s.heed(ctx, http.MaxBytesReader(w, r.Body, maxWebhook)); err != nil {
		s.log.WarnContext(ctx, "a webhook came to the shop, and was of no use", "err", err)
	} else {
		s.log.InfoContext(ctx, "a webhook came to the shop", "order_id", order.OrderID, "status", order.Status,
			"settled", order.Settled)
	}
	w.WriteHeader(http.StatusOK)
}

// heed reads a webhook and returns the order that it is about, as it is.
func (s *shop) heed(ctx context.Context, from io.Reader) (verifiedOrder, error) {
	body, err := io.ReadAll(from)
	if err != nil {
		return verifiedOrder{}, fmt.Errorf("read the webhook: %w", err)
	}
	hook, err := nopayn.ParseWebhook(body)
	if err != nil {
		return verifiedOrder{}, err
	}
	if _, ok := s.orders.ofGateway(hook.OrderID); !ok {
		return verifiedOrder{}, errNotOurs
	}
	return s.service.refresh(ctx, hook.OrderID)
}

// health says that the shop is up.
func (s *shop) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n") // fails only when whoever asks has left
}
