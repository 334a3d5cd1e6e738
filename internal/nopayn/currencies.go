package nopayn

import (
	"context"
	"fmt"
	"net/http"
)

// Currencies says which payment methods the project has, and the currencies that each takes. A method that is not there
// cannot be used.
type Currencies struct {
	ByMethod map[string][]string
	Raw      []byte // the whole answer
}

// ProjectCurrencies reads what can be paid with (CONTRACT 2.11). The operation of its errors is "project_currencies".
func (c *Client) ProjectCurrencies(ctx context.Context) (*Currencies, error) {
	r := request{
		operation: "project_currencies", method: http.MethodGet,
		path: "/v1/merchants/self/projects/self/currencies/", read: true,
	}
	return call(ctx, c, r, decodeCurrencies)
}

func decodeCurrencies(answer reply) (*Currencies, error) {
	methods := answer.doc.member("payment_methods")
	if !methods.isObject() {
		return nil, fmt.Errorf("currencies: payment_methods: %w", errNotObject)
	}
	all := &Currencies{ByMethod: make(map[string][]string), Raw: answer.doc}
	for method, m := range methods.members() {
		currencies, err := list(m.member("currencies"), value.strictText)
		if err != nil { // without the method's name, which is the answer's
			return nil, fmt.Errorf("currencies of method %d: %w", len(all.ByMethod)+1, err)
		}
		all.ByMethod[string(method)] = currencies
	}
	return all, nil
}
