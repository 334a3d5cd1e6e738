package nopayn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

var (
	errMissing     = errors.New("missing")
	errNotID       = errors.New("not a valid id")
	errNotRelation = errors.New("neither an id nor an object with an id")
	errRepeated    = errors.New("given more than once")
)

// ParseOrder reads an order's document by the rules of the package comment. The order shares raw's memory, so raw
// must not change afterwards. An error names the member that is wrong and never quotes its value.
func ParseOrder(raw []byte) (*Order, error) {
	doc, err := parseJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("order: %w", err)
	}
	return decodeOrder(doc)
}

func decodeOrder(doc value) (*Order, error) {
	if !doc.isObject() {
		return nil, fmt.Errorf("order: %w", errNotObject)
	}
	o := &Order{Raw: []byte(doc)}
	hasAmount := false
	err := readMembers(doc, func(name []byte, v value) (bool, error) {
		if string(name) == "amount" {
			hasAmount = !v.isAbsent()
		}
		return o.read(name, v)
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("order: %w", err)
	case o.ID == "":
		return nil, fmt.Errorf("order: id: %w", errMissing)
	case !ValidID(o.ID):
		return nil, fmt.Errorf("order: id: %w", errNotID)
	case o.Status == "":
		return nil, fmt.Errorf("order: status: %w", errMissing)
	case !hasAmount:
		return nil, fmt.Errorf("order: amount: %w", errMissing)
	case o.Currency == "":
		return nil, fmt.Errorf("order: currency: %w", errMissing)
	}
	return o, nil
}

// readMembers hands each member of an object to read, which says whether goods may leave by it. Such a member must not
// be given twice: whichever of the two one took, the other might hold the goods.
func readMembers(doc value, read func(name []byte, v value) (matters bool, err error)) error {
	seen := make([][]byte, 0, 16) // as many at most as there are members that matter
	for name, v := range doc.members() {
		matters, err := read(name, v)
		if err == nil && matters && slices.ContainsFunc(seen, func(s []byte) bool { return bytes.Equal(s, name) }) {
			err = errRepeated
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if matters {
			seen = append(seen, name)
		}
	}
	return nil
}

// read takes one member of an order's document. Only members by which goods may leave can make it fail: capture_mode
// tells reserved money from money taken, and by merchant_order_id a shop order that was paid twice is noticed.
func (o *Order) read(name []byte, v value) (matters bool, err error) {
	matters = true
	switch string(name) {
	case "id":
		o.ID, err = v.text()
	case "status":
		var status string
		status, err = v.text()
		o.Status = Status(status)
	case "amount":
		o.Amount, err = v.money()
	case "currency":
		o.Currency, err = v.text()
	case "merchant_order_id":
		o.MerchantOrderID, err = v.text()
	case "capture_mode":
		o.CaptureMode, err = v.text()
	case "flags":
		o.Flags, err = list(v, value.strictText)
	case "transactions":
		o.Transactions, err = list(v, decodeTransaction)
	case "refund_of_order_id":
		o.RefundOfOrderID, err = v.text()
	case "refund_orders":
		o.RefundOrders, err = list(v, reference)
	case "refunded_amount":
		o.RefundedAmount, err = v.money()
	case "chargeback_of_order_id":
		o.ChargebackOfOrderID, err = v.text()
	case "chargeback_orders":
		o.ChargebackOrders, err = list(v, reference)
	case "reversal_of_order_id":
		o.ReversalOfOrderID, err = v.text()
	case "reversal_orders":
		o.ReversalOrders, err = list(v, reference)
	case "amount_details":
		o.AmountDetails, err = decodeAmountDetails(v)
	default:
		matters = false
		o.describe(name, v)
	}
	return matters, err
}

// describe takes a member on which nothing depends.
func (o *Order) describe(name []byte, v value) {
	switch string(name) {
	case "merchant_id":
		o.MerchantID = v.label()
	case "project_id":
		o.ProjectID = v.label()
	case "description":
		o.Description = v.label()
	case "created":
		o.Created = v.moment()
	case "modified":
		o.Modified = v.moment()
	case "completed":
		o.Completed = v.moment()
	case "expiration_period":
		o.ExpirationPeriod = v.label()
	case "return_url":
		o.ReturnURL = v.label()
	case "failure_url":
		o.FailureURL = v.label()
	case "webhook_url":
		o.WebhookURL = v.label()
	case "order_url":
		o.OrderURL = v.label()
	case "payment_url":
		o.PaymentURL = v.label()
	case "customer":
		o.Customer = v.object()
	case "client":
		o.Client = v.object()
	case "extra":
		o.Extra = v.object()
	case "order_lines":
		o.OrderLines = v.list()
	case "order_line_details":
		o.OrderLineDetails = v.nested()
	default:
		o.describeRarely(name, v)
	}
}

// describeRarely takes a member that most documents lack.
func (o *Order) describeRarely(name []byte, v value) {
	switch string(name) {
	case "merchant_name":
		o.MerchantName = v.label()
	case "merchant_bulk_id":
		o.MerchantBulkID = v.label()
	case "merchant_iban":
		o.MerchantIBAN = v.label()
	case "merchant_bic":
		o.MerchantBIC = v.label()
	case "last_transaction_added":
		o.LastTransaction = v.moment()
	case "locale":
		o.Locale = v.label()
	case "payment_methods":
		o.PaymentMethods = v.labels()
	case "customer_messages":
		o.CustomerMessages = v.labels()
	case "related_order_id":
		o.RelatedOrderID = v.label()
	case "related_orders":
		o.RelatedOrders = v.labels()
	case "related_payment_link_id":
		o.PaymentLinkID = v.label()
	case "type":
		o.Type = v.label()
	case "settled":
		o.Settled = v.present()
	case "finalized":
		o.Finalized = v.present()
	}
}

func decodeTransaction(doc value) (Transaction, error) {
	if !doc.isObject() {
		return Transaction{}, errNotObject
	}
	t := Transaction{Raw: json.RawMessage(doc)}
	err := readMembers(doc, t.read)
	return t, err
}

// read takes one member of a transaction; it fails for those by which goods may leave.
func (t *Transaction) read(name []byte, v value) (matters bool, err error) {
	matters = true
	switch string(name) {
	case "status":
		t.Status, err = v.text()
	case "transaction_type":
		t.TransactionType, err = v.text()
	case "amount":
		t.Amount, err = v.money()
	case "credit_debit":
		t.CreditDebit, err = v.text()
	case "capture_mode":
		t.CaptureMode, err = v.text()
	case "is_capturable":
		t.IsCapturable, err = v.truth()
	case "is_fully_captured":
		t.IsFullyCaptured, err = v.truth()
	default:
		matters = false
		t.describe(name, v)
	}
	return matters, err
}

// describe takes a member on which nothing depends.
func (t *Transaction) describe(name []byte, v value) {
	switch string(name) {
	case "id":
		t.ID = v.label()
	case "currency":
		t.Currency = v.label()
	case "description":
		t.Description = v.label()
	case "payment_method":
		t.PaymentMethod = v.label()
	case "payment_method_brand":
		t.PaymentMethodBrand = v.label()
	case "payment_url":
		t.PaymentURL = v.label()
	case "expiration_period":
		t.ExpirationPeriod = v.label()
	case "reason":
		t.Reason = v.label()
	case "customer_message":
		t.CustomerMessage = v.label()
	case "created":
		t.Created = v.moment()
	case "modified":
		t.Modified = v.moment()
	case "completed":
		t.Completed = v.moment()
	case "payment_method_details":
		t.PaymentMethodDetails = v.object()
	case "outcomes":
		t.Outcomes = v.object()
	case "events":
		t.Events = v.list()
	case "order_id":
		t.OrderID = v.label()
	case "merchant_id":
		t.MerchantID = v.label()
	case "project_id":
		t.ProjectID = v.label()
	case "balance":
		t.Balance = v.label()
	case "channel":
		t.Channel = v.label()
	case "product_type":
		t.ProductType = v.label()
	default:
		t.describeRarely(name, v)
	}
}

// describeRarely takes a member that most transactions lack.
func (t *Transaction) describeRarely(name []byte, v value) {
	switch string(name) {
	case "vault_token":
		t.VaultToken = v.label()
	case "first_transaction_id":
		t.FirstTransactionID = v.label()
	case "recurring_type":
		t.RecurringType = v.label()
	case "schedule_type":
		t.ScheduleType = v.label()
	}
}

// decodeAmountDetails is nil for an absent value.
func decodeAmountDetails(doc value) (*AmountDetails, error) {
	if doc.isAbsent() {
		return nil, nil
	}
	if !doc.isObject() {
		return nil, errNotObject
	}
	d := new(AmountDetails)
	return d, readMembers(doc, d.read)
}

func (d *AmountDetails) read(name []byte, v value) (matters bool, err error) {
	matters = true
	switch string(name) {
	case "capturable":
		d.Capturable, err = v.money()
	case "captured":
		d.Captured, err = v.money()
	case "refundable":
		d.Refundable, err = v.money()
	case "refunded":
		d.Refunded, err = v.money()
	case "voidable":
		d.Voidable, err = v.money()
	case "voided":
		d.Voided, err = v.money()
	default:
		matters = false
	}
	return matters, err
}

// list reads every item of a list with read; absent is nil. No item may be left out, so the first that is wrong
// makes the whole list wrong.
func list[T any](v value, read func(value) (T, error)) ([]T, error) {
	if v.isAbsent() {
		return nil, nil
	}
	if !v.isList() {
		return nil, errNotList
	}
	var all []T
	for i, item := range v.items() {
		one, err := read(item)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// reference reads the id of another order, given as such or inside an object.
func reference(v value) (string, error) {
	if v.isObject() {
		v = v.member("id")
	}
	if !v.isText() {
		return "", errNotRelation
	}
	return v.unquote(), nil
}

// strictText reads an item of a list of strings, where null has no meaning.
func (v value) strictText() (string, error) {
	if !v.isText() {
		return "", errNotText
	}
	return v.unquote(), nil
}
