package sandbox

import (
	"net/http"
	"strings"
)

// showProject answers who the key belongs to (CONTRACT 2, no. 17). The contract names no members; these are the ones a
// shop could want, and the status is the old word for a sandbox website (CONTRACT 1.1).
func (g *Gateway) showProject(w http.ResponseWriter, _ *http.Request) error {
	status := "active-testing"
	if g.production {
		status = "active"
	}
	return writeObject(w, http.StatusOK, map[string]any{
		"id": g.projectID, "merchant_id": g.merchantID, "status": status,
	})
}

// showCurrencies answers which methods the project has, and in which currencies (CONTRACT 2.11).
func (g *Gateway) showCurrencies(w http.ResponseWriter, _ *http.Request) error {
	methods := make(map[string]any)
	for _, m := range activeMethods() {
		currencies := m.currencies
		if len(currencies) == 0 {
			currencies = strings.Fields(isoCurrencies)
		}
		methods[m.name] = map[string]any{"currencies": currencies}
	}
	return writeObject(w, http.StatusOK, map[string]any{"payment_methods": methods})
}
