package operation

import (
	"crypto/sha256"
	"encoding/json"
)

// fingerprint is a hash of the parts of a request, so that what a customer wrote need not be kept. Equal requests have
// equal fingerprints, and others do not.
func fingerprint(parts ...any) []byte {
	text, err := json.Marshal(parts)
	if err != nil { // cannot be: the parts are strings, numbers and what came as JSON
		panic("operation: fingerprint: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return sum[:]
}
