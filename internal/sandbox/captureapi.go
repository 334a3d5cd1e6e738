package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// captureAll takes all that is reserved. Its request has no body, or an object without members (CONTRACT 2.9): one that
// names an amount is refused, and not taken for something else.
func (g *Gateway) captureAll(w http.ResponseWriter, r *http.Request) error {
	if _, err := readOptional(w, r, "Full capture", g.rules.captureAll); err != nil {
		return err
	}
	return g.settle(w, r, func(o *order, now time.Time) error { return g.capture(o, o.funds.Capturable, now) })
}

func (g *Gateway) captureAmount(w http.ResponseWriter, r *http.Request) error {
	asked, err := readRequest(w, r, "Capture", g.rules.captureSome)
	if err != nil {
		return err
	}
	return g.settle(w, r, func(o *order, now time.Time) error { return g.capture(o, asked.integer("amount"), now) })
}

func (g *Gateway) captureLines(w http.ResponseWriter, r *http.Request) error {
	asked, err := readRequest(w, r, "Capture", g.rules.captureLines)
	if err != nil {
		return err
	}
	wanted := asked.orderLine()
	return g.settle(w, r, func(o *order, now time.Time) error {
		if err := o.mayMove(o.funds.Capturable, "captured"); err != nil {
			return err
		}
		amount, err := o.price(wanted, o.funds.Capturable)
		if err != nil {
			return err
		}
		if err := g.capture(o, amount, now); err != nil {
			return err
		}
		o.count(wanted.id, lineCount{captured: wanted.quantity})
		return nil
	})
}

func (g *Gateway) voidAmount(w http.ResponseWriter, r *http.Request) error {
	asked, err := readRequest(w, r, "Void", g.rules.voidSome)
	if err != nil {
		return err
	}
	return g.settle(w, r, func(o *order, now time.Time) error { return o.void(asked.integer("amount"), now) })
}

func (g *Gateway) voidLines(w http.ResponseWriter, r *http.Request) error {
	asked, err := readRequest(w, r, "Void", g.rules.voidLines)
	if err != nil {
		return err
	}
	wanted := asked.orderLine()
	return g.settle(w, r, func(o *order, now time.Time) error {
		if err := o.mayMove(o.funds.Voidable, "voided"); err != nil {
			return err
		}
		amount, err := o.price(wanted, o.funds.Voidable)
		if err != nil {
			return err
		}
		if err := o.void(amount, now); err != nil {
			return err
		}
		o.count(wanted.id, lineCount{voided: wanted.quantity})
		return nil
	})
}

// orderLine returns the line of a capture or void by line.
func (d document) orderLine() lineQuantity {
	line, _ := d["order_line"].(map[string]any)
	return lineQuantity{document(line).text("merchant_order_line_id"), document(line).integer("quantity")}
}

// settle has step move an order's reserved money, and answers in the shape of [CaptureAnswer].
func (g *Gateway) settle(w http.ResponseWriter, r *http.Request, step func(*order, time.Time) error) error {
	id, txID := r.PathValue("id"), r.PathValue("transaction")
	err := g.changeAndTell(id, func(o *order, now time.Time) error {
		if err := o.match(r.Header.Values("If-Match")); err != nil {
			return err
		}
		if err := o.doc.mustReserve(txID); err != nil {
			return err
		}
		return step(o, now)
	})
	if err != nil {
		return err
	}
	return g.showSettled(w, id)
}

// mustReserve refuses a transaction the order lacks, and one that does not reserve money. Without an id the order itself
// is meant.
func (d document) mustReserve(txID string) error {
	if txID == "" {
		return nil
	}
	for _, tx := range d.transactions() {
		if tx.text("id") != txID {
			continue
		}
		if tx.text("transaction_type") != "authorization" {
			return impossible("transaction %q is no authorization", txID)
		}
		return nil
	}
	return &refusal{
		status: http.StatusNotFound, kind: "NotFoundError",
		reason: fmt.Sprintf("the order has no transaction %q", txID),
	}
}

// showSettled answers a capture or a void.
func (g *Gateway) showSettled(w http.ResponseWriter, id string) error {
	switch g.manners.captureAnswer.Load() {
	case AnswerTransaction:
		doc, err := g.Document(id)
		if err != nil {
			return err
		}
		text, err := json.Marshal(document(doc).authorization())
		if err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		writeJSON(w, http.StatusOK, text)
		return nil
	case AnswerEmpty:
		w.WriteHeader(http.StatusOK)
		return nil
	default:
		return g.showOrder(w, id)
	}
}
