package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
	"webhookd/internal/sandbox"
)

// reader looks at orders as a shop's return page does, and never believes what it is told.
type reader struct {
	w   *World
	rng *rand.Rand
}

func (r *reader) run(ctx context.Context) {
	for pause(ctx, between(r.rng, 5*time.Millisecond, 120*time.Millisecond)) {
		ids := r.w.Gateway.OrderIDs()
		if len(ids) == 0 {
			continue
		}
		id := ids[max(0, len(ids)-1-r.rng.IntN(60))]
		_, registered := r.w.Ledger.expectation(id)
		path := "/v1/orders/" + id
		if r.rng.IntN(4) == 0 {
			path += "?wait=1s&until=change"
		}
		answer := r.w.ask(ctx, r.w.anyReplica(r.rng), http.MethodGet, path, nil)
		if answer.code != http.StatusOK {
			continue
		}
		r.w.Ledger.count("reads")
		var order struct {
			Fulfillable bool
			State       string
		}
		answer.decode(&order)
		if order.Fulfillable {
			r.w.mayLeave(id, "GET "+path, registered)
		}
	}
}

// mayLeave is called when somebody was told that the goods of an order may leave. At the gateway it must be one whose
// money is taken in full, or was before it went back; and one that was registered before must be what was registered.
func (w *World) mayLeave(id, who string, registered bool) {
	w.Ledger.count("told that goods may leave")
	o, err := orderAt(w.Gateway, id)
	if err != nil {
		w.Ledger.Find("false paid", "%s says that %s may leave, which the gateway does not know", who, id)
		return
	}
	e, known := w.Ledger.expectation(id)
	if why := notTaken(o, e, known && registered); why != "" {
		w.Ledger.Find("false paid", "%s says that %s may leave, but %s", who, id, why)
	}
}

// notTaken says why an order cannot have been fulfillable at any time up to the present; empty if it can. What the
// gateway holds now decides, since taken money shows in an order for ever: as paid, refunded or charged back.
func notTaken(o *nopayn.Order, e Expectation, registered bool) string {
	a := payment.Assess(o)
	switch a.State {
	case payment.Paid, payment.PartiallyRefunded, payment.Refunded, payment.ChargedBack:
	default:
		return "at the gateway it is " + string(a.State)
	}
	if registered && e != (Expectation{o.MerchantOrderID, o.Amount, o.Currency}) {
		return fmt.Sprintf("the shop expects %+v", e)
	}
	return ""
}

// orderAt reads an order past all faults.
func orderAt(g *sandbox.Gateway, id string) (*nopayn.Order, error) {
	doc, err := g.Document(id)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return nopayn.ParseOrder(text)
}
