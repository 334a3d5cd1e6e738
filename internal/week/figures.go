package week

import (
	"slices"
	"time"
)

// Calls are those to the gateway, by their cause.
type Calls struct {
	All     int `json:"all"`
	Webhook int `json:"webhook"`
	Poll    int `json:"poll"`
	Recheck int `json:"recheck"` // of paid orders, whose money may have gone back
	Sweep   int `json:"sweep"`   // at orders that the sweep found
	Lists   int `json:"lists"`   // the sweep itself
	Amounts int `json:"amounts"` // second questions, for the amounts
	Forged  int `json:"forged"`  // at ids that the gateway does not know
	Failed  int `json:"failed"`
}

// Work is what Postgres did.
type Work struct {
	Statements int64   `json:"statements"`
	Pages      int64   `json:"pages"` // touched
	Seconds    float64 `json:"seconds"`
}

func (w Work) minus(o Work) Work {
	return Work{w.Statements - o.Statements, w.Pages - o.Pages, w.Seconds - o.Seconds}
}

func (w Work) plus(o Work) Work {
	return Work{w.Statements + o.Statements, w.Pages + o.Pages, w.Seconds + o.Seconds}
}

// Hour is what one hour held, and how things stood at its end.
type Hour struct {
	Hour     int   `json:"hour"`     // from 0
	Orders   int   `json:"orders"`   // made
	Refunds  int   `json:"refunds"`  // which are orders too
	Changes  int   `json:"changes"`  // at the gateway, of an order's status or money
	Webhooks int   `json:"webhooks"` // received, forged ones included
	Forged   int   `json:"forged"`
	Lost     int   `json:"lost"`     // changes that no webhook told of
	Found    int   `json:"found"`    // of those, found all the same
	Hidden   int   `json:"hidden"`   // of those, followed by another change before anybody looked
	Listed   int   `json:"listed"`   // orders in the sweep's lists
	TooLong  int   `json:"too_long"` // lists that were too long, and asked for in halves
	Calls    Calls `json:"calls"`

	Work Work            `json:"work"`
	By   map[string]Work `json:"by"` // kind of statement

	Due       int64 `json:"due"`
	Unsettled int64 `json:"unsettled"`
	OrderRows int64 `json:"order_rows"`
	CheckRows int64 `json:"check_rows"`
	EventRows int64 `json:"event_rows"`

	OrderBytes int64 `json:"order_bytes"`
	CheckBytes int64 `json:"check_bytes"`
	EventBytes int64 `json:"event_bytes"`

	DelayP50 float64 `json:"delay_p50"` // seconds from the gateway's change to our commit, where the webhook came at once
	DelayP99 float64 `json:"delay_p99"`
	LostP50  float64 `json:"lost_p50"` // of changes whose webhook never came
	LostP99  float64 `json:"lost_p99"`

	delays     []float64
	lostDelays []float64
	wall       float64 // true seconds since the beginning
}

func newHour(n int) *Hour { return &Hour{Hour: n, By: map[string]Work{}} }

// sum works out what is read from the hour's parts.
func (h *Hour) sum() {
	h.DelayP50, h.DelayP99 = percentiles(h.delays)
	h.LostP50, h.LostP99 = percentiles(h.lostDelays)
	h.delays, h.lostDelays = nil, nil
}

func percentiles(values []float64) (p50, p99 float64) {
	if len(values) == 0 {
		return 0, 0
	}
	slices.Sort(values)
	at := func(p float64) float64 { return values[int(p*float64(len(values)-1)+.5)] }
	return at(.5), at(.99)
}

// looks are the calls that read one order.
func (c Calls) looks() int { return c.All - c.Lists }

// Result is what the week came to.
type Result struct {
	Options    Options
	Hours      []*Hour
	Verdict    *Verdict
	Log        map[string]int // how often the service said what
	Statements []Statement
}

// Statement is what one statement cost over the week.
type Statement struct {
	Text  string  `json:"text"`
	Calls int64   `json:"calls"`
	Sec   float64 `json:"seconds"`
	Pages int64   `json:"pages"`
	Rows  int64   `json:"rows"`
}

// Flatness compares the cost of one look on two days.
type Flatness struct {
	Day     int     `json:"day"`    // from 1
	Stored  int64   `json:"stored"` // orders at its end
	Looks   int     `json:"looks"`
	Pages   float64 `json:"pages_per_look"`
	Micros  float64 `json:"postgres_microseconds_per_look"`
	PerHour Work    `json:"-"`
}

// Days sums the hours of each day up.
func (r *Result) Days() []Flatness {
	var days []Flatness
	for hours := range slices.Chunk(r.Hours, int(day/time.Hour)) {
		f := Flatness{Day: len(days) + 1, Stored: hours[len(hours)-1].OrderRows}
		for _, h := range hours {
			f.Looks += h.Calls.looks()
			f.PerHour = f.PerHour.plus(h.Work)
		}
		if f.Looks > 0 {
			f.Pages = float64(f.PerHour.Pages) / float64(f.Looks)
			f.Micros = f.PerHour.Seconds * 1e6 / float64(f.Looks)
		}
		days = append(days, f)
	}
	return days
}
