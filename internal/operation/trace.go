package operation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// trace is what shows at the gateway that an operation has happened.
type trace struct {
	refundID string        // an order's; empty where none is named
	detail   string        // empty if there is no doubt
	created  *nopayn.Order // of a create
}

func (t *trace) ending() store.Ending {
	return store.Ending{
		Status: store.OperationDone, RefundID: t.refundID, RefundIsOrder: t.refundID != "", Detail: t.detail,
	}
}

// trace looks for what came of an operation that was sent; nil means that nothing shows.
func (s *Service) trace(ctx context.Context, t *store.Ticket) (*trace, error) {
	if t.Kind == store.KindCreate {
		return s.traceCreate(ctx, t)
	}
	var before payment.Moved
	if err := json.Unmarshal(t.Before, &before); err != nil {
		return nil, fmt.Errorf("read what had been moved: %w", err)
	}
	o, err := s.read(ctx, t.OrderID)
	if err != nil {
		return nil, err
	}
	moved := payment.MovedOf(o)
	if t.Kind == store.KindRefund {
		if made := moved.NewRefunds(before); len(made) > 0 {
			return s.traceRefund(ctx, t, made)
		}
	}
	if !moved.Happened(payment.Movement(t.Kind), before, t.Amount) {
		return nil, nil //nolint:nilnil // nothing shows, and nothing went wrong
	}
	return s.unlessFollowed(ctx, t, &trace{})
}

// unlessFollowed is nil instead of what bears no name, if that may be of a later operation's doing.
func (s *Service) unlessFollowed(ctx context.Context, t *store.Ticket, nameless *trace) (*trace, error) {
	followed, err := s.store.Followed(ctx, t)
	if err != nil || followed {
		return nil, err
	}
	return nameless, nil
}

// traceRefund looks for our refund among those that were made since. It carries our reference; where the gateway does
// not tell references, one of our amount that no other operation is known by is taken for it.
func (s *Service) traceRefund(ctx context.Context, t *store.Ticket, made []string) (*trace, error) {
	refunds, err := s.unclaimed(ctx, t.OrderID, made)
	if err != nil {
		return nil, err
	}
	var alike *trace
	for _, refund := range refunds {
		if refund.MerchantOrderID == t.Reference {
			return &trace{refundID: refund.ID}, nil
		}
		if refund.MerchantOrderID == "" && refund.Amount == t.Amount {
			alike = &trace{refundID: refund.ID, detail: "Known by its amount alone: the gateway does not tell references."}
		}
	}
	if alike == nil {
		return nil, nil //nolint:nilnil // nothing shows, and nothing went wrong
	}
	return s.unlessFollowed(ctx, t, alike)
}

// unclaimed reads those of an order's refunds that no operation is known by. One that the gateway will not show is
// passed over: it may be another key's (CONTRACT 4.7 W37).
func (s *Service) unclaimed(ctx context.Context, orderID string, made []string) ([]*nopayn.Order, error) {
	if len(made) == 0 {
		return nil, nil
	}
	known, err := s.store.RefundsOf(ctx, orderID)
	if err != nil {
		return nil, err
	}
	var refunds []*nopayn.Order
	for _, id := range made {
		if slices.Contains(known, id) || !nopayn.ValidID(id) {
			continue
		}
		answer, err := s.gateway.Order(ctx, id)
		if refused, ok := errors.AsType[*nopayn.APIError](err); ok &&
			(refused.StatusCode == http.StatusForbidden || refused.StatusCode == http.StatusNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		refunds = append(refunds, answer.Order)
	}
	return refunds, nil
}

// forgotten looks, before a refund is sent, for one that bears its reference already: made under the same key by an
// operation that our database has lost, with a backup that was restored or a fail-over that dropped the newest commits.
// The gateway alone remembers it. nil means that there is none.
func (s *Service) forgotten(ctx context.Context, t *store.Ticket, o *nopayn.Order) (*nopayn.Order, error) {
	refunds, err := s.unclaimed(ctx, o.ID, o.RefundOrders)
	i := slices.IndexFunc(refunds, func(r *nopayn.Order) bool { return r.MerchantOrderID == t.Reference })
	if i < 0 {
		return nil, err
	}
	return refunds[i], nil
}

const (
	clockSkew   = 5 * time.Minute // by which the gateway's clock and the database's may differ
	creationAge = time.Hour       // a create whose answer was lost is not looked for in what is older than this
)

// traceCreate looks for our order: among those that we have heard of since, by a sweep or a webhook, and then among
// those that the gateway created since. The first way does not depend on the gateway's clock, the second not on
// anybody's telling us. Whichever it is, the order bears our reference.
func (s *Service) traceCreate(ctx context.Context, t *store.Ticket) (*trace, error) {
	heard, heardErr := s.heardOf(ctx, t)
	found, err := s.confirmCreate(ctx, t, heard)
	if found != nil {
		return found, err
	}
	// What went wrong so far keeps nobody from looking the other way.
	found, listErr := s.traceInList(ctx, t)
	if found != nil {
		return found, nil
	}
	return nil, errors.Join(heardErr, err, listErr)
}

// heardOf is what the database has of orders that may be ours. One create at a time asks, since there may be much to
// read, and webhooks want connections too.
func (s *Service) heardOf(ctx context.Context, t *store.Ticket) ([]*nopayn.Order, error) {
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
		return s.store.MaybeCreated(ctx, t)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// traceInList looks for our order in the gateway's list.
func (s *Service) traceInList(ctx context.Context, t *store.Ticket) (*trace, error) {
	until := t.Now.Add(clockSkew)
	if last := t.SentAt.Add(creationAge); until.After(last) {
		until = last
	}
	orders, err := s.gateway.Orders(ctx, t.SentAt.Add(-clockSkew), until)
	listed := make([]*nopayn.Order, len(orders))
	for i := range orders {
		listed[i] = &orders[i]
	}
	found, confirmErr := s.confirmCreate(ctx, t, listed)
	return found, errors.Join(err, confirmErr)
}

// confirmCreate is the trace that the one of some orders is which a create has made, as it stands now; nil if there is
// none.
func (s *Service) confirmCreate(ctx context.Context, t *store.Ticket, among []*nopayn.Order) (*trace, error) {
	i := slices.IndexFunc(among, func(o *nopayn.Order) bool { return made(o, t) })
	if i < 0 {
		return nil, nil //nolint:nilnil // nothing shows, and nothing went wrong
	}
	answer, err := s.gateway.Order(ctx, among[i].ID)
	if err != nil || !made(answer.Order, t) {
		return nil, err
	}
	return &trace{created: answer.Order}, nil
}

// made reports whether an order is the one that a create has made, and not one that moves its money back. Another
// installation may use the same keys, and so the same references: the amount is looked at too.
func made(o *nopayn.Order, t *store.Ticket) bool {
	return payment.Assess(o).Kind == payment.KindPayment && referenceOf(o) == t.Reference && o.Amount == t.Amount &&
		(t.Expected.Currency == nil || o.Currency == *t.Expected.Currency)
}

// referenceOf is our reference of an order that we have created; empty for any other.
func referenceOf(o *nopayn.Order) string {
	var extra map[string]json.RawMessage
	if json.Unmarshal(o.Extra, &extra) != nil {
		return ""
	}
	var reference string
	if json.Unmarshal(extra[referenceMember], &reference) != nil {
		return ""
	}
	return reference
}
