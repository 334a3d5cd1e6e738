package nopayn_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"webhookd/internal/nopayn"
)

// minimal is the smallest order, with more members appended.
func minimal(members string) []byte {
	if members != "" {
		members = "," + members
	}
	return []byte(`{"id":"o-1","status":"completed","amount":1295,"currency":"EUR"` + members + `}`)
}

// secret stands for customer data in a document.
const secret = "Ada Rossi"

// refusal is a document that ParseOrder must refuse, and what the error has to name.
type refusal struct{ document, member string }

// with is the smallest order with one more member, which replaces an earlier one.
func with(member string) string { return string(minimal(member)) }

func testRefusals(t *testing.T, tests map[string]refusal) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o, err := nopayn.ParseOrder([]byte(tt.document))
			if err == nil {
				t.Fatalf("ParseOrder(%s) = %+v, want an error", tt.document, o)
			}
			if !strings.Contains(err.Error(), tt.member) {
				t.Errorf("error %q does not name %q", err, tt.member)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("error %q quotes the document", err)
			}
		})
	}
}

func TestParseOrderRefusesDocumentsWithoutTheBasics(t *testing.T) {
	testRefusals(t, map[string]refusal{
		"no object":         {`["` + secret + `"]`, "not a JSON object"},
		"null":              {`null`, "not a JSON object"},
		"empty":             {``, "empty"},
		"white space":       {" \n", "empty"},
		"cut":               {`{"id":"o-1","description":"` + secret, "not valid JSON"},
		"two documents":     {string(minimal("")) + "{}", "not valid JSON"},
		"byte order mark":   {"\ufeff" + string(minimal("")), "not valid JSON"},
		"no id":             {`{"status":"new","amount":1,"currency":"EUR"}`, "order: id:"},
		"id with a slash":   {`{"id":"` + secret + `/..","status":"new","amount":1,"currency":"EUR"}`, "order: id:"},
		"id a number":       {`{"id":7,"status":"new","amount":1,"currency":"EUR"}`, "order: id:"},
		"no status":         {`{"id":"o-1","amount":1,"currency":"EUR"}`, "order: status:"},
		"status null":       {`{"id":"o-1","status":null,"amount":1,"currency":"EUR"}`, "order: status:"},
		"status empty":      {`{"id":"o-1","status":"","amount":1,"currency":"EUR"}`, "order: status:"},
		"only Status":       {`{"id":"o-1","Status":"completed","amount":1,"currency":"EUR"}`, "order: status:"},
		"status a list":     {`{"id":"o-1","status":["completed"],"amount":1,"currency":"EUR"}`, "order: status:"},
		"no amount":         {`{"id":"o-1","status":"new","currency":"EUR"}`, "order: amount:"},
		"amount null":       {`{"id":"o-1","status":"new","amount":null,"currency":"EUR"}`, "order: amount:"},
		"amount taken back": {with(`"amount":null`), "order: amount:"},
		"amount a string":   {with(`"amount":"1295"`), "order: amount:"},
		"amount a fraction": {with(`"amount":1295.0`), "order: amount:"},
		"amount exponent":   {with(`"amount":1e3`), "order: amount:"},
		"amount too large":  {with(`"amount":9223372036854775808`), "order: amount:"},
		"amount negative":   {with(`"amount":-1`), "order: amount:"},
		"amount true":       {with(`"amount":true`), "order: amount:"},
		"no currency":       {`{"id":"o-1","status":"new","amount":1}`, "order: currency:"},
		"currency a number": {with(`"currency":978`), "order: currency:"},
	})
}

