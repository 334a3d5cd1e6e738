package nopayn

import (
	"context"
	"fmt"
	"net/http"
)

// ProjectCurrencies reads which payment methods the project has, and the currencies that each takes (CONTRACT 2.11). A
// method that is not there cannot be used. The operation of its errors is "project_currencies".
func (c *Client) ProjectCurrencies(ctx context.Context) (map[string][]string, error) {
	r := request{
		operation: "project_currencies", method: http.MethodGet,
		path: "/v1/merchants/self/projects/self/currencies/", read: true,
	}
	return call(ctx, c, r, func(answer reply) (map[string][]string, error) { return decodeCurrencies(answer.doc) })
}

func decodeCurrencies(doc value) (map[string][]string, error) {
	methods := doc.member("payment_methods")
	if !methods.isObject() {
		return nil, fmt.Errorf("currencies: payment_methods: %w", errNotObject)
	}
	all := make(map[string][]string)
	for method, m := range methods.members() {
		currencies, err := list(m.member("currencies"), value.strictText)
		if err != nil {
			return nil, fmt.Errorf("currencies: %s: %w", method, err)
		}
		all[string(method)] = currencies
	}
	return all, nil
}
