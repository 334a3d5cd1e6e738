package handler

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// securityScheme names the bearer token in the document.
const securityScheme = "key"

const aboutDoc = "Has this order been paid, for certain, and may it leave? " +
	"Times are RFC 3339 in UTC, amounts are in minor units. Answers may get new members; ignore those you do not know."

// newAPI returns a huma that registers its operations on r, and does nothing else of its own accord: no page that
// loads scripts from elsewhere, no schema routes, no links in answers, and no error that repeats what was sent.
func newAPI(r chi.Router, version string) huma.API {
	config := huma.DefaultConfig("webhookd", version)
	config.Info.Description = aboutDoc
	config.OpenAPIPath, config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", "", nil
	config.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	config.Transformers = []huma.Transformer{ownProblems}
	config.AllowAdditionalPropertiesByDefault = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		securityScheme: {Type: "http", Scheme: "bearer", Description: "The secret of one of API_KEYS."},
	}
	schemas := config.Components.Schemas
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	schemas.Schema(reflect.TypeFor[Problem](), true, "")
	schemas.RegisterTypeAlias(reflect.TypeFor[payment.State](), reflect.TypeFor[state]())
	schemas.RegisterTypeAlias(reflect.TypeFor[payment.Hold](), reflect.TypeFor[hold]())
	schemas.RegisterTypeAlias(reflect.TypeFor[store.EventType](), reflect.TypeFor[eventType]())
	return humachi.New(r, config)
}

// written documents the good answer of an operation that writes a T by itself.
func written[T any](doc huma.API) map[string]*huma.Response {
	schema := doc.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	return map[string]*huma.Response{"200": {
		Description: http.StatusText(http.StatusOK), Content: media("application/json", schema),
	}}
}

// ownProblems puts our problems in the place of huma's, which come from its checks of requests.
func ownProblems(ctx huma.Context, _ string, body any) (any, error) {
	refusal, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	p := newProblem(refusal.Status, codeInternal, internalDetail)
	if refusal.Status == http.StatusUnprocessableEntity && len(refusal.Errors) > 0 {
		fields := make([]InvalidField, len(refusal.Errors))
		for i, e := range refusal.Errors {
			fields[i] = InvalidField{Location: e.Location, Message: e.Message}
		}
		p = invalid(fields...)
	}
	p.note(exchangeOf(ctx.Context()))
	return p, nil
}

// document says of an operation who may call it, and which problems it may answer with.
func document(op *huma.Operation, scope Scope, codes []string) {
	op.Security = []map[string][]string{{securityScheme: {scope.name()}}}
	op.Description += " Needs the scope " + scope.name() + "."
	if op.Method != http.MethodGet {
		codes = slices.Concat(codes, changeCodes())
	}
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	maps.Copy(op.Responses, failures(slices.Concat(codes, commonCodes())...))
}

// documentPath is where the OpenAPI document is.
const documentPath = "/openapi.json"

// openAPI serves the OpenAPI document. It is public: it says nothing that the source does not.
func openAPI(doc huma.API, webhooks string) http.HandlerFunc {
	api := doc.OpenAPI()
	api.Components.Schemas.Schema(reflect.TypeFor[store.Previous](), true, "")
	api.AddOperation(webhookOperation(webhooks, api.Components.Schemas))
	api.AddOperation(documentOperation())
	finishSchemas(api.Components.Schemas.Map())
	finishAnswers(api.Paths)
	text, err := json.Marshal(api)
	if err != nil {
		panic("handler: the OpenAPI document cannot be written: " + err.Error())
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(text) // an error means that the client is gone
	}
}

// finishAnswers tells which good answers there are beside the usual one.
func finishAnswers(paths map[string]*huma.PathItem) {
	order := paths["/v1/orders/{id}"]
	order.Get.Responses["304"] = &huma.Response{
		Description: "The client has it.", Headers: order.Get.Responses["200"].Headers,
	}
	known := order.Put.Responses["200"]
	known.Description = "It was known."
	order.Put.Responses["201"] = &huma.Response{Description: "It is new.", Content: known.Content}
	again := map[string]string{"200": "It was created before, with this key."}
	finishPost(paths["/v1/orders"], "Created.", again)
	again = map[string]string{
		"200": "The key was used before: how the operation stands, be it done or refused.",
		"202": "It was sent, and its outcome is not known yet.",
	}
	for _, noun := range []string{"refunds", "captures", "voids"} {
		item := paths["/v1/orders/{id}/"+noun]
		finishPost(item, "Done.", again)
		for _, p := range item.Post.Parameters {
			p.Required = true // the key too: huma would answer 422 if it were told before
		}
	}
}

