package demoshop

import (
	"context"
	"errors"
	"fmt"
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

// errRefused says that the gateway has not moved the money and will not.
var errRefused = errors.New("no money was moved")

// move asks the gateway itself. It has no place for a key (CONTRACT 1.3).
func (g gateway) move(ctx context.Context, m movement) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var err error
	if m.Kind == moveRefund {
		err = g.refund(ctx, m)
	} else {
		err = g.endReservation(ctx, m)
	}
	switch {
	case nopayn.NotDone(err):
		return fmt.Errorf("%s: %w: %w", m.Kind, errRefused, err)
	case err != nil:
		return fmt.Errorf("%s: %w", m.Kind, err)
	}
	return nil
}

func (g gateway) refund(ctx context.Context, m movement) error {
	refund, err := g.client.CreateRefund(ctx, m.OrderID, nopayn.NewRefund{Amount: m.Amount, Description: m.Description})
	if err != nil {
		return err
	}
	switch {
	case refund.Refused():
		return fmt.Errorf("%w: the refund is %s", errRefused, refund.Status)
	case !refund.Accepted():
		return fmt.Errorf("the refund is %q, which says neither yes nor no", refund.Status)
	}
	return nil
}

// endReservation captures or voids. Both are done to a transaction, which the order names (CONTRACT 2.9).
func (g gateway) endReservation(ctx context.Context, m movement) error {
	order, err := g.client.GetOrder(ctx, m.OrderID)
	if err != nil {
		return fmt.Errorf("%w: nothing was asked of it: %w", errRefused, err)
	}
	i := slices.IndexFunc(order.Transactions, func(t nopayn.Transaction) bool { return t.IsCapturable })
	if i < 0 {
		return fmt.Errorf("%w: no transaction holds reserved money", errRefused)
	}
	id, all := order.Transactions[i].ID, nopayn.Movement{IfMatch: order.ETag}
	if m.Kind == moveCapture {
		_, err = g.client.Capture(ctx, m.OrderID, id, all)
		return err
	}
	all.Amount, all.Description = m.Amount, m.Description
	_, err = g.client.Void(ctx, m.OrderID, id, all)
	return err
}
