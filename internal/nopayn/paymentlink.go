package nopayn

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// NewPaymentLink is a payment link to be made (CONTRACT 2.10). The first three fields are required.
type NewPaymentLink struct {
	MerchantOrderID  string    `json:"merchant_order_id"`
	Amount           int64     `json:"amount"` // minor units, at least 1
	Currency         string    `json:"currency"`
	Description      string    `json:"description,omitempty"`
	PaymentMethods   []string  `json:"payment_methods,omitempty"`
	ExpirationPeriod string    `json:"expiration_period,omitempty"` // ISO 8601; the gateway's default is 30 days
	ReturnURL        string    `json:"return_url,omitempty"`
	FailureURL       string    `json:"failure_url,omitempty"`
	WebhookURL       string    `json:"webhook_url,omitempty"`
	Customer         *Customer `json:"customer,omitempty"` // with an e-mail address, the gateway sends the link there
}

// PaymentLink is a link by which a customer may try to pay up to 25 times, each time with a new order. Only ID and
// PaymentURL are always set.
type PaymentLink struct {
	ID               string
	PaymentURL       string
	Status           string // "new", "processing", "all_unsuccessful", "completed" or "expired"; open
	Reason           string
	MerchantOrderID  string
	Amount           int64 // minor units
	Currency         string
	Description      string
	ExpirationPeriod string
	CompletedOrderID string              // the order that was paid
	Orders           map[string][]string // ids of the orders, by their status
	Created          time.Time
	Modified         time.Time
	Completed        time.Time
	Raw              []byte
}

const linksPath = "/v1/paymentlinks/"

// CreatePaymentLink makes a payment link. It is sent once. The operation of its errors is "create_payment_link".
func (c *Client) CreatePaymentLink(ctx context.Context, n NewPaymentLink) (*PaymentLink, error) {
	const operation = "create_payment_link"
	body, err := encode(operation, n, func(f *findings) {
		f.required("merchant_order_id", n.MerchantOrderID)
		f.amount("amount", n.Amount)
		f.currency("currency", n.Currency)
		f.period("expiration_period", n.ExpirationPeriod)
		f.webURL("return_url", n.ReturnURL)
		f.webURL("failure_url", n.FailureURL)
		f.webURL("webhook_url", n.WebhookURL)
		if n.Customer != nil {
			n.Customer.look(f)
		}
	})
	if err != nil {
		return nil, err
	}
	r := request{operation: operation, method: http.MethodPost, path: linksPath, body: body}
	return call(ctx, c, r, func(answer reply) (*PaymentLink, error) { return decodePaymentLink(answer.doc) })
}

// GetPaymentLink reads a payment link. The operation of its errors is "get_payment_link".
func (c *Client) GetPaymentLink(ctx context.Context, id string) (*PaymentLink, error) {
	const operation = "get_payment_link"
	if err := check(operation, func(f *findings) { f.id("payment_link_id", id) }); err != nil {
		return nil, err
	}
	r := request{operation: operation, method: http.MethodGet, path: linksPath + id + "/", read: true}
	return call(ctx, c, r, func(answer reply) (*PaymentLink, error) { return decodePaymentLink(answer.doc) })
}

func decodePaymentLink(doc value) (*PaymentLink, error) {
	if !doc.isObject() {
		return nil, fmt.Errorf("payment link: %w", errNotObject)
	}
	amount, err := doc.member("amount").money()
	if err != nil {
		return nil, fmt.Errorf("payment link: amount: %w", err)
	}
	l := &PaymentLink{
		ID: doc.member("id").label(), PaymentURL: doc.member("payment_url").label(),
		Status: doc.member("status").label(), Reason: doc.member("reason").label(),
		MerchantOrderID: doc.member("merchant_order_id").label(), Amount: amount,
		Currency: doc.member("currency").label(), Description: doc.member("description").label(),
		ExpirationPeriod: doc.member("expiration_period").label(),
		CompletedOrderID: doc.member("completed_order_id").label(), Orders: make(map[string][]string),
		Created: doc.member("created").moment(), Modified: doc.member("modified").moment(),
		Completed: doc.member("completed").moment(), Raw: doc,
	}
	for status, ids := range doc.member("orders").members() {
		l.Orders[string(status)] = ids.labels()
	}
	switch {
	case !ValidID(l.ID):
		return nil, fmt.Errorf("payment link: id: %w", errNotID)
	case l.PaymentURL == "":
		return nil, fmt.Errorf("payment link: payment_url: %w", errMissing)
	}
	return l, nil
}
