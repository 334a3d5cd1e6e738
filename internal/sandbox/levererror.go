package sandbox

import (
	"errors"
	"net/http"
)

// ErrNoOrder is what a lever returns, wrapped, for an order that does not exist. Another error of a lever says that the
// order's state, or what was asked, does not allow it.
var ErrNoOrder = errors.New("there is no such order")

// Is has the refusal of an unknown order match [ErrNoOrder].
func (e *refusal) Is(target error) bool {
	return target == ErrNoOrder && e.status == http.StatusNotFound
}
