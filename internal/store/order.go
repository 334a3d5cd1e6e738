package store

import (
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// Order is an order as fulfilment systems see it (DESIGN 7). A nil field is not known. Times are UTC, amounts minor
// units.
type Order struct {
	OrderID         string         `json:"order_id" doc:"The gateway's id of the order."`
	Kind            payment.Kind   `json:"kind" enum:"payment,refund,chargeback,reversal" doc:"Which way the order moves money."`
	ProjectID       *string        `json:"project_id"`
	MerchantOrderID *string        `json:"merchant_order_id" doc:"The shop's own reference: a label, neither unique nor constant."`
	Status          *string        `json:"status" doc:"The gateway's own word, as it came; null until verified."`
	State           payment.State  `json:"state" doc:"Our reading of the whole order."`
	Final           bool           `json:"final" doc:"The status is one that the official SDKs call final."`
	Settled         bool           `json:"settled" doc:"No longer polled; a webhook still causes a look."`
	Fulfillable     bool           `json:"fulfillable" doc:"The goods may leave: paid, and nothing speaks against it."`
	Holds           []payment.Hold `json:"holds" doc:"Every reason against shipping."`
	Amount          *int64         `json:"amount" doc:"Minor units."`
	Currency        *string        `json:"currency" doc:"ISO 4217."`
	RefundedAmount  int64          `json:"refunded_amount" doc:"Minor units."`
	Expected        *Expected      `json:"expected" doc:"What the shop said when it registered the order; null if it never did."`
	Test            bool           `json:"test" doc:"Paid with play money."`
	Description     *string        `json:"description"`
	PaymentMethod   *string        `json:"payment_method"`
	OrderURL        *string        `json:"order_url" doc:"The hosted payment page."`
	CreatedAt       *time.Time     `json:"created_at" doc:"By the gateway's clock."`
	ModifiedAt      *time.Time     `json:"modified_at" doc:"By the gateway's clock."`
	CompletedAt     *time.Time     `json:"completed_at" doc:"By the gateway's clock; set at any end, so no proof of payment."`
	ExpiresAt       *time.Time     `json:"expires_at"`
	FirstSeenAt     time.Time      `json:"first_seen_at"`
	FirstSeenBy     string         `json:"first_seen_by" enum:"webhook,registered,created,sweep,refresh"`
	CheckedAt       *time.Time     `json:"checked_at" doc:"When the newest answer of the gateway was asked for."`
	NextCheckAt     *time.Time     `json:"next_check_at"`
	CheckFailures   int            `json:"check_failures" doc:"Looks failed in a row."`
	LastError       *string        `json:"last_error" doc:"Why the last look failed: a code and a phrase."`
	Webhooks        WebhookCount   `json:"webhooks"`
	Transactions    []Transaction  `json:"transactions"`
	Seq             int64          `json:"seq" doc:"Feed position of the order's newest event; 0 if it has none."`
}

// Expected is what the shop said of an order. A nil field was not said.
type Expected struct {
	MerchantOrderID *string `json:"merchant_order_id"`
	Amount          *int64  `json:"amount"`
	Currency        *string `json:"currency"`
}

// said leaves out zero values, which say nothing, and what a Postgres text cannot hold.
func (e Expected) said() Expected {
	return Expected{
		MerchantOrderID: optional(cleanText(deref(e.MerchantOrderID))),
		Amount:          optional(deref(e.Amount)),
		Currency:        optional(cleanText(deref(e.Currency))),
	}
}

// WebhookCount counts the webhooks that named an order.
type WebhookCount struct {
	Count  int64      `json:"count"`
	LastAt *time.Time `json:"last_at"`
}

// Transaction is one payment attempt, without the customer's data.
type Transaction struct {
	ID              string     `json:"id"`
	Status          string     `json:"status"`
	Type            string     `json:"type" doc:"authorization: money reserved, not taken."`
	Amount          int64      `json:"amount" doc:"Minor units."`
	Currency        string     `json:"currency"`
	CreditDebit     string     `json:"credit_debit" doc:"credit is money in, debit money out."`
	PaymentMethod   string     `json:"payment_method"`
	Brand           string     `json:"brand"`
	Capturable      bool       `json:"capturable"`
	FullyCaptured   bool       `json:"fully_captured"`
	Reason          string     `json:"reason" doc:"Why it failed, for staff."`
	CustomerMessage string     `json:"customer_message" doc:"Why it failed, for the customer."`
	CreatedAt       *time.Time `json:"created_at"`
	ModifiedAt      *time.Time `json:"modified_at"`
	CompletedAt     *time.Time `json:"completed_at"`
}

// view renders what r and c hold, under the operator's policy.
func view(r *orderRow, c check, p payment.Policy) Order {
	record := r.record()
	o := Order{
		OrderID: r.OrderID, Kind: r.Kind, MerchantOrderID: r.MerchantOrderID, Status: r.Status, State: r.State,
		Final: r.final(), Settled: r.Settled, Fulfillable: record.Fulfillable(p), Holds: record.Holds(p),
		Amount: r.Amount, Currency: r.Currency, RefundedAmount: r.RefundedAmount, Expected: r.expected(),
		Test: r.Test, CreatedAt: utc(r.CreatedAt), ModifiedAt: utc(r.ModifiedAt), ExpiresAt: utc(r.ExpiresAt),
		FirstSeenAt: r.FirstSeenAt.UTC(), FirstSeenBy: r.FirstSeenBy, CheckedAt: utc(c.CheckedAt),
		NextCheckAt: utc(c.DueAt), CheckFailures: c.Failures, LastError: c.LastError,
		Webhooks: WebhookCount{Count: c.Hints, LastAt: utc(c.HintedAt)}, Transactions: []Transaction{}, Seq: r.Seq,
	}
	if doc := r.document(); doc != nil {
		o.describe(doc)
	}
	return o
}

const (
	// maxText bounds each text of the gateway's in an answer of ours, in characters. The document has all of it.
	maxText = 500
	// maxTransactions bounds the attempts in an answer of ours; the newest stay.
	maxTransactions = 100
)

// describe adds what only the gateway's document tells. A document of a megabyte makes an answer of some pages.
func (o *Order) describe(doc *nopayn.Order) {
	a := payment.Assess(doc)
	o.ProjectID = optional(cut(doc.ProjectID))
	o.Description = optional(cut(doc.Description))
	o.PaymentMethod = optional(cut(a.PaymentMethod))
	o.OrderURL = optional(cut(doc.OrderURL))
	o.CompletedAt = optional(doc.Completed)
	for _, t := range doc.Transactions[max(0, len(doc.Transactions)-maxTransactions):] {
		o.Transactions = append(o.Transactions, Transaction{
			ID: cut(t.ID), Status: cut(t.Status), Type: cut(t.TransactionType), Amount: t.Amount,
			Currency: cut(t.Currency), CreditDebit: cut(t.CreditDebit), PaymentMethod: cut(t.PaymentMethod),
			Brand: cut(t.PaymentMethodBrand), Capturable: t.IsCapturable, FullyCaptured: t.IsFullyCaptured,
			Reason: cut(t.Reason), CustomerMessage: cut(t.CustomerMessage), CreatedAt: optional(t.Created),
			ModifiedAt: optional(t.Modified), CompletedAt: optional(t.Completed),
		})
	}
}

// cut shortens a text to what an answer may hold.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	if runes := []rune(s); len(runes) > maxText {
		return string(runes[:maxText])
	}
	return s
}

// optional is nil for a zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
