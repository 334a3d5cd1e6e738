package operation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

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
	if strings.TrimSpace(a.Description) == "" {
		a.Description = "" // the gateway wants none rather than a blank one (CONTRACT 2.1)
	}
	op, ticket, err := s.begin(ctx, a.intent())
	if err != nil || ticket == nil {
		return op, false, err
	}
	ctx = context.WithoutCancel(ctx)
	p, err := s.prepare(ctx, a, ticket)
	if err != nil {
		op, err = s.decline(ctx, ticket, err)
		return op, true, err
	}
	if p.done != nil {
		return s.settle(ctx, ticket, *p.done), true, nil
	}
	turn, cancel, err := s.sending(ctx, ticket, p.amount, p.before)
	if err != nil {
		return store.Operation{}, true, err
	}
	defer cancel()
	done, err := s.send(turn, p, ticket.Reference)
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

// sending commits that an operation is about to be sent. The error is a *NotSentError. turn bounds the wait for the
// call's turn, reckoned from before the commit: a process that was frozen since then finds its time over, and sends
// nothing that others have given up. The call itself is bounded by the gateway.
func (s *Service) sending(
	ctx context.Context, t *store.Ticket, amount int64, before []byte,
) (turn context.Context, cancel context.CancelFunc, err error) {
	turn, cancel = context.WithTimeout(ctx, commitTime+s.config.Timeout)
	err = within(ctx, commitTime, func(ctx context.Context) error {
		return s.store.SendOperation(ctx, t, amount, before, s.lease())
	})
	if err != nil {
		cancel()
		s.release(ctx, t)
		return nil, nil, &NotSentError{Err: err}
	}
	return turn, cancel, nil
}

// plan is a movement that nothing speaks against.
type plan struct {
	ask         Ask
	order       *nopayn.Order // as it was read for the plan
	amount      int64         // minor units
	transaction string        // of captures and voids
	before      []byte        // payment.Moved as JSON

	done *store.Ending // how it ended before, by an operation that was forgotten; then nothing is to be sent
}

// prepare reads the order afresh and makes a plan. A *payment.Objection says what speaks against the movement.
func (s *Service) prepare(ctx context.Context, a Ask, t *store.Ticket) (plan, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*s.config.Timeout)
	defer cancel()
	o, err := s.read(ctx, a.OrderID)
	if err != nil {
		return plan{}, err
	}
	if a.Movement == payment.Refund {
		made, err := s.forgotten(ctx, t, o)
		if err != nil {
			return plan{}, err
		}
		if made != nil {
			return remembered(a, made)
		}
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

// remembered is the plan for a refund that was made before we forgot it.
func remembered(a Ask, made *nopayn.Order) (plan, error) {
	if made.Amount != a.Amount {
		return plan{}, store.ErrKeyReused
	}
	return plan{ask: a, amount: a.Amount, done: &store.Ending{
		Status: store.OperationDone, RefundID: made.ID, RefundIsOrder: true,
	}}, nil
}

// read asks for an order with all that tells of its money. A gateway that will not name the amounts is asked without.
func (s *Service) read(ctx context.Context, id string) (*nopayn.Order, error) {
	answer, err := s.gateway.Order(ctx, id, nopayn.FieldAmountDetails)
	if refused, ok := errors.AsType[*nopayn.APIError](err); ok && refused.StatusCode == http.StatusBadRequest {
		answer, err = s.gateway.Order(ctx, id)
	}
	return answer.Order, err
}

// send sends the movement, once, and returns how it ended if that is well.
func (s *Service) send(ctx context.Context, p plan, reference string) (store.Ending, error) {
	a := p.ask
	part := nopayn.Movement{Amount: p.amount, Description: a.Description}
	switch a.Movement {
	case payment.Refund:
		return s.refund(ctx, p, reference)
	case payment.Capture:
		moved, err := s.gateway.Capture(ctx, a.OrderID, p.transaction, part)
		return s.moved(ctx, p, moved, err)
	case payment.Void:
		moved, err := s.gateway.Void(ctx, a.OrderID, p.transaction, part)
		return s.moved(ctx, p, moved, err)
	}
	return store.Ending{}, &NotSentError{Err: fmt.Errorf("no such movement: %q", a.Movement)}
}

// errSilent is what an empty answer comes to if the order does not show what it may mean.
var errSilent = errors.New("the answer was empty, and the order does not show that it was done")

// moved is how a capture or a void ended that brought an answer. An empty one says nothing for sure: then the order must
// show it (CONTRACT 4.7 W13b, 11 C8).
func (s *Service) moved(ctx context.Context, p plan, answer *nopayn.Moved, err error) (store.Ending, error) {
	if err != nil {
		return store.Ending{}, err
	}
	if answer.Raw == nil {
		o, err := s.read(ctx, p.ask.OrderID)
		if err != nil || !payment.MovedOf(o).Happened(p.ask.Movement, payment.MovedOf(p.order), p.amount) {
			return store.Ending{}, errSilent // and not err, which is of the reading: this was sent
		}
	}
	return store.Ending{Status: store.OperationDone}, nil
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

var _ Gateway = (*gateway.Gateway)(nil)
