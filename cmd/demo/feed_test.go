package main

import (
	"strings"
	"testing"
)

func TestTheFeedMustBeExact(t *testing.T) {
	paid := func(seq int64, id string) apiEvent { return apiEvent{Seq: seq, Type: "order.paid", OrderID: id} }
	pending := func(seq int64, id string) apiEvent { return apiEvent{Seq: seq, Type: "order.pending", OrderID: id} }
	ids := []string{"a", "b"}
	for name, c := range map[string]struct {
		feed []apiEvent
		want string // part of the error; empty for none
	}{
		"both paid":            {[]apiEvent{paid(1, "a"), paid(2, "b")}, ""},
		"one was seen pending": {[]apiEvent{paid(1, "a"), pending(2, "b"), paid(3, "b")}, ""},
		"empty":                {nil, "order a has the events []"},
		"one missing":          {[]apiEvent{paid(1, "a")}, "order b has the events []"},
		"twice":                {[]apiEvent{paid(1, "a"), paid(2, "b"), paid(3, "a")}, "order a has the events"},
		"gap":                  {[]apiEvent{paid(1, "a"), paid(3, "b")}, "event 3 stands where event 2 should"},
		"begins late":          {[]apiEvent{paid(2, "a"), paid(3, "b")}, "event 2 stands where event 1 should"},
		"wrong order":          {[]apiEvent{paid(1, "a"), paid(2, "b"), pending(3, "b")}, "order b has the events"},
		"stranger":             {[]apiEvent{paid(1, "a"), paid(2, "b"), paid(3, "c")}, "nobody made"},
	} {
		err := checkEvents(c.feed, ids)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
