package sandbox_test

import (
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/sandbox"
)

// client is this project's own client of a shop's gateway.
func (s *shop) client() *nopayn.Client {
	s.t.Helper()
	c, err := nopayn.New(nopayn.Config{APIKey: s.key, MerchantID: "merchant-1", BaseURL: s.base, HTTPClient: s.http})
	s.do(err)
	return c
}

// TestOwnClientUpdatesAnOrderWithLines sends an order back as the gateway showed it: strictly, with an id in each line.
func TestOwnClientUpdatesAnOrderWithLines(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	c, vat := s.client(), 2100
	made, err := c.CreateOrder(t.Context(), nopayn.NewOrder{
		Amount: 3490, Currency: "EUR",
		OrderLines: []nopayn.OrderLine{
			{MerchantOrderLineID: "line-1", Name: "Widget", Quantity: 2, Amount: 1495, Currency: "EUR", VATPercentage: &vat},
			{Type: "shipping_fee", MerchantOrderLineID: "line-2", Name: "Shipping", Quantity: 1, Amount: 500},
		},
		Transactions: []nopayn.NewTransaction{{PaymentMethod: "credit-card"}},
		Customer:     &nopayn.Customer{FirstName: "Ada", PhoneNumbers: []string{"+390600000000"}},
		Client:       &nopayn.ClientInfo{PlatformName: "DemoShop"},
		Extra:        map[string]any{"basket": "b-77"},
	})
	s.do(err)
	_, err = c.UpdateOrder(t.Context(), made.ID, nopayn.OrderUpdate{MerchantOrderID: new("ORDER-002")})
	s.do(err)
	read, err := c.GetOrder(t.Context(), made.ID)
	s.do(err)
	if read.MerchantOrderID != "ORDER-002" || string(read.OrderLines) != string(made.OrderLines) || len(read.OrderLines) == 0 {
		t.Errorf("the order reads %s", read.Raw)
	}
}
