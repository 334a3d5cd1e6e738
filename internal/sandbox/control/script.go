package control

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"webhookd/internal/sandbox"
)

// maxSteps is how many steps a script may have.
const maxSteps = 1000

// Script is a script that was read and found possible: what is to happen to a gateway, step by step.
type Script struct {
	gateway *sandbox.Gateway
	steps   []step // in order of time
}

// step is one thing that happens.
type step struct {
	at  time.Duration // from the start, by the gateway's clock
	act func()
}

// ParseScript reads a script for a gateway, such as
//
//	{"steps": [
//	  {"at": "0s", "fault": {"kind": "status", "on": "get", "status": 503, "percent": 50}},
//	  {"at": "10s", "clock": {"advance": "30m"}},
//	  {"at": "31m", "lift": "all"}
//	]}
//
// Each step has a time and one of fault, clock, webhook, flood, settings and lift, with the members of the call of that
// name. The error says everything that is wrong, by the number of the step.
func ParseScript(g *sandbox.Gateway, text []byte) (*Script, error) {
	asked, err := parseMembers(text)
	if err != nil {
		return nil, err
	}
	s := &Script{gateway: g}
	var raw []map[string]json.RawMessage
	switch given := asked.read("steps", "a list of objects", &raw); {
	case asked.wrong("steps"):
	case !given || len(raw) == 0:
		asked.refuse("steps", "must have at least one step")
	case len(raw) > maxSteps:
		asked.refuse("steps", "must have at most %d steps", maxSteps)
	}
	for i, members := range raw {
		one := newMembers(members, asked.log)
		one.step = i + 1
		s.steps = append(s.steps, readStep(g, one))
	}
	if err := asked.end(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	return s, nil
}

// readStep returns the step an object asks for. What is wrong is said in the object.
func readStep(g *sandbox.Gateway, asked *members) step {
	s := step{at: asked.period("at", 0)}
	if !asked.has("at") {
		asked.refuse("at", "is required")
	}
	acts := 0
	for _, name := range []string{"fault", "clock", "webhook", "flood", "settings"} {
		if !asked.has(name) {
			continue
		}
		acts++
		if inner, ok := asked.object(name); ok {
			s.act = readAct(g, name, inner)
			inner.closed()
		}
	}
	if asked.has("lift") {
		acts++
		if asked.text("lift") != "all" && !asked.wrong("lift") {
			asked.refuse("lift", `must be "all"`)
		}
		s.act = g.LiftFaults
	}
	if acts != 1 {
		asked.refuse("at", "must stand with one of fault, clock, webhook, flood, settings and lift, and here are %d", acts)
	}
	asked.closed()
	return s
}

// readAct returns what a step with this name does.
func readAct(g *sandbox.Gateway, name string, asked *members) func() {
	switch name {
	case "fault":
		f := readFault(asked)
		return func() { f.Set(g) }
	case "clock":
		return readClock(g.Clock(), asked)
	case "webhook":
		w := readWebhooks(asked)
		return func() { w.send(g) }
	case "settings":
		return readSettings(g, asked)
	default: // flood
		f := readFlood(asked)
		to := g.Settings().WebhookURL
		if to == "" {
			asked.refuse("count", "cannot be sent: the sandbox has no webhook URL")
		}
		return func() { _ = g.Flood(to, f.count, f.perSecond) } // its errors were ruled out just now
	}
}

// Start has the steps happen, each when its time has come by the gateway's clock; those at 0s happen before Start
// returns. Steps happen one after the other: those that a step moves the clock past follow at once. The gateway's Close
// ends the script.
func (s *Script) Start() {
	began := s.gateway.Clock().Now()
	s.goOn(began, s.steps)
}

func (s *Script) goOn(began time.Time, steps []step) {
	for i, next := range steps {
		wait := began.Add(next.at).Sub(s.gateway.Clock().Now())
		if wait > 0 {
			s.gateway.AfterFunc(wait, func() { s.goOn(began, steps[i:]) })
			return
		}
		next.act()
	}
}

// started is the answer to a script that runs.
type started struct {
	Steps int    `json:"steps"`
	Lasts string `json:"lasts"` // by the clock
}

func (c *control) runScript(r *http.Request) (int, any, error) {
	text, err := readBody(r)
	if err != nil {
		return 0, nil, err
	}
	s, err := ParseScript(c.gateway, text)
	if err != nil {
		return 0, nil, err
	}
	s.Start()
	return http.StatusAccepted, started{len(s.steps), s.steps[len(s.steps)-1].at.String()}, nil
}
