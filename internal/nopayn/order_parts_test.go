package nopayn_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/nopayn"
)

func TestLines(t *testing.T) {
	o, err := nopayn.ParseOrder(minimal(`"order_lines":[
		{"id":"l-1","type":"physical","merchant_order_line_id":"line-1","name":"Caff\u00e8","quantity":2,"amount":1495,
		"currency":"EUR","vat_percentage":2100,"discount_rate":0,"ean":"1","url":"u","image_url":"i","new":{}},
		{"type":"discount","name":null,"Name":"NAME","quantity":1,"amount":-500,"vat_percentage":"21"}]`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.Lines()
	want := []nopayn.OrderLine{
		{
			ID: "l-1", Type: "physical", MerchantOrderLineID: "line-1", Name: "Caffè", Quantity: 2, Amount: 1495,
			Currency: "EUR", VATPercentage: new(2100), DiscountRate: new(0), EAN: "1", URL: "u", ImageURL: "i",
		},
		{Type: "discount", Quantity: 1, Amount: -500},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Lines: %v, and differ (-want +got):\n%s", err, diff)
	}
	if none, err := new(nopayn.Order).Lines(); none != nil || err != nil {
		t.Errorf("without lines: %v, %v", none, err)
	}
	for lines, at := range map[string]string{
		`[{}, 1]`: "item 1", `[{"quantity":"` + customer + `"}]`: "item 0: quantity", `[{"amount":1.5}]`: "item 0: amount",
		`[{"quantity":1e3}]`: "item 0: quantity", `[{"quantity":99999999999}]`: "item 0: quantity",
		`[{"amount":1,"amount":2}]`: "item 0: amount", `{}`: "order_lines", `[`: "order_lines", ``: "order_lines",
	} {
		got, err := (&nopayn.Order{OrderLines: []byte(lines)}).Lines()
		if err == nil || !strings.Contains(err.Error(), at) || strings.Contains(err.Error(), customer) {
			t.Errorf("lines %s: %v, %v, want an error that names %s", lines, got, err, at)
		}
	}
}

func TestCustomerData(t *testing.T) {
	o, err := nopayn.ParseOrder(minimal(`"customer":{"merchant_customer_id":"c","email_address":"e",
		"first_name":"Niccol\u00f2","last_name":"l","address_type":"billing","address":"a",
		"housenumber":"1","postal_code":"p","country":"IT",
		"phone_numbers":["+39",7],"locale":"it_IT","ip_address":"192.0.2.1","user_agent":"u","forwarded_ip":"f",
		"referrer":"r","gender":"male","birthdate":"2000-01-02","Email_Address":"other",
		"additional_addresses":[{"address_type":"delivery","address":"a","housenumber":"2","postal_code":"q",
		"country":"NO"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	c := o.CustomerData()
	for _, v := range []reflect.Value{reflect.ValueOf(*c), reflect.ValueOf(c.AdditionalAddresses[0])} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s.%s is not read", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
	if c.FirstName != "Niccolò" || c.EmailAddress != "e" || len(c.PhoneNumbers) != 1 ||
		c.AdditionalAddresses[0].Country != "NO" {
		t.Errorf("CustomerData = %+v", c)
	}
	for _, raw := range []string{"", "null", "[]", "{"} {
		if c := (&nopayn.Order{Customer: []byte(raw)}).CustomerData(); c != nil {
			t.Errorf("customer %q reads %+v", raw, c)
		}
	}
}
