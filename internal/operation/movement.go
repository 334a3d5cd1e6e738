package operation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// Ask is what a shop asks for: a refund, a capture or a void.
type Ask struct {
	Key         string // the shop's Idempotency-Key
	Movement    payment.Movement
	OrderID     string // satisfies nopayn.ValidID
	Amount      int64  // minor units; 0 is all there is
	Description string // may be empty
}

// intent is the Ask as it is committed.
func (a Ask) intent() store.Intent {
	return store.Intent{
		Key: a.Key, Kind: store.OperationKind(a.Movement), OrderID: a.OrderID, Amount: a.Amount,
		Fingerprint: fingerprint(a.Movement, a.OrderID, a.Amount, a.Description),
	}
}

// Move carries out what a shop asks for, and returns how it stands: done, refused or unknown. first reports whether it
// was this call that saw to it; a repeated call only tells. Once the operation is begun it is carried on whether or not
// ctx ends.
//
// The errors are those of the store's BeginOperation, and then nothing was sent; *NotSentError, where the key may be
// used again; and *RefusedError along with the operation that was refused.
func (s *Service) Move(ctx context.Context, a Ask) (op store.Operation, first bool, err error) {
	op, ticket, err := s.begin(ctx, a.intent())
	if err != nil || ticket == nil {
		return op, false, err
	}
	ctx = context.WithoutCancel(ctx)
	p, err := s.prepare(ctx, a)
	if err != nil {
		op, err = s.decline(ctx, ticket, err)
		return op, true, err
	}
	if err := s.sending(ctx, ticket, p.amount, p.before); err != nil {
		return store.Operation{}, true, err
	}
	done, err := s.send(ctx, p, ticket.Reference)
	if err != nil {
		op, err = s.fail(ctx, ticket, redact(err, p.order))
		return op, true, err
	}
	return s.settle(ctx, ticket, done), true, nil
}

// begin commits an intent.
func (s *Service) begin(ctx context.Context, i store.Intent) (op store.Operation, t *store.Ticket, err error) {
	err = within(ctx, commitTime, func(ctx context.Context) (err error) {
		op, t, err = s.store.BeginOperation(ctx, i, s.lease())
		return err
	})
	return op, t, err
}

// sending commits that an operation is about to be sent. The error is a *NotSentError.
func (s *Service) sending(ctx context.Context, t *store.Ticket, amount int64, before []byte) error {
	err := within(ctx, commitTime, func(ctx context.Context) error {
		return s.store.SendOperation(ctx, t, amount, before, s.lease())
	})
	if err != nil {
		s.release(ctx, t)
		return &NotSentError{Err: err}
	}
	return nil
}

// plan is a movement that nothing speaks against.
type plan struct {
	ask         Ask
	order       *nopayn.Order // as it was read for the plan
	amount      int64         // minor units
	transaction string        // of captures and voids
	before      []byte        // payment.Moved as JSON
}

// prepare reads the order afresh and makes a plan. A *payment.Objection says what speaks against the movement.
func (s *Service) prepare(ctx context.Context, a Ask) (plan, error) {
	o, err := s.read(ctx, a.OrderID)
	if err != nil {
		return plan{}, err
	}
	var refunded int64
	err = within(ctx, commitTime, func(ctx context.Context) (err error) {
		refunded, err = s.store.RefundedBy(ctx, a.OrderID)
		return err
	})
	if err != nil {
		return plan{}, err
	}
	amount, err := payment.Permit(a.Movement, o, a.Amount, refunded)
	if err != nil {
		return plan{}, err
	}
	p := plan{ask: a, order: o, amount: amount}
	if a.Movement != payment.Refund {
		if p.transaction, err = payment.Reservation(o); err != nil {
			return plan{}, err
		}
	}
	p.before, err = json.Marshal(payment.MovedOf(o))
	return p, err
}

// read asks for an order with all that tells of its money. A gateway that will not name the amounts is asked without.
func (s *Service) read(ctx context.Context, id string) (*nopayn.Order, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*s.config.Timeout)
	defer cancel()
	answer, err := s.gateway.Order(ctx, id, nopayn.FieldAmountDetails)
	if refused, ok := errors.AsType[*nopayn.APIError](err); ok && refused.StatusCode == http.StatusBadRequest {
		answer, err = s.gateway.Order(ctx, id)
	}
	return answer.Order, err
}

// send sends the movement, once, and returns how it ended if that is well.
func (s *Service) send(ctx context.Context, p plan, reference string) (store.Ending, error) {
	ctx, cancel := s.turn(ctx)
	defer cancel()
	done := store.Ending{Status: store.OperationDone}
	a := p.ask
	part := nopayn.Movement{Amount: p.amount, Description: a.Description}
	switch a.Movement {
	case payment.Refund:
		return s.refund(ctx, p, reference)
	case payment.Capture:
		return done, s.gateway.Capture(ctx, a.OrderID, p.transaction, part)
	case payment.Void:
		return done, s.gateway.Void(ctx, a.OrderID, p.transaction, part)
	}
	return done, &NotSentError{Err: fmt.Errorf("no such movement: %q", a.Movement)}
}

// refund sends a refund. Its reference is what it is known by should the answer be lost.
func (s *Service) refund(ctx context.Context, p plan, reference string) (store.Ending, error) {
	made, err := s.gateway.CreateRefund(ctx, p.ask.OrderID, nopayn.NewRefund{
		Amount: p.amount, Description: p.ask.Description, MerchantOrderID: reference,
	})
	if err != nil {
		return store.Ending{}, err
	}
	switch {
	case made.Refused():
		return store.Ending{}, &RefusedError{Detail: fmt.Sprintf("it made a refund and ended it: it is %s", made.Status)}
	case !made.Accepted():
		return store.Ending{}, fmt.Errorf("the refund is %q, which says neither yes nor no", made.Status)
	}
	return store.Ending{Status: store.OperationDone, RefundID: made.ID, RefundIsOrder: made.IsOrder}, nil
}

// turn bounds the wait for a call's turn. The call itself is bounded by the gateway.
func (s *Service) turn(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.config.Timeout)
}

var _ Gateway = (*gateway.Gateway)(nil)
