package demoshop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"webhookd/internal/nopayn"
)

// moveKind is what is done with the money of an order.
type moveKind string

const (
	moveRefund  moveKind = "refund"
	moveCapture moveKind = "capture"
	moveVoid    moveKind = "void"
)

// movement is a wish to move money.
type movement struct {
	Key         string // the same for the same wish, however often it is uttered
	OrderID     string // the gateway's
	Kind        moveKind
	Amount      int64 // minor units
	Description string
}

// till moves money. It is asked once for a movement. The error is errRefused, wrapped, if no money was moved for
// certain; after any other nobody knows.
type till interface {
	move(ctx context.Context, m movement) error
}

// errRefused says that the gateway does not move the money.
var errRefused = errors.New("the gateway refused")

// move asks the gateway itself. It has no place for a key (CONTRACT 1.3).
func (g gateway) move(ctx context.Context, m movement) error {
	var err error
	if m.Kind == moveRefund {
		err = g.refund(ctx, m)
	} else {
		err = g.endReservation(ctx, m)
	}
	switch {
	case isRefusal(err):
		return fmt.Errorf("%s: %w: %w", m.Kind, errRefused, err)
	case err != nil:
		return fmt.Errorf("%s: %w", m.Kind, err)
	}
	return nil
}

// amountRequest is the body of CONTRACT 2.8 and 2.9.
type amountRequest struct {
	Amount      int64  `json:"amount"` // minor units
	Description string `json:"description,omitempty"`
}

func (g gateway) refund(ctx context.Context, m movement) error {
	var answer struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	}
	err := g.call(ctx, http.MethodPost, "/v1/orders/"+m.OrderID+"/refunds/", amountRequest{m.Amount, m.Description}, &answer)
	if err != nil {
		return err
	}
	// The answer may be the order that is refunded, whose own status says nothing of the refund (CONTRACT 2.8).
	failed := []string{"error", "failed", "cancelled", "expired"}
	if answer.ID != m.OrderID && slices.Contains(failed, answer.Status) {
		return fmt.Errorf("%w: the refund is %s", errRefused, answer.Status)
	}
	return nil
}

// endReservation captures or voids. Both are done to a transaction, which the order names (CONTRACT 2.9).
func (g gateway) endReservation(ctx context.Context, m movement) error {
	var order orderAnswer
	if err := g.call(ctx, http.MethodGet, "/v1/orders/"+m.OrderID+"/", nil, &order); err != nil {
		return fmt.Errorf("%w, since its transactions are not known: %w", errRefused, err)
	}
	for _, tx := range order.Transactions {
		if !tx.IsCapturable || !nopayn.ValidID(tx.ID) {
			continue
		}
		path := "/v1/orders/" + m.OrderID + "/transactions/" + tx.ID
		if m.Kind == moveVoid {
			return g.call(ctx, http.MethodPost, path+"/voids/amount/", amountRequest{m.Amount, m.Description}, nil)
		}
		return g.call(ctx, http.MethodPost, path+"/captures/", struct{}{}, nil)
	}
	return fmt.Errorf("%w: no transaction holds reserved money", errRefused)
}
