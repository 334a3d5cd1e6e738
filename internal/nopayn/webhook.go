package nopayn

// Webhook is what a webhook says (CONTRACT 4.1). It is unsigned, so none of it is to be believed: OrderID is a hint to
// read that order, and the rest is for logs.
type Webhook struct {
	Event     string // as sent, any text; empty if absent or no string
	OrderID   string // satisfies ValidID; the order may be unknown, or none of ours
	ProjectID string // as sent, any text; empty if absent or no string
}

// WebhookError says why a body is no webhook. Its text is safe to send back: it never quotes the body.
type WebhookError struct {
	reason string
}

// Error gives the reason, such as "order_id is missing".
func (e *WebhookError) Error() string { return e.reason }

// OutcomeUnknown is false: nothing was sent.
func (e *WebhookError) OutcomeUnknown() bool { return false }

// ParseWebhook reads a webhook's body: one JSON object with an order_id that satisfies ValidID. All else in it is
// optional, and unknown members are ignored, a status above all. Member names are matched exactly. Two members
// named order_id make the body ambiguous, so it is refused: readers of JSON differ in which one they take, and the
// gateway sends no such thing. Every error is a [*WebhookError].
//
// The caller bounds the body's size (64 KiB will do, CONTRACT 4.3).
func ParseWebhook(body []byte) (Webhook, error) {
	doc, err := parseJSON(body)
	if err != nil {
		return Webhook{}, &WebhookError{"body is " + err.Error()}
	}
	if !doc.isObject() {
		return Webhook{}, &WebhookError{"body is not a JSON object"}
	}
	var w Webhook
	var id value
	for name, v := range doc.members() {
		switch string(name) {
		case "event":
			w.Event = v.label()
		case "project_id":
			w.ProjectID = v.label()
		case "order_id":
			if id != nil {
				return Webhook{}, &WebhookError{"order_id is given twice"}
			}
			id = v
		}
	}
	if id.isAbsent() {
		return Webhook{}, &WebhookError{"order_id is missing"}
	}
	if w.OrderID = id.label(); !ValidID(w.OrderID) {
		return Webhook{}, &WebhookError{"order_id is not a valid order id"}
	}
	return w, nil
}
