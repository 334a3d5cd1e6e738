package demoshop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"webhookd/internal/nopayn"
)

// gateway is the payment gateway, as far as a shop needs it: it creates orders there and moves their money. What became
// of them it asks webhookd.
type gateway struct {
	client *nopayn.Client
	origin string // scheme and host of the payment pages
}

func newGateway(base, key string, client *http.Client) (gateway, error) {
	c, err := nopayn.New(nopayn.Config{
		APIKey: key, MerchantID: "demo", BaseURL: base, HTTPClient: client, UserAgent: "webhookd-demoshop",
	})
	if err != nil {
		return gateway{}, fmt.Errorf("the gateway's client: %w", err)
	}
	return gateway{client: c, origin: originOf(base)}, nil
}

// createdOrder is an order that waits for its customer.
type createdOrder struct {
	id     string
	payURL string
}

// create makes an order at the gateway. It is errUnpayable if there is one that no customer can pay. Unless any other
// error says that nothing was done, there may be an order, and find finds it.
func (g gateway) create(ctx context.Context, o nopayn.NewOrder) (createdOrder, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	made, err := g.client.CreateOrder(ctx, o)
	if err != nil {
		return createdOrder{}, fmt.Errorf("create the order at the gateway: %w", err)
	}
	return g.payable(made)
}

var (
	// errNotListed says that the gateway lists no such order.
	errNotListed = errors.New("the gateway lists no such order")
	// errUnpayable says that the gateway's order names no payment page, or one that customers are not sent to.
	errUnpayable = errors.New("the gateway's order has no payment page")
)

// find looks in the gateway's list for an order that was created around the given time, and whose answer was lost
// (CONTRACT 2.12). It is errNotListed if there is none that is not among the known ones, which are ids.
func (g gateway) find(ctx context.Context, ref string, around time.Time, known ...string) (createdOrder, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	// Broad, because the gateway's clock may be another than ours: the sandbox's can be put forward.
	const before, after = time.Hour, 48 * time.Hour
	listed, err := g.client.ListOrders(ctx, around.Add(-before), around.Add(after))
	if err != nil {
		return createdOrder{}, fmt.Errorf("look for the order at the gateway: %w", err)
	}
	for i, o := range listed {
		if o.MerchantOrderID == ref && !slices.Contains(known, o.ID) {
			return g.payable(&listed[i])
		}
	}
	return createdOrder{}, errNotListed
}

// sign signs what is asked for, so that it can be told later whether an order is still the same.
func (g gateway) sign(o placedOrder, id string) string {
	return g.client.GenerateSignature(o.Amount, o.Currency.Code, id)
}

// signed reports whether an order as it was verified is the one that was signed.
func (g gateway) signed(o verifiedOrder, signature string) bool {
	return g.client.VerifySignature(o.Amount, o.Currency, o.OrderID, signature)
}

// payable reads what a customer needs to pay an order.
func (g gateway) payable(o *nopayn.Order) (createdOrder, error) {
	page := o.PayURL()
	if page == "" || originOf(page) != g.origin {
		return createdOrder{}, fmt.Errorf("%w at %s", errUnpayable, g.origin)
	}
	return createdOrder{id: o.ID, payURL: page}, nil
}

// originOf returns scheme and host of a web address; empty if it is none.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
