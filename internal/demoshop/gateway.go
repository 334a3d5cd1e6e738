package demoshop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"webhookd/internal/nopayn"
)

// expirationPeriod is how long a customer has to pay (CONTRACT 9.4).
const expirationPeriod = "PT30M"

// gateway is the payment gateway, as far as a shop needs it: it only creates orders there. What became of them it asks
// webhookd.
type gateway struct {
	peer
	origin string // scheme and host of the payment pages
}

func newGateway(base, key string, client *http.Client) gateway {
	return gateway{
		peer: peer{
			base: withoutSlash(base), client: client,
			// The key is the user name, and there is no password (CONTRACT 1.2).
			authorize: func(r *http.Request) { r.SetBasicAuth(key, "") },
		},
		origin: originOf(base),
	}
}

// orderRequest is what this shop sends of the fields of CONTRACT 2.1.
type orderRequest struct {
	Amount           int64  `json:"amount"` // minor units
	Currency         string `json:"currency"`
	MerchantOrderID  string `json:"merchant_order_id"`
	Description      string `json:"description"`
	ReturnURL        string `json:"return_url"`
	FailureURL       string `json:"failure_url"`
	WebhookURL       string `json:"webhook_url,omitempty"`
	ExpirationPeriod string `json:"expiration_period"` // ISO 8601
}

// orderAnswer is what the shop needs of the answer.
type orderAnswer struct {
	ID           string `json:"id"`
	OrderURL     string `json:"order_url"`
	PaymentURL   string `json:"payment_url"`
	Transactions []struct {
		PaymentURL string `json:"payment_url"`
	} `json:"transactions"`
}

// createdOrder is an order that waits for its customer.
type createdOrder struct {
	id     string
	payURL string
}

// create makes an order at the gateway. It is sent once: there is nothing that would keep a second try from making a
// second order (CONTRACT 1.3), and one that nobody pays expires.
func (g gateway) create(ctx context.Context, o orderRequest) (createdOrder, error) {
	var answer orderAnswer
	if err := g.call(ctx, http.MethodPost, "/v1/orders/", o, &answer); err != nil {
		return createdOrder{}, fmt.Errorf("create the order at the gateway: %w", err)
	}
	if !nopayn.ValidID(answer.ID) {
		return createdOrder{}, errors.New("create the order at the gateway: its answer holds no usable id")
	}
	page := answer.payPage()
	if page == "" || originOf(page) != g.origin {
		return createdOrder{}, fmt.Errorf("create the order at the gateway: its answer holds no payment page at %s", g.origin)
	}
	return createdOrder{id: answer.ID, payURL: page}, nil
}

// payPage is the first page that the answer names, in the order of CONTRACT 2.1.
func (a orderAnswer) payPage() string {
	switch {
	case len(a.Transactions) > 0 && a.Transactions[0].PaymentURL != "":
		return a.Transactions[0].PaymentURL
	case a.OrderURL != "":
		return a.OrderURL
	}
	return a.PaymentURL
}

// originOf returns scheme and host of a web address; empty if it is none.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
