package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// hookURL is where the gateway sends webhooks to a replica.
func (r *Replica) hookURL() string { return r.URL + "/webhooks/costplus/" + hookToken }

// webhook sends a webhook, and takes it down if it was accepted.
func (w *World) webhook(ctx context.Context, r *Replica, id string, forged bool) reply {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	body := fmt.Sprintf(`{"event":"status_changed","order_id":%q}`, id)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.hookURL(), strings.NewReader(body))
	if err != nil {
		return reply{}
	}
	answer := w.exchange(r, req, "a webhook")
	w.Ledger.count("webhooks by hand")
	if answer.code == http.StatusOK {
		w.Ledger.accepted(id, forged)
	}
	return answer
}

// messenger sends webhooks beside the gateway's: of any order, long after its change, several at once, and now and then
// about one that does not exist.
type messenger struct {
	w   *World
	rng *rand.Rand
}

func (m *messenger) run(ctx context.Context) {
	for n := 0; pause(ctx, between(m.rng, 5*time.Millisecond, 150*time.Millisecond)); n++ {
		if m.rng.IntN(10) == 0 {
			m.w.webhook(ctx, m.w.anyReplica(m.rng), fmt.Sprintf("forged-%x-%d", m.rng.Uint32(), n), true)
			continue
		}
		ids := m.w.Gateway.OrderIDs()
		if len(ids) == 0 {
			continue
		}
		id := ids[m.rng.IntN(len(ids))]
		for range 1 + m.rng.IntN(3) {
			m.w.webhook(ctx, m.w.anyReplica(m.rng), id, false)
		}
	}
}
