package main

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"
)

// stub is a gateway that knows every order, as paid, and does nothing else: so that what is measured is webhookd, and
// not the sandbox beside it.
type stub struct {
	*httptest.Server

	delay atomic.Int64 // of each answer, in nanoseconds
	calls atomic.Int64
}

// newStub starts a stub that speaks HTTP/1.1, or, over TLS, HTTP/2.
func newStub(tls bool) *stub {
	s := &stub{}
	s.Server = httptest.NewUnstartedServer(s)
	s.EnableHTTP2 = tls
	if tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	return s
}

// certificate is what a client has to trust, as PEM; empty without TLS.
func (s *stub) certificate() []byte {
	if s.Certificate() == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

// ServeHTTP answers a GET of an order.
func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	if !pause(r.Context(), time.Duration(s.delay.Load())) {
		return
	}
	id := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/v1/orders/"), "/")
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, paidOrder, id, id)
}

// paidOrder is what the gateway says of an order that was paid by card, without what webhookd does not read.
const paidOrder = `{"id":%q,"amount":1295,"currency":"EUR","status":"completed","merchant_order_id":null,` +
	`"created":"2026-03-02T09:12:49.673493+00:00","modified":"2026-03-02T09:14:05.100000+00:00",` +
	`"completed":"2026-03-02T09:14:05.100000+00:00","expiration_period":"PT30M","description":"Premium widget",` +
	`"project_id":"322a571c-4b31-40cb-a82c-bfa24392bbaa","merchant_id":"716cabe7-70a2-49f0-b739-562be4ec14b0",` +
	`"order_url":"https://pay.example.com/pay/","return_url":"https://shop.example.com/thanks","transactions":[` +
	`{"id":%q,"amount":1295,"currency":"EUR","status":"completed",` +
	`"payment_method":"credit-card","payment_method_brand":"visa","credit_debit":"credit","balance":"test",` +
	`"created":"2026-03-02T09:13:49.673493+00:00","modified":"2026-03-02T09:14:05.100000+00:00",` +
	`"completed":"2026-03-02T09:14:05.1+00:00"}]}`
