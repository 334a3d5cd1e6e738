package operation

import (
	"context"
	"crypto/rand"
	"maps"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// referenceMember is where an order's extra holds our reference: what it is known by should the gateway's answer to
// its creation be lost.
const referenceMember = "webhookd_reference"

// Created is a new order, with where its customer may pay.
type Created struct {
	Order      store.Order
	OrderURL   string // the payment page
	PaymentURL string // of the first attempt, or else OrderURL (CONTRACT 2.1)
	Signature  string // of amount, currency and order id (CONTRACT 6)
}

// Create makes an order at the gateway, whose webhooks come to us, and stores it with what the shop expects of it
// before it returns. first reports whether it was this call that made it; a repeated call only tells. An empty key is
// one that nobody else uses. Once the operation is begun it is carried on whether or not ctx ends.
//
// The errors are ErrNoWebhookURL, a *nopayn.ValidationError that names the fields, and those of the store's
// BeginOperation: then nothing was sent. *NotSentError: the key may be used again. *RefusedError. *UnknownError: it was
// sent, and what came of it will be found out; nobody must send it again.
func (s *Service) Create(ctx context.Context, key string, o nopayn.NewOrder) (made Created, first bool, err error) {
	if s.config.WebhookURL == "" {
		return Created{}, false, ErrNoWebhookURL
	}
	if err := o.Validate(); err != nil {
		return Created{}, false, err
	}
	op, ticket, err := s.begin(ctx, creation(key, o))
	if err != nil {
		return Created{}, false, err
	}
	if ticket == nil {
		made, err = s.createdBefore(ctx, op)
		return made, false, err
	}
	made, err = s.create(context.WithoutCancel(ctx), ticket, o)
	return made, true, err
}

// creation is a new order as it is committed before it is sent.
func creation(key string, o nopayn.NewOrder) store.Intent {
	if key == "" {
		key = "create-" + rand.Text()
	}
	return store.Intent{
		Key: key, Kind: store.KindCreate, Amount: o.Amount, Fingerprint: fingerprint(store.KindCreate, byValue(o)),
		Expected: store.Expected{MerchantOrderID: &o.MerchantOrderID, Amount: &o.Amount, Currency: &o.Currency},
	}
}

// create sends a new order, once, and stores what came of it.
func (s *Service) create(ctx context.Context, t *store.Ticket, o nopayn.NewOrder) (Created, error) {
	turn, cancel, err := s.sending(ctx, t, o.Amount, nil)
	if err != nil {
		return Created{}, err
	}
	defer cancel()
	o.WebhookURL = s.config.WebhookURL
	o.Extra = maps.Clone(o.Extra)
	if o.Extra == nil {
		o.Extra = nopayn.Object{}
	}
	o.Extra[referenceMember] = t.Reference
	document, err := s.gateway.CreateOrder(turn, o)
	if err != nil {
		if _, notKnown := s.fail(ctx, t, err); notKnown != nil {
			return Created{}, notKnown
		}
		return Created{}, &UnknownError{Key: t.Key, Err: err}
	}
	order, err := s.keep(ctx, t, document)
	if err != nil {
		s.log.ErrorContext(ctx, "cannot store a new order: it will be looked up at the gateway",
			"order_id", document.ID, "key", t.Key, "err", err)
		return Created{}, &UnknownError{Key: t.Key, Err: err}
	}
	s.metrics.count(t.Kind, string(store.OperationDone))
	return s.created(order, document), nil
}

// keep stores an order that came of a create.
func (s *Service) keep(ctx context.Context, t *store.Ticket, o *nopayn.Order) (order store.Order, err error) {
	err = persist(ctx, func(ctx context.Context) (err error) {
		order, err = s.store.FinishCreate(ctx, t, o)
		return err
	})
	return order, err
}

// createdBefore tells of a create whose key comes again.
func (s *Service) createdBefore(ctx context.Context, op store.Operation) (Created, error) {
	switch {
	case op.Status == store.OperationDone && op.OrderID != nil:
		order, document, err := s.store.Created(ctx, *op.OrderID)
		if err != nil {
			return Created{}, err
		}
		return s.created(order, document), nil
	case op.Status == store.OperationRefused && op.Detail != nil:
		return Created{}, &RefusedError{Detail: *op.Detail}
	}
	return Created{}, &UnknownError{Key: op.Key}
}

func (s *Service) created(order store.Order, document *nopayn.Order) Created {
	return Created{
		Order: order, OrderURL: document.OrderURL, PaymentURL: document.PayURL(),
		Signature: s.config.Sign(document.Amount, document.Currency, document.ID),
	}
}
