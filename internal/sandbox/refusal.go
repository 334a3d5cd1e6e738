package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

var (
	errTrailingText = errors.New("there is something behind the JSON object")
	errNoObject     = errors.New("the JSON is no object")
)

// refusal is an error the gateway answers with, in one of the shapes of CONTRACT 5.
type refusal struct {
	status int
	kind   string
	reason string
	path   string // of the member refused; empty when it is not about one
	about  string // what that member is
	flat   bool   // shape B instead of A
}

func (e *refusal) Error() string {
	if e.path == "" {
		return e.reason
	}
	return e.path + ": " + e.reason
}

// body returns the refusal as the JSON that is sent.
func (e *refusal) body() any {
	if e.flat {
		return shapeB{Error: e.kind, Message: e.reason}
	}
	return shapeA{shapeAError{
		Status: e.status, Type: e.kind, Value: e.reason, Path: e.path, Description: e.about,
	}}
}

type shapeA struct {
	Error shapeAError `json:"error"`
}

type shapeAError struct {
	Status      int    `json:"status"`
	Type        string `json:"type"`
	Value       string `json:"value"`
	Path        string `json:"property_path,omitempty"`
	Description string `json:"property_description,omitempty"`
}

type shapeB struct {
	Error   string `json:"error"`
	Message string `json:"message"`
}

// invalid refuses the member at path.
func invalid(path, about, reason string, args ...any) error {
	return &refusal{
		status: http.StatusBadRequest,
		kind:   "ValidationError",
		reason: fmt.Sprintf(reason, args...),
		path:   path,
		about:  about,
	}
}

// impossible refuses what the order's present state does not allow.
func impossible(reason string, args ...any) error {
	return &refusal{status: http.StatusBadRequest, kind: "ValidationError", reason: fmt.Sprintf(reason, args...)}
}

// inactive refuses a payment method the project does not have.
func inactive(method string) error {
	return &refusal{
		status: http.StatusBadRequest,
		kind:   "werkzeug.exceptions.BadRequest",
		reason: fmt.Sprintf("payment method %q is not active for this project", method),
		flat:   true,
	}
}

func errUnauthorized() error {
	return &refusal{
		status: http.StatusUnauthorized,
		kind:   "werkzeug.exceptions.Unauthorized",
		reason: "send the API key as user name of Basic authentication, with an empty password",
		flat:   true,
	}
}

func errNoForm() error {
	return &refusal{
		status: http.StatusUnauthorized,
		kind:   "werkzeug.exceptions.Unauthorized",
		reason: "send the setup_token of a transaction that was made with one",
		flat:   true,
	}
}

func errNoOrder(id string) error {
	return &refusal{
		status: http.StatusNotFound, kind: "NotFoundError", reason: fmt.Sprintf("there is no order %q", id),
	}
}

func errNoLink(id string) error {
	return &refusal{
		status: http.StatusNotFound, kind: "NotFoundError", reason: fmt.Sprintf("there is no payment link %q", id),
	}
}

func errNoPage() error {
	return &refusal{status: http.StatusNotFound, kind: "NotFoundError", reason: "there is nothing at this address"}
}

// writeError answers with err: as it says itself if it is a refusal, else with a bare 500.
func writeError(w http.ResponseWriter, err error) {
	var no *refusal
	if !errors.As(err, &no) {
		no = &refusal{status: http.StatusInternalServerError, kind: "InternalError", reason: "internal error"}
	}
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="sandbox"`)
	}
	text, err := json.Marshal(no.body())
	if err != nil { // cannot be: the shapes hold strings and numbers
		panic(err)
	}
	writeJSON(w, no.status, text)
}
