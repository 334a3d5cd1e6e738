package nopayn_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"webhookd/internal/nopayn"
)

// sendsNothing is a client whose test fails when it sends.
func sendsNothing(t *testing.T) *nopayn.Client {
	return dial(t, nopayn.Config{HTTPClient: respond(func(*http.Request) (*http.Response, error) {
		t.Error("it was sent")
		return nil, io.EOF
	})})
}

// fields lists what a ValidationError names; it fails for anything else.
func fields(t *testing.T, err error) string {
	t.Helper()
	wrong, ok := errors.AsType[*nopayn.ValidationError](err)
	if !ok || !nopayn.NotDone(err) {
		t.Fatalf("error %v of type %T, want a ValidationError", err, err)
	}
	var names []string
	for _, p := range wrong.Problems {
		names = append(names, p.Field)
		if !strings.Contains(err.Error(), p.Field+" "+p.Problem) {
			t.Errorf("%q does not tell of %+v", err, p)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestCreateOrderChecksFirst(t *testing.T) {
	const private = "Ada-Rossi-private"
	rate := 10_001
	line := nopayn.OrderLine{MerchantOrderLineID: "l", Name: "Cup", Quantity: 1, Amount: 1}
	for _, c := range []struct {
		name   string
		change func(*nopayn.NewOrder)
		want   string
	}{
		{"nothing wrong", func(*nopayn.NewOrder) {}, ""},
		{"amount 0", func(o *nopayn.NewOrder) { o.Amount = 0 }, "amount"},
		{"amount below 0", func(o *nopayn.NewOrder) { o.Amount = -1 }, "amount"},
		{"no currency", func(o *nopayn.NewOrder) { o.Currency = "" }, "currency"},
		{"currency in small letters", func(o *nopayn.NewOrder) { o.Currency = "eur" }, "currency"},
		{"currency of two", func(o *nopayn.NewOrder) { o.Currency = "EU" }, "currency"},
		{"a field shift", func(o *nopayn.NewOrder) { o.Currency = "EUR:x" }, "currency"},
		{"blank reference", func(o *nopayn.NewOrder) { o.MerchantOrderID = " " }, "merchant_order_id"},
		{"blank description", func(o *nopayn.NewOrder) { o.Description = "\t" }, "description"},
		{
			"URLs", func(o *nopayn.NewOrder) { o.ReturnURL, o.FailureURL, o.WebhookURL = "/back", "ftp://x", "https://" },
			"failure_url return_url webhook_url",
		},
		{"locale", func(o *nopayn.NewOrder) { o.Locale = "en_GB" }, "locale"},
		{"a language alone", func(o *nopayn.NewOrder) { o.Locale = "en" }, "locale"},
		{"no period", func(o *nopayn.NewOrder) { o.ExpirationPeriod = "30m" }, "expiration_period"},
		{"a period of nothing", func(o *nopayn.NewOrder) { o.ExpirationPeriod = "PT0M" }, "expiration_period"},
		{"a bare P", func(o *nopayn.NewOrder) { o.ExpirationPeriod = "P" }, "expiration_period"},
		{"delayed for how long", func(o *nopayn.NewOrder) { o.CaptureMode = nopayn.CaptureDelayed }, "capture_mode"},
		{"a capture mode", func(o *nopayn.NewOrder) { o.CaptureMode = "later" }, "capture_mode"},
		{"blank method", func(o *nopayn.NewOrder) { o.PaymentMethods = []string{"credit-card", ""} }, "payment_methods[1]"},
		{
			"a transaction",
			func(o *nopayn.NewOrder) { o.Transactions = []nopayn.NewTransaction{{RecurringType: "often"}} },
			"transactions[0].payment_method transactions[0].recurring_type",
		},
		{
			"empty details",
			func(o *nopayn.NewOrder) {
				o.Transactions = []nopayn.NewTransaction{{PaymentMethod: "x", Details: map[string]any{"a": nil, "b": []int{}}}}
			},
			"transactions[0].payment_method_details.a transactions[0].payment_method_details.b",
		},
		{
			"the same line twice", func(o *nopayn.NewOrder) { o.OrderLines = []nopayn.OrderLine{line, line} },
			"order_lines[1].merchant_order_line_id",
		},
		{
			"an empty line", func(o *nopayn.NewOrder) { o.OrderLines = []nopayn.OrderLine{{}} },
			"order_lines[0].merchant_order_line_id order_lines[0].name order_lines[0].quantity",
		},
		{
			"rates", func(o *nopayn.NewOrder) {
				l := line
				l.VATPercentage, l.DiscountRate = &rate, &rate
				o.OrderLines = []nopayn.OrderLine{l}
			},
			"order_lines[0].discount_rate order_lines[0].vat_percentage",
		},
		{
			"customer",
			func(o *nopayn.NewOrder) {
				o.Customer = &nopayn.Customer{Country: private, Gender: private, AddressType: private, PhoneNumbers: []string{""}}
			},
			"customer.address_type customer.country customer.gender customer.phone_numbers[0]",
		},
		{
			"further addresses",
			func(o *nopayn.NewOrder) {
				o.Customer = &nopayn.Customer{AdditionalAddresses: []nopayn.Address{
					{AddressType: "billing", Country: "IT"}, {AddressType: private, Country: "it"},
				}}
			},
			"customer.additional_addresses[1].address_type customer.additional_addresses[1].country",
		},
		{
			"the kind of a line", func(o *nopayn.NewOrder) {
				l := line
				l.Type = private
				o.OrderLines = []nopayn.OrderLine{l}
			},
			"order_lines[0].type",
		},
		{
			"recurring without a token",
			func(o *nopayn.NewOrder) {
				o.Transactions = []nopayn.NewTransaction{{PaymentMethod: "credit-card", RecurringType: "recurring"}}
			},
			"transactions[0].vault_token",
		},
		{"an empty customer", func(o *nopayn.NewOrder) { o.Customer = &nopayn.Customer{} }, "customer"},
		{"null in extra", func(o *nopayn.NewOrder) { o.Extra = map[string]any{"a": map[string]any{"b": nil}} }, "extra"},
		{"no JSON in extra", func(o *nopayn.NewOrder) { o.Extra = map[string]any{"a": make(chan int)} }, "body extra"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := nopayn.NewOrder{Amount: 1295, Currency: "EUR"}
			c.change(&o)
			err := o.Validate()
			if c.want == "" {
				if err != nil {
					t.Errorf("Validate: %v", err)
				}
				return
			}
			if got := fields(t, err); got != c.want {
				t.Errorf("Validate names %s, want %s", got, c.want)
			}
			if strings.Contains(err.Error(), private) {
				t.Errorf("%q quotes what the customer told", err)
			}
			if _, sent := sendsNothing(t).CreateOrder(t.Context(), o); sent == nil || sent.Error() != err.Error() {
				t.Errorf("CreateOrder: %v, want %v", sent, err)
			}
		})
	}
}

func TestOtherCallsCheckFirst(t *testing.T) {
	c := sendsNothing(t)
	ctx := t.Context()
	for name, c := range map[string]struct {
		call func() error
		want string
	}{
		"get":    {func() error { _, err := c.GetOrder(ctx, "../x"); return err }, "order_id"},
		"cancel": {func() error { _, err := c.CancelOrder(ctx, ""); return err }, "order_id"},
		"list": {func() error {
			_, err := c.ListOrders(ctx, time.Unix(2, 0), time.Unix(1, 0))
			return err
		}, "created_until"},
		"update": {func() error { _, err := c.UpdateOrder(ctx, orderID, nopayn.OrderUpdate{}); return err }, "update"},
		"blank": {func() error {
			_, err := c.UpdateOrder(ctx, orderID, nopayn.OrderUpdate{Description: new(" ")})
			return err
		}, "description"},
		"refund": {func() error { _, err := c.CreateRefund(ctx, "/", nopayn.NewRefund{}); return err }, "amount order_id"},
		"capture": {func() error {
			_, err := c.Capture(ctx, "", "?", nopayn.Movement{Amount: -1})
			return err
		}, "amount order_id transaction_id"},
		"both": {func() error {
			_, err := c.Capture(ctx, orderID, attemptID, nopayn.Movement{Amount: 1, LineID: "l", Quantity: 1})
			return err
		}, "amount"},
		"lineless": {func() error {
			_, err := c.Capture(ctx, orderID, attemptID, nopayn.Movement{Quantity: 1})
			return err
		}, "order_line.merchant_order_line_id"},
		"quantity": {func() error {
			_, err := c.Void(ctx, orderID, attemptID, nopayn.Movement{LineID: "l"})
			return err
		}, "order_line.quantity"},
		"void": {func() error { _, err := c.Void(ctx, orderID, attemptID, nopayn.Movement{}); return err }, "amount"},
		"void with words": {func() error {
			_, err := c.Void(ctx, orderID, attemptID, nopayn.Movement{Description: "x"})
			return err
		}, "amount description"},
		"capture with words": {func() error {
			_, err := c.Capture(ctx, orderID, attemptID, nopayn.Movement{Description: "all"})
			return err
		}, "description"},
		"a header in a tag": {func() error {
			_, err := c.Capture(ctx, orderID, attemptID, nopayn.Movement{IfMatch: "\"7\"\r\nX-Evil: 1"})
			return err
		}, "if_match"},
		"a tag with a tail": {func() error {
			_, err := c.Void(ctx, orderID, attemptID, nopayn.Movement{Amount: 1, IfMatch: "\"7\" "})
			return err
		}, "if_match"},
		"a tag beyond ASCII": {func() error {
			_, err := c.Void(ctx, orderID, attemptID, nopayn.Movement{Amount: 1, IfMatch: `"è"`})
			return err
		}, "if_match"},
		"link": {func() error {
			_, err := c.CreatePaymentLink(ctx, nopayn.NewPaymentLink{})
			return err
		}, "amount currency merchant_order_id"},
		"get link": {func() error { _, err := c.GetPaymentLink(ctx, "a/b"); return err }, "payment_link_id"},
		"search": {func() error {
			_, err := c.SearchOrders(ctx, map[string]any{"a": make(chan int)})
			return err
		}, "query"},
		"new": {func() error {
			_, err := nopayn.New(nopayn.Config{Retry: nopayn.Retry{Attempts: -1}})
			return err
		}, "APIKey MerchantID Retry"},
	} {
		if got := fields(t, c.call()); got != c.want {
			t.Errorf("%s: names %s, want %s", name, got, c.want)
		}
	}
	if _, err := c.GetOrder(ctx, ""); !errors.Is(err, nopayn.ErrInvalidID) {
		t.Errorf("a bad id: %v, want ErrInvalidID", err)
	}
	if got := nopayn.Period(30 * time.Minute); got != "PT1800S" {
		t.Errorf("Period = %s", got)
	}
}