// finishPost tells what the usual answer means, and which others have the same body.
func finishPost(item *huma.PathItem, created string, others map[string]string) {
	usual := item.Post.Responses["201"]
	usual.Description = created
	for status, description := range others {
		item.Post.Responses[status] = &huma.Response{Description: description, Content: usual.Content}
	}
}

// finishSchemas tells what Go's types cannot: which members may be null and which not, and what is in those that are
// kept as raw JSON.
func finishSchemas(schemas map[string]*huma.Schema) {
	for _, s := range schemas {
		for _, property := range s.Properties {
			if property.Type == huma.TypeArray {
				property.Nullable = false
			}
		}
	}
	// What is sent has no other members; what is answered may get some.
	for _, name := range []string{"NewOrder", "NewTransaction", "OrderLine", "Customer", "ClientInfo", "Address"} {
		schemas[name].AdditionalProperties = false
	}
	order, event := schemas["Order"].Properties, schemas["Event"].Properties
	order["expected"] = orNull(order["expected"])
	event["order"] = &huma.Schema{Ref: refOf("Order"), Description: event["order"].Description}
	event["previous"] = orNull(&huma.Schema{Ref: refOf("Previous"), Description: event["previous"].Description})
	code := schemas["Problem"].Properties["code"]
	code.Description += " Those known are"
	for i, c := range problemCodes() {
		code.Enum = append(code.Enum, c.code)
		if i > 0 {
			code.Description += ","
		}
		code.Description += fmt.Sprintf(" %s (%d: %s)", c.code, c.status, c.meaning)
	}
	code.Description += "."
	for name, example := range examples() {
		schemas[name].Examples = []any{example}
	}
}

func refOf(name string) string { return "#/components/schemas/" + name }

// orNull is s or null.
func orNull(s *huma.Schema) *huma.Schema {
	return &huma.Schema{
		Description: s.Description, AnyOf: []*huma.Schema{{Ref: s.Ref}, {Type: "null"}},
	}
}

// webhookOperation describes the route that huma does not serve.
func webhookOperation(path string, schemas huma.Registry) *huma.Operation {
	body := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"order_id"}, AdditionalProperties: true,
		Properties: map[string]*huma.Schema{"order_id": orderID("").Schema(schemas)},
		Examples: []any{map[string]any{
			"event": "status_changed", "order_id": exampleOrder().OrderID, "project_id": "project-1",
		}},
	}
	stored := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"status"},
		Properties: map[string]*huma.Schema{"status": {Type: huma.TypeString, Enum: []any{"accepted"}}},
		Examples:   []any{map[string]any{"status": "accepted"}},
	}
	op := &huma.Operation{
		Method: http.MethodPost, Path: path, OperationID: "receive-webhook", Summary: "Webhooks of the gateway",
		Description: "Nothing of a webhook is believed or kept but its order_id. Its type need not be given.",
		RequestBody: &huma.RequestBody{Required: true, Content: media("application/json", body)},
		Responses:   map[string]*huma.Response{"200": {Description: "Stored.", Content: media("application/json", stored)}},
	}
	if path != WebhookPath {
		op.Parameters = []*huma.Param{{
			Name: "token", In: "path", Required: true, Description: "One of WEBHOOK_TOKENS. A wrong one is 404.",
			Schema: &huma.Schema{Type: huma.TypeString}, Example: "a-secret-of-some-length",
		}}
	}
	maps.Copy(op.Responses, failures(
		codeInvalidWebhook, codeNotFound, codeMethodNotAllowed, codeTooLarge, codeTooManyRequests, codeInternal,
		codeNotStored,
	))
	return op
}

// documentOperation describes the route of the document itself.
func documentOperation() *huma.Operation {
	content := media("application/openapi+json", &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: &huma.Schema{}, Examples: []any{map[string]any{"openapi": "3.1.0"}},
	})
	return &huma.Operation{
		Method: http.MethodGet, Path: documentPath, OperationID: "get-document", Summary: "This document",
		Description: "Needs no key.", Responses: map[string]*huma.Response{"200": {Description: "It.", Content: content}},
	}
}

func media(contentType string, s *huma.Schema) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{contentType: {Schema: s}}
}
