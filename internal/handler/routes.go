package handler

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// WebhookPath is where webhooks come in when there are no tokens. Otherwise a token follows it.
const WebhookPath = "/webhooks/costplus"

// routes is the whole surface.
func routes(c Config, in *intake, a *api) http.Handler {
	r := chi.NewRouter()
	r.Use(clientAddress(c.TrustedProxies)...)
	r.Use(exchanges(c.Log), anyMethod, middleware.GetHead)
	r.NotFound(notFound)
	r.MethodNotAllowed(methodNotAllowed)

	// All methods, because a wrong token is 404 for each of them.
	r.Handle(in.path(), in)

	a.doc = newAPI(r, c.Version)
	serve(a, ScopeWrite, huma.Operation{
		Method: http.MethodPut, Path: "/v1/orders/{id}", OperationID: "register-order", Summary: "Register an order",
		Description: registerDoc,
	}, []string{codeContradiction}, a.registerOrder)
	serveWaiting(a, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/orders/{id}", OperationID: "get-order", Summary: "One order",
		Description: orderDoc,
	}, append(lookCodes(), codeTooManyWaiting), a.order)
	serveWaiting(a, ScopeWrite, huma.Operation{
		Method: http.MethodPost, Path: "/v1/orders/{id}/refresh", OperationID: "refresh-order",
		Summary: "Look at an order now", Description: refreshDoc,
	}, lookCodes(), a.refresh)
	serve(a, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/orders", OperationID: "list-orders", Summary: "Orders",
		Description: ordersDoc,
	}, nil, a.list)
	serve(a, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/orders/{id}/history", OperationID: "get-order-history",
		Summary: "All events of one order, oldest first", Description: historyDoc, Responses: written[eventList](a.doc),
	}, []string{codeNotFound}, a.history)
	serve(a, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/merchant-orders/{ref}", OperationID: "get-merchant-order",
		Summary: "One verdict for a shop order", Description: merchantOrderDoc,
	}, []string{codeNotFound}, a.merchantOrder)
	serveMoney(a)
	serveWaiting(a, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/events", OperationID: "list-events", Summary: "The feed",
		Description: eventsDoc,
	}, []string{codeGone, codeTooManyWaiting}, a.events)

	r.Get(streamPath, a.stream(addStream(a.doc.OpenAPI())))

	r.Get(documentPath, openAPI(a.doc, in.path()))
	return r
}

// serveMoney adds what has orders made and money moved.
func serveMoney(a *api) {
	serveWaiting(a, ScopeWrite, huma.Operation{
		Method: http.MethodPost, Path: "/v1/orders", OperationID: "create-order", Summary: "Create an order",
		Description: createDoc, DefaultStatus: http.StatusCreated,
	}, createCodes(), a.create)
	serveWaiting(a, ScopeMoney, movement("refunds", "refund-order", "Give money back", refundDoc), movementCodes(), a.refund)
	serveWaiting(a, ScopeMoney, movement("captures", "capture-order", "Take reserved money", captureDoc), movementCodes(),
		a.capture)
	serveWaiting(a, ScopeMoney, movement("voids", "void-order", "Let reserved money go", voidDoc), movementCodes(), a.void)
	serve(a, ScopeRead, huma.Operation{
		Method: http.MethodGet, Path: "/v1/operations/{key}", OperationID: "get-operation",
		Summary: "What became of an operation", Description: operationDoc,
	}, []string{codeNotFound}, a.operation)
}

// movement describes a way to move money.
func movement(noun, id, summary, description string) huma.Operation {
	return huma.Operation{
		Method: http.MethodPost, Path: "/v1/orders/{id}/" + noun, OperationID: id, Summary: summary,
		Description: description, DefaultStatus: http.StatusCreated,
	}
}
