package nopayn

import "errors"

// ErrInvalidID is returned for an id that does not satisfy ValidID. Nothing was sent.
var ErrInvalidID = errors.New("nopayn: invalid id")

const maxIDLength = 64

// ValidID reports whether id may be the id of an order or transaction: 1 to 64 of the characters A-Z, a-z, 0-9, "_"
// and "-" (CONTRACT 1.6). Such an id is safe as an element of a path. It need not be a UUID.
func ValidID(id string) bool {
	if id == "" || len(id) > maxIDLength {
		return false
	}
	for i := range len(id) {
		if !idByte(id[i]) {
			return false
		}
	}
	return true
}

func idByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || c == '-' || c == '_'
}
