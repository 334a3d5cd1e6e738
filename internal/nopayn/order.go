package nopayn

import (
	"cmp"
	"encoding/json"
	"time"
)

// Order is a gateway order as read from the API (CONTRACT 2.2). Only ID, Status, Amount and Currency are always
// set; every other field may be absent and is then its zero value. Times are in UTC.
type Order struct {
	ID              string // satisfies ValidID
	MerchantID      string
	ProjectID       string
	MerchantName    string
	MerchantOrderID string // the shop's label: neither unique nor fixed
	MerchantBulkID  string // of the settlement, like the next two
	MerchantIBAN    string
	MerchantBIC     string
	Status          Status
	Amount          int64  // minor units, never negative
	Currency        string // ISO 4217, as the gateway wrote it
	Description     string
	Flags           []string
	Transactions    []Transaction // attempts in the gateway's order; often more than one, or none

	Created          time.Time
	Modified         time.Time // moves at every change
	Completed        time.Time // time of an end state; also set on expired orders, so never a proof of payment
	LastTransaction  time.Time // when the last attempt was added
	ExpirationPeriod string    // ISO 8601 duration, counted from Created
	CaptureMode      string    // "manual", "delayed" or empty
	Locale           string
	PaymentMethods   []string // to which the payment page was limited

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
	RelatedOrderID      string
	RelatedOrders       []string
	PaymentLinkID       string // the payment link that this order is an attempt of

	CustomerMessages []string // safe to show to the customer

	Type      string          // "payment" with older gateways
	Settled   json.RawMessage // as it came, or nil: named in the contract without a type
	Finalized json.RawMessage // likewise

	// These are JSON as it came, or nil; they share their memory with Raw. They may hold customer data. CustomerData and
	// Lines read two of them.
	Customer         json.RawMessage // object
	Client           json.RawMessage // object
	Extra            json.RawMessage // object: what the shop sent along
	OrderLines       json.RawMessage // list
	OrderLineDetails json.RawMessage // unless it was asked for, nil (FieldOrderLineDetails)

	// AmountDetails is nil unless it was asked for (FieldAmountDetails).
	AmountDetails *AmountDetails

	// ETag is what If-Match takes, if the gateway sent one along. It is of the answer, not of the document.
	ETag string

	// Raw is the whole document as received, unknown members included, without white space around it. It shares its
	// memory with the answer it came from, and with those of the same list: copy it to keep it for long.
	Raw json.RawMessage
}

// Transaction is one payment attempt inside an order (CONTRACT 2.5). Any field may be absent and is then its zero
// value.
type Transaction struct {
	ID                   string
	OrderID              string
	MerchantID           string
	ProjectID            string
	Status               string // vocabulary of CONTRACT 3.2, open
	TransactionType      string // "authorization": money is reserved, not taken
	Amount               int64  // minor units, never negative; 0 when absent
	Currency             string
	Description          string
	PaymentMethod        string
	PaymentMethodBrand   string
	PaymentURL           string // only while payable
	CreditDebit          string // "credit" is money in, "debit" money out
	Balance              string // "internal", "external" or "test"
	Channel              string
	ProductType          string
	IsCapturable         bool
	IsFullyCaptured      bool
	ExpirationPeriod     string // ISO 8601 duration
	Reason               string // for logs and staff
	CustomerMessage      string // safe to show to the customer
	VaultToken           string // of a first payment: later ones are made with it, so keep it as a secret
	FirstTransactionID   string // names the first payment to later ones
	CaptureMode          string // "manual", "delayed" or empty, where it is not the order's
	RecurringType        string // "first", "recurring" or empty
	ScheduleType         string // "scheduled", "unscheduled" or empty
	Created              time.Time
	Modified             time.Time
	Completed            time.Time
	PaymentMethodDetails json.RawMessage // a JSON object, or nil; shares its memory with Order.Raw
	Outcomes             json.RawMessage // likewise: what processing and the prevention of fraud said
	Events               json.RawMessage // likewise, a JSON list
	Raw                  json.RawMessage // likewise, the whole transaction
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

// PayURL is where to send the customer: the page of the first attempt, else the order's, else what older gateways
// name (CONTRACT 2.1). It is empty once there is nothing left to pay, and for a payment that settles by itself.
func (o *Order) PayURL() string {
	if url := o.firstPaymentURL(); url != "" {
		return url
	}
	return cmp.Or(o.OrderURL, o.PaymentURL)
}

func (o *Order) firstPaymentURL() string {
	if len(o.Transactions) == 0 {
		return ""
	}
	return o.Transactions[0].PaymentURL
}
