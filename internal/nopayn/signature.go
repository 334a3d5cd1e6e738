package nopayn

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// GenerateSignature signs an order's amount (minor units), currency and id with the API key: HMAC-SHA256 over
// "amount:currency:id", as 64 lower-case hexadecimal digits (CONTRACT 6). The parts are signed as they are, with no
// regard to case or to Unicode forms.
//
// Only the merchant himself makes and checks such signatures; nothing that the gateway sends carries one.
func GenerateSignature(apiKey string, amount int64, currency, orderID string) string {
	return hex.EncodeToString(sign(apiKey, amount, currency, orderID))
}

// VerifySignature reports whether signature is the one that GenerateSignature makes, in constant time. It takes exactly
// 64 lower-case hexadecimal digits and nothing else.
func VerifySignature(apiKey string, amount int64, currency, orderID, signature string) bool {
	want := GenerateSignature(apiKey, amount, currency, orderID)
	return hmac.Equal([]byte(want), []byte(signature))
}

// GenerateSignature is the package's GenerateSignature with the client's key.
func (c *Client) GenerateSignature(amount int64, currency, orderID string) string {
	return GenerateSignature(c.credentials().key, amount, currency, orderID)
}

// VerifySignature is the package's VerifySignature with the client's key.
func (c *Client) VerifySignature(amount int64, currency, orderID, signature string) bool {
	return VerifySignature(c.credentials().key, amount, currency, orderID, signature)
}

func sign(apiKey string, amount int64, currency, orderID string) []byte {
	mac := hmac.New(sha256.New, []byte(apiKey))
	message := strconv.FormatInt(amount, 10) + ":" + currency + ":" + orderID
	_, _ = mac.Write([]byte(message)) // a hash takes all
	return mac.Sum(nil)
}
