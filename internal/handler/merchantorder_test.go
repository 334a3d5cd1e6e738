package handler_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/store"
)

// TestMerchantOrder asks for references of all sorts, escaped as clients do.
func TestMerchantOrder(t *testing.T) {
	var asked string
	f := newFake()
	found := f.merchant
	f.merchant = func(ref string) (store.MerchantOrder, error) {
		asked = ref
		return found(ref)
	}
	s := start(t, config(), f)
	for _, ref := range []string{
		"A-17", "2026/11/17", "/", "//", "a b", " a", "ordre nº 5 – ærø", "注文17", "100%", "%2F", "a+b", "a?b=c", "#1",
		"a&b",
		".", "..", "../orders", "a;b", `"quoted"`, "<b>", `\`, "{id}", "*", "😀", strings.Repeat("ö", 255),
	} {
		var got store.MerchantOrder
		wantBody(t, s.get("/v1/merchant-orders/"+url.PathEscape(ref)), http.StatusOK, &got)
		want, _ := found(ref)
		if diff := cmp.Diff(want, got); diff != "" || asked != ref {
			t.Errorf("%q: asked for %q (-want +got):\n%s", ref, asked, diff)
		}
	}
}

func TestMerchantOrderWithoutOrders(t *testing.T) {
	f := newFake()
	f.merchant = func(string) (store.MerchantOrder, error) {
		return store.MerchantOrder{}, fmt.Errorf("a reference: %w", store.ErrNotFound)
	}
	s := start(t, config(), f)
	p := wantProblem(t, s.get("/v1/merchant-orders/nobody%2Fs"), http.StatusNotFound, "not_found")
	if !strings.Contains(p["detail"].(string), "reference") {
		t.Errorf("detail %q speaks of something else", p["detail"])
	}
	wantProblem(t, s.get("/v1/merchant-orders/"), http.StatusNotFound, "not_found")
	wantProblem(t, s.do("GET", "/v1/merchant-orders/a", ""), http.StatusUnauthorized, "unauthorized")
}
