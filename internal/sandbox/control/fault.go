package control

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"webhookd/internal/sandbox"
)

// Fault is a fault that was asked for and found possible. It does nothing until it is set.
type Fault struct {
	rule    sandbox.FaultRule
	api     sandbox.Fault
	webhook sandbox.WebhookFault
}

// Set has the fault happen from now on. The id is for [sandbox.Gateway.LiftFault].
func (f Fault) Set(g *sandbox.Gateway) (id string) {
	if f.rule.On == sandbox.OpWebhook {
		id, _ = g.BreakWebhooksBy(f.rule, f.webhook)
		return id
	}
	id, _ = g.BreakBy(f.rule, f.api)
	return id
}

// ParseFault reads a fault in its short form, such as "kind=status,on=get,status=503,percent=10". Its names are the
// members of POST /sandbox/faults.
func ParseFault(short string) (Fault, error) {
	raw := make(map[string]json.RawMessage)
	for pair := range strings.SplitSeq(short, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || raw[name] != nil {
			return Fault{}, fmt.Errorf("%q: write name=value once for each, separated by commas", short)
		}
		raw[name] = shortValue(name, value)
	}
	asked := newMembers(raw, new(findings))
	f := readFault(asked)
	return f, asked.end()
}

// shortValue returns a value of the short form as JSON. What is no number where there must be one is left as text, to be
// refused as such.
func shortValue(name, value string) json.RawMessage {
	switch name {
	case "times", "percent", "copies", "status":
		if json.Valid([]byte(value)) {
			return json.RawMessage(value)
		}
	}
	text, err := json.Marshal(value)
	if err != nil { // cannot be: it is a string
		panic(err)
	}
	return text
}

// readFault returns the fault an object asks for. What is wrong is said in the object.
func readFault(asked *members) Fault {
	name := asked.text("kind")
	kind, known := findKind(name)
	var f Fault
	f.rule = readRule(asked, kind)
	switch {
	case asked.wrong("kind"):
	case !asked.has("kind"):
		asked.refuse("kind", "is required: one of %s", kindNames())
	case !known:
		asked.refuse("kind", "must be one of %s", kindNames())
	case kind.webhook != nil:
		f.webhook = kind.webhook(asked)
	default:
		f.api = kind.api(asked)
	}
	for _, own := range []string{"delay", "copies", "status", "retry_after"} {
		if asked.left[own] && known {
			asked.refuse(own, "means nothing to %s", name)
		}
		delete(asked.left, own)
	}
	return f
}

// readRule returns what a fault of a kind is to happen to, and how long.
func readRule(asked *members, kind faultKind) sandbox.FaultRule {
	rule := sandbox.FaultRule{
		OrderID: asked.text("order_id"),
		Times:   int(asked.integer("times", 1, 1_000_000, 0)),
		For:     asked.positive("for", 0),
		Percent: int(asked.integer("percent", 1, 100, 0)),
	}
	about := asked.text("on")
	switch on, known := findOperation(about); {
	case asked.wrong("on"):
	case !asked.has("on") && kind.webhook != nil:
		rule.On = sandbox.OpWebhook
	case !asked.has("on"):
		rule.On = sandbox.OpAny
	case !known:
		asked.refuse("on", "must be one of %s", shortNames())
	case kind.webhook != nil && on != sandbox.OpWebhook:
		asked.refuse("on", `must be "webhook" for %s`, kind.name)
	case kind.api != nil && on == sandbox.OpWebhook:
		asked.refuse("on", "must be an operation of the API for %s", kind.name)
	default:
		rule.On = on
	}
	return rule
}

// faultView is a fault in force. A limit that there is not is left out, and Left is null without a limit.
type faultView struct {
	ID         string     `json:"id"`
	On         string     `json:"on"`
	Kind       string     `json:"kind"`
	OrderID    string     `json:"order_id,omitempty"`
	Times      int        `json:"times,omitempty"`
	For        string     `json:"for,omitempty"`
	Percent    int        `json:"percent"`
	Delay      string     `json:"delay,omitempty"`
	Copies     int        `json:"copies,omitempty"`
	Status     int        `json:"status,omitempty"`
	RetryAfter string     `json:"retry_after,omitempty"`
	Until      *time.Time `json:"until,omitempty"`
	Happened   int        `json:"happened"`
	Left       *int       `json:"left"`
}

func viewFaults(faults []sandbox.StandingFault) []faultView {
	views := make([]faultView, len(faults))
	for i, f := range faults {
		views[i] = faultView{
			ID: f.ID, On: shortName(f.On), Kind: f.Name, OrderID: f.OrderID,
			Times: f.Times, For: period(f.For), Percent: cmp.Or(f.Percent, 100),
			Delay: period(f.Delay), Copies: f.Copies, Status: f.Status, RetryAfter: period(f.RetryAfter),
			Happened: f.Happened,
		}
		if !f.Until.IsZero() {
			until := f.Until.UTC()
			views[i].Until = &until
		}
		if f.Times > 0 {
			left := f.Left()
			views[i].Left = &left
		}
	}
	return views
}

// period writes a length of time, and none as "".
func period(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}
