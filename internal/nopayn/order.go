package nopayn

import (
	"encoding/json"
	"time"
)

// Order is a gateway order as read from the API (CONTRACT 2.2). Only ID, Status, Amount and Currency are always
// set; every other field may be absent and is then its zero value. Times are in UTC.
type Order struct {
	ID              string // satisfies ValidID
	MerchantID      string
	ProjectID       string
	MerchantOrderID string // the shop's label: neither unique nor fixed
	Status          Status
	Amount          int64  // minor units, never negative
	Currency        string // ISO 4217, as the gateway wrote it
	Description     string
	Flags           []string
	Transactions    []Transaction // attempts in the gateway's order; often more than one, or none

	Created          time.Time
	Modified         time.Time // moves at every change
	Completed        time.Time // time of an end state; also set on expired orders, so never a proof of payment
	ExpirationPeriod string    // ISO 8601 duration, counted from Created
	CaptureMode      string    // "manual", "delayed" or empty

	ReturnURL  string
	FailureURL string
	WebhookURL string
	OrderURL   string // hosted payment page
	PaymentURL string // order level, older gateways only

	RefundOfOrderID     string   // set on an order that is itself a refund
	RefundOrders        []string // ids of refunds of this order
	RefundedAmount      int64    // minor units; 0 when absent
	ChargebackOfOrderID string
	ChargebackOrders    []string
	ReversalOfOrderID   string
	ReversalOrders      []string

	// AmountDetails is nil unless it was asked for (FieldAmountDetails).
	AmountDetails *AmountDetails

	// Raw is the whole document as received, unknown members included, without white space around it. It shares its
	// memory with the answer it came from, and with those of the same list: copy it to keep it for long.
	Raw json.RawMessage
}

// Transaction is one payment attempt inside an order (CONTRACT 2.5). Any field may be absent and is then its zero
// value.
type Transaction struct {
	ID                   string
	Status               string // vocabulary of CONTRACT 3.2, open
	TransactionType      string // "authorization": money is reserved, not taken
	Amount               int64  // minor units, never negative; 0 when absent
	Currency             string
	Description          string
	PaymentMethod        string
	PaymentMethodBrand   string
	PaymentURL           string // only while payable
	CreditDebit          string // "credit" is money in, "debit" money out
	IsCapturable         bool
	IsFullyCaptured      bool
	ExpirationPeriod     string // ISO 8601 duration
	Reason               string // for logs and staff
	CustomerMessage      string // safe to show to the customer
	Created              time.Time
	Modified             time.Time
	Completed            time.Time
	PaymentMethodDetails json.RawMessage // a JSON object, or nil; shares its memory with Order.Raw
}

// AmountDetails says how much of an order was captured, refunded and voided, in minor units (CONTRACT 2.2). A member
// that the gateway leaves out is 0.
type AmountDetails struct {
	Capturable int64
	Captured   int64
	Refundable int64
	Refunded   int64
	Voidable   int64
	Voided     int64
}
