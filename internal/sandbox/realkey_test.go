package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"webhookd/internal/sandbox"
)

const realKey = "0123456789abcdef0123456789abcdef"

func TestLooksReal(t *testing.T) {
	for key, real := range map[string]bool{
		realKey:                                true,
		"0123456789ABCDEF0123456789abcdef":     true,
		"01234567-89ab-cdef-0123-456789abcdef": true,
		"0123456789abcdef0123456789abcde":      false,
		"0123456789abcdef0123456789abcdef0":    false,
		"g123456789abcdef0123456789abcdef":     false,
		sandbox.DefaultAPIKey:                  false,
		"":                                     false,
	} {
		if sandbox.LooksReal(key) != real {
			t.Errorf("LooksReal(%q) = %v, want %v", key, !real, real)
		}
	}
}

func TestARealKeySentIsWarnedOfAndNotRepeated(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	s.key = realKey
	r := s.call("GET", "/v1/orders/x/", "")
	message, _ := r.object(t)["message"].(string)
	if r.status != http.StatusUnauthorized || !strings.Contains(message, "real key") || strings.Contains(r.text, realKey) {
		t.Errorf("a real key is answered %d %s, want 401 with a warning that does not repeat it", r.status, r.text)
	}
}

// TestNewTakesAnyKey shows that the gateway itself has no opinion of its own key: the guard of CONTRACT 12.12 is the
// command's, which refuses a key that looks real unless told otherwise.
func TestNewTakesAnyKey(t *testing.T) {
	s := newShop(t, sandbox.Config{APIKey: realKey})
	s.key = realKey
	s.wantStatus(s.order(nil), "new")
}
