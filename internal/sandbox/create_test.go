package sandbox_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"webhookd/internal/sandbox"
)

// fixtures are the contract's examples.
const fixtures = "../nopayn/testdata/fixtures"

func TestCreateTakesTheFullRequest(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	full, err := os.ReadFile(filepath.Join(fixtures, "00_create_order_request_full.json"))
	s.do(err)
	r := s.call("POST", "/v1/orders/", string(full))
	if r.status != http.StatusCreated {
		t.Fatalf("status %d, want 201: %s", r.status, r.text)
	}
	var asked map[string]any
	s.do(json.Unmarshal(full, &asked))
	doc := r.object(t)
	for _, line := range doc["order_lines"].([]any) {
		if id, _ := line.(map[string]any)["id"].(string); id == "" {
			t.Errorf("order line %v has no id", line)
		}
		delete(line.(map[string]any), "id")
	}
	for name, value := range asked {
		if got, want := mustJSON(t, doc[name]), mustJSON(t, value); got != want {
			t.Errorf("%s is %s, want the echo %s", name, got, want)
		}
	}
}

func TestCreateRefusesAndNamesTheMember(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	line := func(members string) string {
		return `"order_lines":[{"merchant_order_line_id":"1","name":"Widget","quantity":1,"amount":5,` + members + `}]`
	}
	for _, c := range []struct {
		name, body, path string
	}{
		{"no amount", `{"currency":"EUR"}`, "amount"},
		{"amount 0", `{"amount":0,"currency":"EUR"}`, "amount"},
		{"amount below 0", `{"amount":-1,"currency":"EUR"}`, "amount"},
		{"amount with a point", `{"amount":12.95,"currency":"EUR"}`, "amount"},
		{"amount with an exponent", `{"amount":1e3,"currency":"EUR"}`, "amount"},
		{"amount as text", `{"amount":"1295","currency":"EUR"}`, "amount"},
		{"amount null", `{"amount":null,"currency":"EUR"}`, "amount"},
		{"amount beyond 64 bits", `{"amount":9223372036854775808,"currency":"EUR"}`, "amount"},
		{"no currency", `{"amount":1}`, "currency"},
		{"currency in small letters", `{"amount":1,"currency":"eur"}`, "currency"},
		{"unknown currency", `{"amount":1,"currency":"ABC"}`, "currency"},
		{"two currencies' letters", `{"amount":1,"currency":"D A"}`, "currency"},
		{"blank reference", with(`"merchant_order_id":"  "`), "merchant_order_id"},
		{"null reference", with(`"merchant_order_id":null`), "merchant_order_id"},
		{"reference as number", with(`"merchant_order_id":7`), "merchant_order_id"},
		{"empty description", with(`"description":""`), "description"},
		{"relative return URL", with(`"return_url":"/success"`), "return_url"},
		{"return URL of a script", with(`"return_url":"javascript:alert(1)"`), "return_url"},
		{"webhook URL without a host", with(`"webhook_url":"https:///x"`), "webhook_url"},
		{"null failure URL", with(`"failure_url":null`), "failure_url"},
		{"methods as text", with(`"payment_methods":"credit-card"`), "payment_methods"},
		{"null method", with(`"payment_methods":["credit-card",null]`), "payment_methods[1]"},
		{"period in words", with(`"expiration_period":"30 minutes"`), "expiration_period"},
		{"period of nothing", with(`"expiration_period":"PT0S"`), "expiration_period"},
		{"period without parts", with(`"expiration_period":"PT"`), "expiration_period"},
		{"unknown capture mode", with(`"capture_mode":"later"`), "capture_mode"},
		{"delayed without a period", with(`"capture_mode":"delayed"`), "expiration_period"},
		{"transaction without a method", with(`"transactions":[{}]`), "transactions[0].payment_method"},
		{
			"details as an empty list",
			with(`"transactions":[{"payment_method":"credit-card","payment_method_details":[]}]`),
			"transactions[0].payment_method_details",
		},
		{"line without an id", with(`"order_lines":[{"name":"x"}]`), "order_lines[0].merchant_order_line_id"},
		{
			"lines with one id",
			with(`"order_lines":[{"merchant_order_line_id":"1","name":"a","quantity":1,"amount":5},
				{"merchant_order_line_id":"1","name":"b","quantity":1,"amount":5}]`),
			"order_lines[1].merchant_order_line_id",
		},
		{"VAT above 100 percent", with(line(`"vat_percentage":10001`)), "order_lines[0].vat_percentage"},
		{"VAT below 0", with(line(`"vat_percentage":-1`)), "order_lines[0].vat_percentage"},
		{"unknown member of a line", with(line(`"colour":"red"`)), "order_lines[0].colour"},
		{"read-only member of a line", with(line(`"id":"1"`)), "order_lines[0].id"},
		{"customer as a list", with(`"customer":[]`), "customer"},
		{"null in the customer", with(`"customer":{"first_name":null}`), "customer.first_name"},
		{"country in words", with(`"customer":{"country":"Italy"}`), "customer.country"},
		{"null telephone number", with(`"customer":{"phone_numbers":[null]}`), "customer.phone_numbers[0]"},
		{
			"null in another address", with(`"customer":{"additional_addresses":[{"address":"x"},{"country":null}]}`),
			"customer.additional_addresses[1].country",
		},
		{"null in extra", with(`"extra":{"basket":null}`), "extra.basket"},
		{"null deep in extra", with(`"extra":{"a":[{"b":null}]}`), "extra.a[0].b"},
		{"null in a list of extra", with(`"extra":{"a":[1,null]}`), "extra.a[1]"},
		{"blank platform", with(`"client":{"platform_name":" "}`), "client.platform_name"},
		{"extra as text", with(`"extra":"b-77"`), "extra"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.call("POST", "/v1/orders/", c.body)
			no, _ := r.object(t)["error"].(map[string]any)
			if r.status != http.StatusBadRequest || no["property_path"] != c.path {
				t.Fatalf("status %d about %v, want 400 about %s: %s", r.status, no["property_path"], c.path, r.text)
			}
			for _, member := range []string{"value", "type", "property_description"} {
				if text, _ := no[member].(string); text == "" {
					t.Errorf("error has no %s: %s", member, r.text)
				}
			}
			if no["status"] != 400.0 {
				t.Errorf("error status is %v, want 400", no["status"])
			}
		})
	}
}

