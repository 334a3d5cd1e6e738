package nopayn_test

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"webhookd/internal/nopayn"
)

// vector is one entry of the fixture: amounts are texts there, since some are no integers.
type vector struct {
	Name      string
	Key       string
	Amount    string
	Currency  string
	OrderID   string `json:"order_id"`
	Message   string `json:"message_utf8_hex"`
	Signature string
}

func TestSignatureVectors(t *testing.T) {
	var first vector
	signable := 0
	for _, v := range fixtureCases[vector](t, "24_hmac_vectors.json") {
		if v.Name == "V1" {
			first = v
		}
		amount, err := strconv.ParseInt(v.Amount, 10, 64)
		if err != nil { // a text that no integer gives: it must only be another signature than ours
			if nopayn.VerifySignature(v.Key, 1295, v.Currency, v.OrderID, v.Signature) {
				t.Errorf("%s: the signature of amount %q passes for 1295", v.Name, v.Amount)
			}
			continue
		}
		signable++
		if want := hex.EncodeToString([]byte(fmt.Sprintf("%d:%s:%s", amount, v.Currency, v.OrderID))); v.Message != want {
			t.Errorf("%s: the fixture's message is not that of its parts", v.Name)
		}
		if got := nopayn.GenerateSignature(v.Key, amount, v.Currency, v.OrderID); got != v.Signature {
			t.Errorf("%s: signature %s, want %s", v.Name, got, v.Signature)
		}
		if !nopayn.VerifySignature(v.Key, amount, v.Currency, v.OrderID, v.Signature) {
			t.Errorf("%s: its signature does not pass", v.Name)
		}
		if v.Name != "V1" && v.Signature == first.Signature {
			t.Errorf("%s has the signature of V1", v.Name)
		}
	}
	if signable < 8 {
		t.Errorf("only %d vectors were tried", signable)
	}
}

func TestVerifySignatureRefuses(t *testing.T) {
	const key, amount, currency, id = "demo-api-key-0123456789abcdef", 1295, "EUR", orderID
	good := nopayn.GenerateSignature(key, amount, currency, id)
	if len(good) != 64 || good != nopayn.GenerateSignature(key, amount, currency, id) {
		t.Errorf("signature %q is not 64 digits, or differs from call to call", good)
	}
	c := dial(t, nopayn.Config{APIKey: key})
	if c.GenerateSignature(amount, currency, id) != good || !c.VerifySignature(amount, currency, id, good) {
		t.Error("the client signs otherwise than the function")
	}
	for name, signature := range map[string]string{
		"empty": "", "garbage": "garbage", "short": good[:63], "long": good + "0", "in capitals": strings.ToUpper(good),
		"with a space": " " + good[1:], "no hexadecimal": "x" + good[1:], "in Unicode": strings.Repeat("é", 32),
		"of another key": nopayn.GenerateSignature("other", amount, currency, id),
	} {
		if nopayn.VerifySignature(key, amount, currency, id, signature) ||
			c.VerifySignature(amount, currency, id, signature) {
			t.Errorf("a signature that is %s passes", name)
		}
	}
	if c.VerifySignature(1296, currency, id, good) || c.VerifySignature(amount, "GBP", id, good) ||
		c.VerifySignature(amount, currency, id+"x", good) {
		t.Error("a signature passes for another order")
	}
}
