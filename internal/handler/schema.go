package handler

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// orderID is a path's order id. The rule is that of nopayn.ValidID; an id that breaks it is 422 wherever it is used,
// since it can be no order's.
type orderID string

// Schema is what huma checks and documents.
func (orderID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Pattern: `^[A-Za-z0-9_-]{1,64}$`, PatternDescription: "an order id",
		Description: "The gateway's id of the order.", Examples: []any{"43c0a7de-51f4-4c36-8a0e-1d5c0a3b2e01"},
	}
}

// maxLabel bounds a label, in characters.
const maxLabel = 255

// label is a text of the shop's or the gateway's. Control characters are refused, because the database would refuse
// one of them.
type label string

// Schema is what huma checks and documents.
func (label) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, MaxLength: new(maxLabel), Pattern: `^[^\x00-\x1F\x7F]*$`,
		PatternDescription: "without control characters",
	}
}

// reference is a label that says something.
type reference string

// Schema is what huma checks and documents.
func (reference) Schema(r huma.Registry) *huma.Schema {
	s := label("").Schema(r)
	s.Pattern = `^[^\x00-\x1F\x7F]*[^\x00-\x20\x7F][^\x00-\x1F\x7F]*$`
	s.PatternDescription = "not blank, and without control characters"
	return s
}

// currency is an ISO 4217 code by its form.
type currency string

// Schema is what huma checks and documents.
func (currency) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: `^[A-Z]{3}$`, PatternDescription: "three capital letters"}
}

// amount is in minor units. Any JSON number that is a whole one will do, 1.0 and 1e2 too, as its schema promises.
type amount int64

// maxAmount is the largest number up to which a float64 holds every whole one.
const maxAmount = 1<<53 - 1

// Schema is what huma checks and documents.
func (amount) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeInteger, Format: "int64", Minimum: new(1.0), Maximum: new(float64(maxAmount)),
		Description: "Minor units.",
	}
}

// UnmarshalJSON reads a number. What the schema refuses is refused whatever comes of it here.
func (a *amount) UnmarshalJSON(text []byte) error {
	var number float64
	if err := json.Unmarshal(text, &number); err != nil {
		return fmt.Errorf("read an amount: %w", err)
	}
	*a = amount(number)
	return nil
}

// state is one of payment's.
type state string

// Schema is what huma checks and documents.
func (state) Schema(huma.Registry) *huma.Schema { return oneOf(payment.States()) }

// hold is one of payment's.
type hold string

// Schema is what huma documents.
func (hold) Schema(huma.Registry) *huma.Schema { return oneOf(payment.AllHolds()) }

// eventType is one of the store's.
type eventType string

// Schema is what huma documents.
func (eventType) Schema(huma.Registry) *huma.Schema { return oneOf(store.EventTypes()) }

// oneOf is a text out of a list.
func oneOf[T ~string](known []T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, k := range known {
		s.Enum = append(s.Enum, string(k))
	}
	return s
}

// given is a query parameter that may be absent, where its zero value means something.
type given[T any] struct {
	value T
	set   bool
}

// Schema documents it as a T.
func (g given[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

// Receiver is where huma puts the value.
func (g *given[T]) Receiver() reflect.Value { return reflect.ValueOf(&g.value).Elem() }

// OnParamSet learns whether there was one.
func (g *given[T]) OnParamSet(set bool, _ any) { g.set = set }

// pointer is nil if there was none.
func (g given[T]) pointer() *T {
	if !g.set {
		return nil
	}
	return &g.value
}