func TestParseOrderRefusesWrongTypesWhereMoneyDepends(t *testing.T) {
	testRefusals(t, map[string]refusal{
		"reference a number":  {with(`"merchant_order_id":1001`), "merchant_order_id"},
		"capture mode":        {with(`"capture_mode":true`), "capture_mode"},
		"flags a string":      {with(`"flags":"is-refund"`), "flags"},
		"flag a number":       {with(`"flags":["is-test",1]`), "flags: item 1"},
		"flag null":           {with(`"flags":[null]`), "flags: item 0"},
		"transactions object": {with(`"transactions":{}`), "transactions"},
		"transaction null":    {with(`"transactions":[null]`), "transactions: item 0"},
		"transaction status":  {with(`"transactions":[{},{"status":1}]`), "transactions: item 1: status"},
		"transaction type":    {with(`"transactions":[{"transaction_type":{}}]`), "transaction_type"},
		"credit or debit":     {with(`"transactions":[{"credit_debit":false}]`), "credit_debit"},
		"capturable":          {with(`"transactions":[{"is_capturable":"` + secret + `"}]`), "is_capturable"},
		"fully captured":      {with(`"transactions":[{"is_fully_captured":1}]`), "is_fully_captured"},
		"its capture mode":    {with(`"transactions":[{"capture_mode":1}]`), "transactions: item 0: capture_mode"},
		"transaction amount":  {with(`"transactions":[{"amount":"` + secret + `"}]`), "transactions: item 0: amount:"},
		"refund of":           {with(`"refund_of_order_id":{}`), "refund_of_order_id"},
		"chargeback of":       {with(`"chargeback_of_order_id":1`), "chargeback_of_order_id"},
		"reversal of":         {with(`"reversal_of_order_id":[]`), "reversal_of_order_id"},
		"refund orders":       {with(`"refund_orders":"r-1"`), "refund_orders"},
		"refund order":        {with(`"refund_orders":[{"ref":"r-1"}]`), "refund_orders: item 0"},
		"chargeback orders":   {with(`"chargeback_orders":{}`), "chargeback_orders"},
		"reversal orders":     {with(`"reversal_orders":[7]`), "reversal_orders: item 0"},
		"refunded amount":     {with(`"refunded_amount":"500"`), "refunded_amount"},
		"amount details":      {with(`"amount_details":[]`), "amount_details"},
		"captured":            {with(`"amount_details":{"captured":12.5}`), "amount_details: captured"},
	})
}

// onlyTransaction cuts the one transaction out of a document in which no other list of objects stands.
func onlyTransaction(raw []byte) []byte {
	_, rest, _ := bytes.Cut(raw, []byte(`"transactions":[`))
	inner, _, _ := bytes.Cut(rest, []byte("}]"))
	return append(bytes.Clone(inner), '}')
}

func TestParseOrderForgivesTheRest(t *testing.T) {
	raw := minimal(`"merchant_id":1,"project_id":[],"description":42,"payment_url":{},"order_url":false,"return_url":0,` +
		`"failure_url":[1],"webhook_url":{},"expiration_period":30,"created":"yesterday","modified":1772442904,` +
		`"completed":"9999-12-31T23:59:59-01:00","future":{"deep":[[[{}]]]},` +
		`"transactions":[{"id":5,"currency":978,"description":{},"payment_method":[],"payment_method_brand":1,` +
		`"payment_url":null,"expiration_period":{},"reason":[],"customer_message":["try again"],"created":{},` +
		`"modified":"","completed":true,"payment_method_details":"none","vault_token":1,"first_transaction_id":{},` +
		`"recurring_type":[],"schedule_type":true}],"type":{},"settled":null,"finalized":null`)
	got, err := nopayn.ParseOrder(raw)
	if err != nil {
		t.Fatalf("ParseOrder: %v", err)
	}
	want := &nopayn.Order{
		ID: "o-1", Status: nopayn.StatusCompleted, Amount: 1295, Currency: "EUR",
		Transactions: []nopayn.Transaction{{Raw: onlyTransaction(raw)}}, Raw: raw,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("ParseOrder = %+v, want %+v", got, want)
	}
}

func TestParseOrderNullIsAbsent(t *testing.T) {
	raw := minimal(`"merchant_order_id":null,"capture_mode":null,"flags":null,"refund_of_order_id":null,` +
		`"chargeback_of_order_id":null,"reversal_of_order_id":null,"refund_orders":null,"chargeback_orders":null,` +
		`"reversal_orders":null,"refunded_amount":null,"amount_details":null,"description":null,"created":null,` +
		`"transactions":[{"status":null,"transaction_type":null,"credit_debit":null,"is_capturable":null,` +
		`"is_fully_captured":null,"amount":null,"payment_method_details":null}]`)
	got, err := nopayn.ParseOrder(raw)
	if err != nil {
		t.Fatalf("ParseOrder: %v", err)
	}
	want := &nopayn.Order{
		ID: "o-1", Status: nopayn.StatusCompleted, Amount: 1295, Currency: "EUR",
		Transactions: []nopayn.Transaction{{Raw: onlyTransaction(raw)}}, Raw: raw,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("ParseOrder = %+v, want %+v", got, want)
	}
}

func TestParseOrderMemberNames(t *testing.T) {
	tests := map[string]struct {
		members string
		want    nopayn.Status
	}{
		"other case is another member": {`"Status":"new","STATUS":"error"`, "completed"},
		"escaped quotes do not end it": {`"x\"status":"new","y\\":"\\\"","z":"}]{["`, "completed"},
		"nested is another member":     {`"extra":{"status":"new","list":[{"status":"error"}]}`, "completed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o, err := nopayn.ParseOrder(minimal(tt.members))
			if err != nil {
				t.Fatalf("ParseOrder: %v", err)
			}
			if o.Status != tt.want {
				t.Errorf("Status = %q, want %q", o.Status, tt.want)
			}
		})
	}
}