// with returns a request with more members than the required ones.
func with(members string) string { return `{"amount":1,"currency":"EUR",` + members + `}` }

func TestCreateRefusesAnInactiveMethodInShapeB(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, body := range []string{
		with(`"payment_methods":["credit-card","ideal"]`), with(`"transactions":[{"payment_method":"ideal"}]`),
	} {
		r := s.call("POST", "/v1/orders/", body)
		doc := r.object(t)
		message, _ := doc["message"].(string)
		if _, flat := doc["error"].(string); r.status != 400 || !flat || !strings.Contains(message, "ideal") {
			t.Errorf("%s: status %d, %s, want 400 in shape B naming the method", body, r.status, r.text)
		}
	}
}

func TestCreateRefusesWhatIsNoObject(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for body, status := range map[string]int{
		"": 400, "null": 400, "[]": 400, `"x"`: 400, minimal + "x": 400, `{"amount":`: 400,
		`{"description":"` + strings.Repeat("x", 1<<20) + `"}`: 413,
	} {
		r := s.call("POST", "/v1/orders/", body)
		if _, nested := r.object(t)["error"].(map[string]any); r.status != status || !nested {
			t.Errorf("create with %.20q: status %d, want %d in shape A: %s", body, r.status, status, r.text)
		}
	}
}

func TestCreateTakesWhatTheContractLeavesOpen(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, body := range []string{
		`{"amount":9223372036854775807,"currency":"JPY"}`,
		with(`"expiration_period":"P0Y0M0DT0H15M0S"`),
		with(`"expiration_period":"PT60M","capture_mode":"delayed"`),
		with(`"order_lines":[],"payment_methods":[],"transactions":[]`),
		with(`"customer":{"email":"ada@example.com"}`),
		with(`"unknown":true`),
	} {
		if r := s.call("POST", "/v1/orders/", body); r.status != http.StatusCreated {
			t.Errorf("create with %s: status %d, want 201: %s", body, r.status, r.text)
		}
	}
}

func TestOrdersOfAProductionKeyAreNoTests(t *testing.T) {
	s := newShop(t, sandbox.Config{Production: true})
	if flags := mustJSON(t, s.read(s.order(nil))["flags"]); flags != "[]" {
		t.Errorf("flags %s, want none", flags)
	}
}
