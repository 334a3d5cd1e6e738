package poller

import (
	"context"
	"errors"
	"net/http"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// look asks the gateway about a claimed order and has the answer stored. It is not cut short by a stop of the
// service: what is in hand is finished. Its bound is the lease, after which somebody else may look.
func (p *Poller) look(c store.Claim) {
	ctx, cancel := context.WithTimeout(context.Background(), p.config.Lease)
	defer cancel()
	answer, err := p.fetch(ctx, c.OrderID, p.ask)
	if unsent(err) {
		// The gateway was not asked, or not for the amounts without which its answer says too little. Nothing is stored:
		// the order is due again when its lease is over.
		p.metrics.checks.WithLabelValues(c.Cause, resultUnsent).Inc()
		return
	}
	_, _ = p.keep(c, p.result(c, answer, err)) // the log has it, and nobody waits
}

// question reads one order from the gateway.
type question func(ctx context.Context, id string, fields ...nopayn.Field) (gateway.Answer, error)

// fetch reads the order by asking, and once more with its amounts where the rules need them. A gateway that will not
// name the amounts leaves the first answer, which the rules then read with caution.
func (p *Poller) fetch(ctx context.Context, id string, ask question) (answer gateway.Answer, err error) {
	defer p.rescue(id, &err)
	answer, err = ask(ctx, id)
	if err != nil || !payment.NeedsAmountDetails(answer.Order) {
		return answer, err
	}
	detailed, err := ask(ctx, id, nopayn.FieldAmountDetails)
	if answered(err) {
		return answer, nil
	}
	return detailed, err
}

// ask reads the order as soon as the gateway may be called, within ctx. A stop of the service ends the wait.
func (p *Poller) ask(ctx context.Context, id string, fields ...nopayn.Field) (gateway.Answer, error) {
	for {
		answer, err := p.gateway.Order(ctx, id, fields...)
		closed, ok := errors.AsType[*gateway.ClosedError](err)
		if !ok {
			return answer, err
		}
		select {
		case <-time.After(closed.After):
		case <-p.hand.closing:
			return answer, err
		case <-ctx.Done():
			return answer, err
		}
	}
}

// unsent reports whether a question was not sent, so that its failure says nothing of the order.
func unsent(err error) bool {
	_, closed := errors.AsType[*gateway.ClosedError](err)
	return closed || errors.Is(err, gateway.ErrBusy)
}

// answered reports whether err is the gateway's answer to just this question, as opposed to a sign that it cannot, or
// will not, talk with us.
func answered(err error) bool {
	if api, ok := errors.AsType[*nopayn.APIError](err); ok {
		return !api.Temporary() && api.StatusCode != http.StatusUnauthorized
	}
	_, unreadable := errors.AsType[*nopayn.ResponseError](err)
	return unreadable
}

// result says what came of the question: a 404 is an answer, other errors are none.
func (p *Poller) result(c store.Claim, answer gateway.Answer, err error) store.Result {
	p.heedKey(err)
	if err == nil {
		return store.Result{Claim: c, Order: answer.Order, Asked: c.At(answer.Sent)}
	}
	if api, ok := errors.AsType[*nopayn.APIError](err); ok && api.StatusCode == http.StatusNotFound {
		return store.Result{Claim: c, NotFound: true}
	}
	f := failure(err)
	p.log.Warn("look failed", "order_id", c.OrderID, "code", f.Code, "why", reason(err))
	return store.Result{Claim: c, Failure: &f}
}

// heedKey says aloud that the gateway refuses our key: once, until it accepts it. A 403 may be about one order that
// belongs to another key (CONTRACT 4.7 W37): that is said once for all.
func (p *Poller) heedKey(err error) {
	api, refused := errors.AsType[*nopayn.APIError](err)
	switch {
	case refused && api.StatusCode == http.StatusUnauthorized:
		if p.denied.CompareAndSwap(false, true) {
			p.log.Error("the gateway refuses our key: check NOPAYN_API_KEY")
		}
	case refused && api.StatusCode == http.StatusForbidden:
		if p.forbade.CompareAndSwap(false, true) {
			p.log.Error("the gateway forbids us an order: is it another key's, or has ours too few rights?")
		}
	case (err == nil || answered(err)) && p.denied.CompareAndSwap(true, false):
		p.log.Info("the gateway accepts our key again")
	}
}

// keep has the result stored, and tells the log and the figures of it.
func (p *Poller) keep(c store.Claim, r store.Result) (store.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	outcome, err := p.apply(ctx, r)
	if err != nil {
		// The order is due again when the lease is over.
		p.log.ErrorContext(ctx, "cannot store an answer", "order_id", c.OrderID, "err", err)
		p.metrics.checks.WithLabelValues(c.Cause, resultUnstored).Inc()
		return outcome, err
	}
	if outcome.Again {
		p.Wake()
	}
	p.metrics.applied(c, outcome)
	p.report(ctx, c, outcome)
	return outcome, nil
}

func (p *Poller) apply(ctx context.Context, r store.Result) (outcome store.Outcome, err error) {
	defer p.rescue(r.Claim.OrderID, &err)
	return p.store.Apply(ctx, r)
}
