package handler

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// webhookPath is where webhooks come in when there are no tokens.
const webhookPath = "/webhooks/costplus"

// routes is the whole surface.
func routes(c Config, in *intake, a *api) http.Handler {
	r := chi.NewRouter()
	r.Use(clientAddress(c.TrustedProxies)...)
	r.Use(exchanges(c.Log), anyMethod, middleware.GetHead)
	r.NotFound(notFound)
	r.MethodNotAllowed(methodNotAllowed)

	// All methods, because a wrong token is 404 for each of them.
	r.Handle(in.path(), in)

	doc := newAPI(r, c.Version)
	serve(a, doc, ScopeWrite, huma.Operation{
		Method: http.MethodPut, Path: "/v1/orders/{id}", OperationID: "register-order", Summary: "Register an order",
		Description: registerDoc, Errors: []int{400, 409, 413},
	}, a.registerOrder)
	serveWaiting(a, doc, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/orders/{id}", OperationID: "get-order", Summary: "One order",
		Description: orderDoc, Errors: lookErrors(),
	}, a.order)
	serveWaiting(a, doc, ScopeWrite, huma.Operation{
		Method: http.MethodPost, Path: "/v1/orders/{id}/refresh", OperationID: "refresh-order",
		Summary: "Look at an order now", Description: refreshDoc, Errors: lookErrors(400, 413),
	}, a.refresh)
	serve(a, doc, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/orders", OperationID: "list-orders", Summary: "Orders",
		Description: ordersDoc,
	}, a.list)
	serve(a, doc, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/orders/{id}/history", OperationID: "get-order-history",
		Summary: "All events of one order, oldest first", Description: historyDoc, Errors: []int{404},
		Responses: written[eventList](doc),
	}, a.history)
	serve(a, doc, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/merchant-orders/{ref}", OperationID: "get-merchant-order",
		Summary: "One verdict for a shop order", Description: merchantOrderDoc, Errors: []int{404},
	}, a.merchantOrder)
	serve(a, doc, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/events", OperationID: "list-events", Summary: "The feed",
		Description: eventsDoc, Errors: []int{410},
	}, a.events)

	r.Get("/openapi.json", document(doc, in.path()))
	return r
}
