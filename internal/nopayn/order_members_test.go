package nopayn_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"webhookd/internal/nopayn"
)

// everyMember is an order with each member of CONTRACT 2.2 and, in its transaction, of 2.5.
const everyMember = `{
	"id":"o-1","merchant_id":"m-1","project_id":"p-1","merchant_name":"Demo","merchant_order_id":"ORDER-001",
	"merchant_bulk_id":"b-1","merchant_iban":"NL00TEST0000000000","merchant_bic":"TESTNL2A","status":"completed",
	"amount":1295,"currency":"EUR","description":"Cup","flags":["is-test"],"created":"2026-03-02T09:15:04Z",
	"modified":"2026-03-02T09:15:05Z","completed":"2026-03-02T09:15:06Z","last_transaction_added":"2026-03-02T09:15:04Z",
	"expiration_period":"PT30M","capture_mode":"manual","locale":"en-GB","payment_methods":["credit-card"],
	"return_url":"https://shop.example.com/r","failure_url":"https://shop.example.com/f",
	"webhook_url":"https://shop.example.com/w","order_url":"https://pay.example.com/o",
	"payment_url":"https://pay.example.com/p","type":"payment","settled":true,"finalized":"2026-03-02T09:15:06Z",
	"refund_of_order_id":"o-2","refund_orders":["o-3"],"refunded_amount":1,"chargeback_of_order_id":"o-4",
	"chargeback_orders":["o-5"],"reversal_of_order_id":"o-6","reversal_orders":["o-7"],"related_order_id":"o-8",
	"related_orders":["o-9"],"related_payment_link_id":"l-1","customer_messages":["Try again."],
	"customer":{"first_name":"Ada"},"client":{"platform_name":"DemoShop"},"extra":{"basket":"b-77"},
	"order_lines":[{"name":"Cup"}],"order_line_details":{"l-1":{}},"amount_details":{"capturable":1,"captured":2,
	"refundable":3,"refunded":4,"voidable":5,"voided":6},
	"transactions":[{"id":"t-1","order_id":"o-1","merchant_id":"m-1","project_id":"p-1","status":"completed",
	"transaction_type":"authorization","amount":1295,"currency":"EUR","description":"Cup","payment_method":"credit-card",
	"payment_method_brand":"visa","payment_url":"https://pay.example.com/t","credit_debit":"credit","balance":"test",
	"channel":"ecom","product_type":"credit-card","is_capturable":true,"is_fully_captured":true,
	"expiration_period":"PT30M","vault_token":"vt-1","first_transaction_id":"t-0","capture_mode":"manual",
	"recurring_type":"recurring","schedule_type":"scheduled",
	"reason":"r","customer_message":"m","created":"2026-03-02T09:15:04Z","modified":"2026-03-02T09:15:05Z",
	"completed":"2026-03-02T09:15:06Z","payment_method_details":{"truncated_pan":"1111"},
	"outcomes":{"processing":{"status":"accepted"}},"events":[{"event":"new"}]}]}`

func TestParseOrderReadsEveryMember(t *testing.T) {
	o, err := nopayn.ParseOrder([]byte(everyMember))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []reflect.Value{
		reflect.ValueOf(*o), reflect.ValueOf(o.Transactions[0]), reflect.ValueOf(*o.AmountDetails),
	} {
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "ETag" { // of the answer's head
				t.Errorf("%s.%s is not read", v.Type().Name(), name)
			}
		}
	}
	if string(o.Extra) != `{"basket":"b-77"}` || o.CustomerMessages[0] != "Try again." || o.MerchantBIC != "TESTNL2A" ||
		o.PaymentLinkID != "l-1" || string(o.Transactions[0].Events) != `[{"event":"new"}]` ||
		string(o.Settled) != "true" || !json.Valid(o.Transactions[0].Raw) || o.Transactions[0].FirstTransactionID != "t-0" {
		t.Errorf("read as %+v", o)
	}
}

func TestPayURL(t *testing.T) {
	for _, c := range []struct{ members, want string }{
		{`"transactions":[{"payment_url":"first"},{"payment_url":"other"}],"order_url":"order","payment_url":"old"`, "first"},
		{`"transactions":[{"status":"new"}],"order_url":"order","payment_url":"old"`, "order"},
		{`"order_url":"order","payment_url":"old"`, "order"},
		{`"payment_url":"old"`, "old"},
		{`"transactions":[]`, ""},
	} {
		o, err := nopayn.ParseOrder(minimal(c.members))
		if err != nil {
			t.Fatal(err)
		}
		if got := o.PayURL(); got != c.want {
			t.Errorf("PayURL of {%s} = %q, want %q", c.members, got, c.want)
		}
	}
}