// TestParseOrderRefusesContradictions: whichever of two members one took, the other might hold the goods.
func TestParseOrderRefusesContradictions(t *testing.T) {
	for _, members := range []string{
		`"status":"error"`, `"\u0073tat\u0075s":"expired"`, `"amount":1`, `"currency":"EUR"`,
		`"flags":["is-refund"],"flags":null`, `"refunded_amount":5,"refunded_amount":null`,
		`"amount_details":{"captured":1},"amount_details":null`, `"amount_details":{"captured":1,"captured":1}`,
		`"transactions":[],"transactions":[]`, `"transactions":[{"credit_debit":"debit","credit_debit":"credit"}]`,
	} {
		if _, err := nopayn.ParseOrder(minimal(members)); err == nil || !strings.Contains(err.Error(), "more than once") {
			t.Errorf("%s: %v, want it refused", members, err)
		}
	}
	if _, err := nopayn.ParseOrder(minimal(`"description":"a","description":"b","x":1,"x":2`)); err != nil {
		t.Errorf("members on which nothing depends, twice: %v", err)
	}
}

func TestParseOrderRelatedOrders(t *testing.T) {
	o, err := nopayn.ParseOrder(minimal(
		`"refund_orders":["r-1",{"id":"r-2","amount":5}],"chargeback_orders":[],"reversal_orders":[{"id":"v-1"}]`))
	if err != nil {
		t.Fatalf("ParseOrder: %v", err)
	}
	if want := []string{"r-1", "r-2"}; !reflect.DeepEqual(o.RefundOrders, want) {
		t.Errorf("RefundOrders = %q, want %q", o.RefundOrders, want)
	}
	if len(o.ChargebackOrders) != 0 {
		t.Errorf("ChargebackOrders = %q, want none", o.ChargebackOrders)
	}
	if want := []string{"v-1"}; !reflect.DeepEqual(o.ReversalOrders, want) {
		t.Errorf("ReversalOrders = %q, want %q", o.ReversalOrders, want)
	}
}

func TestParseOrderText(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"escapes":       {`caff\u00e8 \"due\" \\ \ud83d\uded2`, "caffè \"due\" \\ 🛒"},
		"UTF-8":         {`Grünkohl 订单`, "Grünkohl 订单"},
		"invalid UTF-8": {"caf\xe9", "caf\uFFFD"},
		"lone half":     {`\ud83d`, "\uFFFD"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o, err := nopayn.ParseOrder(minimal(`"description":"` + tt.text + `"`))
			if err != nil {
				t.Fatalf("ParseOrder: %v", err)
			}
			if o.Description != tt.want {
				t.Errorf("Description = %q, want %q", o.Description, tt.want)
			}
		})
	}
}

func TestParseOrderTimes(t *testing.T) {
	want := time.Date(2026, time.March, 2, 9, 15, 4, 0, time.UTC)
	tests := map[string]time.Time{
		"2026-03-02T09:15:04Z":                want,
		"2026-03-02T09:15:04+00:00":           want,
		"2026-03-02T10:15:04+01:00":           want,
		"2026-03-02T09:15:04.101200+00:00":    want.Add(101200 * time.Microsecond),
		"2026-03-02T09:15:04.123456789Z":      want.Add(123456789),
		"2026-03-02T09:15:04":                 {},
		"2026-03-02":                          {},
		"":                                    {},
		"9999-12-31T23:59:59.999999999-00:01": {},
	}
	for text, want := range tests {
		o, err := nopayn.ParseOrder(minimal(`"modified":"` + text + `"`))
		if err != nil {
			t.Fatalf("ParseOrder: %v", err)
		}
		if !o.Modified.Equal(want) || o.Modified.Location() != time.UTC {
			t.Errorf("modified %q reads as %v, want %v", text, o.Modified, want)
		}
	}
}

func TestParseOrderLargeAmount(t *testing.T) {
	o, err := nopayn.ParseOrder([]byte(`{"id":"o-1","status":"completed","amount":9007199254740993,"currency":"EUR"}`))
	if err != nil {
		t.Fatalf("ParseOrder: %v", err)
	}
	if want := int64(9007199254740993); o.Amount != want { // not exact as a float
		t.Errorf("Amount = %d, want %d", o.Amount, want)
	}
}

func TestParseOrderDeepNesting(t *testing.T) {
	deep := func(n int) []byte {
		return minimal(`"extra":` + strings.Repeat("[", n) + strings.Repeat("]", n))
	}
	if _, err := nopayn.ParseOrder(deep(5_000)); err != nil {
		t.Errorf("5,000 levels: %v", err)
	}
	if _, err := nopayn.ParseOrder(deep(1_000_000)); err == nil {
		t.Error("1,000,000 levels were accepted")
	}
}
