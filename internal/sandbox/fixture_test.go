package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"webhookd/internal/sandbox"
)

// TestAnswersHaveTheShapeOfTheFixtures compares what a GET shows with the contract's examples: every member of theirs
// is there, and is of the same kind.
func TestAnswersHaveTheShapeOfTheFixtures(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	hosted := map[string]any{
		"merchant_order_id": "ORDER-001", "description": "Premium widget", "locale": "en-GB",
		"return_url": "https://shop.example.com/success", "failure_url": "https://shop.example.com/failure",
		"webhook_url": newReceiver(t, http.StatusOK).url,
	}
	prepared := withMembers(hosted, map[string]any{
		"transactions": []any{map[string]any{"payment_method": "credit-card"}},
	})
	manual := withMembers(hosted, map[string]any{"capture_mode": "manual", "expiration_period": "P7D"})

	for _, c := range []struct {
		fixture string
		fields  map[string]any
		walk    func(id string) (shown string, err error)
	}{
		{"01_order_new_hpp", hosted, same(func(string) error { return nil })},
		{"02_order_new_with_transaction", prepared, same(func(string) error { return nil })},
		{"04_order_completed", hosted, same(s.paid)},
		{"05_order_completed_authorization_only", manual, same(s.paid)},
		{"06_order_completed_captured", manual, same(s.paid, func(id string) error { return s.g.Capture(id, 1295) })},
		{"07_order_completed_voided", manual, same(s.paid, s.g.Void)},
		{"08_order_cancelled", prepared, same(s.g.Cancel)},
		{"09_order_expired_no_transactions", hosted, same(s.g.Expire)},
		{"10_order_error_with_reason", hosted, same(s.g.Fail)},
		{"11_order_completed_with_refunds", hosted, same(s.paid, func(id string) error {
			_, err := s.g.Refund(id, 500)
			return err
		})},
		{"12_refund_response_order_like", hosted, func(id string) (string, error) {
			s.do(s.paid(id))
			return s.g.Refund(id, 500)
		}},
		{"18_order_completed_charged_back", hosted, same(s.paid, func(id string) error {
			_, err := s.g.Chargeback(id)
			return err
		})},
	} {
		t.Run(c.fixture, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(fixtures, c.fixture+".json"))
			s.do(err)
			var want map[string]any
			s.do(json.Unmarshal(text, &want))
			id, err := c.walk(s.order(c.fields))
			s.do(err)
			path := "/v1/orders/" + id + "/"
			if _, asked := want["amount_details"]; asked {
				path += "?fields[]=amount_details"
			}
			got := s.call("GET", path, "").object(t)
			for _, difference := range shapeDiff("", got, want) {
				t.Error(difference)
			}
			for _, name := range []string{"status", "flags", "amount", "currency", "amount_details"} {
				if got, want := mustJSON(t, got[name]), mustJSON(t, want[name]); got != want {
					t.Errorf("%s is %s, want %s", name, got, want)
				}
			}
		})
	}
}

func (s *shop) paid(id string) error { return s.g.Pay(id, sandbox.CardVisa) }

// same walks an order through steps and shows that order.
func same(steps ...func(id string) error) func(string) (string, error) {
	return func(id string) (string, error) {
		for _, step := range steps {
			if err := step(id); err != nil {
				return "", err
			}
		}
		return id, nil
	}
}

func withMembers(base, more map[string]any) map[string]any {
	all := make(map[string]any)
	for _, part := range []map[string]any{base, more} {
		for name, value := range part {
			all[name] = value
		}
	}
	return all
}

// shapeDiff says where got lacks a member of want, or has one of another kind. Null stands for any kind.
func shapeDiff(path string, got, want any) []string {
	var found []string
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			return []string{path + " is no object"}
		}
		for name, value := range want {
			member, present := got[name]
			if !present {
				found = append(found, path+"."+name+" is missing")
				continue
			}
			found = append(found, shapeDiff(path+"."+name, member, value)...)
		}
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) < len(want) {
			return []string{fmt.Sprintf("%s is no list of at least %d", path, len(want))}
		}
		for i := range want {
			found = append(found, shapeDiff(fmt.Sprintf("%s[%d]", path, i), got[i], want[i])...)
		}
	case nil:
	default:
		if got != nil && fmt.Sprintf("%T", got) != fmt.Sprintf("%T", want) {
			found = append(found, fmt.Sprintf("%s is %v, want a value like %v", path, got, want))
		}
	}
	return found
}
