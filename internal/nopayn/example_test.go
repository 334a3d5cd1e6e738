package nopayn_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/sandbox"
)

// The quick start of the official Python SDK's page, in Go. The gateway here is the sandbox.
func Example() {
	gateway := sandbox.New(sandbox.Config{APIKey: "your-api-key"})
	server := httptest.NewServer(gateway.Handler())
	defer server.Close()
	defer gateway.Close()
	gateway.SetPublicURL(server.URL)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	client, err := nopayn.New(nopayn.Config{
		APIKey:     "your-api-key",
		MerchantID: "your-project",
		BaseURL:    server.URL, // left out: https://api.nopayn.co.uk
	})
	if err != nil {
		log.Fatal(err)
	}
	result, err := client.GeneratePaymentURL(ctx, nopayn.NewOrder{
		Amount:           1295, // EUR 12.95 in cents
		Currency:         "EUR",
		MerchantOrderID:  "ORDER-001",
		Description:      "Premium Widget",
		ReturnURL:        "https://shop.example.com/success",
		FailureURL:       "https://shop.example.com/failure",
		Locale:           "en-GB",
		ExpirationPeriod: nopayn.Period(30 * time.Minute),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.OrderURL != "", result.PayURL != "")
	fmt.Println(client.VerifySignature(1295, "EUR", result.OrderID, result.Signature))

	if err := gateway.Pay(result.OrderID, sandbox.CardVisa); err != nil { // the customer does, on the page
		log.Fatal(err)
	}
	verified, err := client.VerifyWebhook(ctx, []byte(`{"event":"status_changed","order_id":"`+result.OrderID+`"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verified.Order.Status, verified.IsFinal)

	refund, err := client.CreateRefund(ctx, result.OrderID, nopayn.NewRefund{Amount: 500, Description: "Damaged"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(refund.Amount, refund.Accepted())
	// Output:
	// true true
	// true
	// completed true
	// 500 true
}
