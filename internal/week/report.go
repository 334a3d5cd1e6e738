package week

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// Summary is the week in a page.
type Summary struct {
	Orders        int             `json:"orders"` // made by customers
	Refunds       int             `json:"refunds"`
	Changes       int             `json:"changes"`
	Webhooks      int             `json:"webhooks"`
	Forged        int             `json:"forged"`
	Lost          int             `json:"lost"`
	Found         int             `json:"found"`
	Hidden        int             `json:"hidden"`
	Calls         Calls           `json:"calls"`
	CallsPerOrder float64         `json:"calls_per_order"`
	Listed        int             `json:"listed"`
	TooLong       int             `json:"too_long"`
	Work          Work            `json:"work"`
	By            map[string]Work `json:"by"`
	Days          []Flatness      `json:"days"`
	Verdict       *Verdict        `json:"verdict"`
	Log           map[string]int  `json:"log"`
	Statements    []Statement     `json:"statements"`
	TrueSeconds   float64         `json:"true_seconds"` // that it took to play
}

// Summary sums the hours up.
func (r *Result) Summary() Summary {
	s := Summary{Verdict: r.Verdict, Log: r.Log, Statements: r.Statements, Days: r.Days(), By: map[string]Work{}}
	for _, h := range r.Hours {
		s.Orders += h.Orders
		s.Refunds += h.Refunds
		s.Changes += h.Changes
		s.Webhooks += h.Webhooks
		s.Forged += h.Forged
		s.Lost += h.Lost
		s.Found += h.Found
		s.Hidden += h.Hidden
		s.Listed += h.Listed
		s.TooLong += h.TooLong
		s.Calls = s.Calls.plus(h.Calls)
		s.Work = s.Work.plus(h.Work)
		for kind, w := range h.By {
			s.By[kind] = s.By[kind].plus(w)
		}
		s.TrueSeconds = h.wall
	}
	s.CallsPerOrder = float64(s.Calls.All) / float64(max(1, s.Orders))
	return s
}

func (c Calls) plus(o Calls) Calls {
	return Calls{
		All: c.All + o.All, Webhook: c.Webhook + o.Webhook, Poll: c.Poll + o.Poll, Recheck: c.Recheck + o.Recheck,
		Sweep: c.Sweep + o.Sweep, Lists: c.Lists + o.Lists, Amounts: c.Amounts + o.Amounts,
		Forged: c.Forged + o.Forged, Failed: c.Failed + o.Failed,
	}
}

// Write leaves the hours (week.csv), the summary (week.json) and the plot (week.svg) in a folder.
func (r *Result) Write(dir string) error {
	summary, err := json.MarshalIndent(r.Summary(), "", "  ")
	if err != nil {
		return fmt.Errorf("render the summary: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "week.json"), append(summary, '\n'), 0o644); err != nil {
		return err
	}
	table, err := os.Create(filepath.Join(dir, "week.csv"))
	if err != nil {
		return err
	}
	defer table.Close()
	if err := r.writeTable(table); err != nil {
		return err
	}
	plot, err := os.Create(filepath.Join(dir, "week.svg"))
	if err != nil {
		return err
	}
	defer plot.Close()
	return r.WritePlot(plot)
}

// column is one of the table.
type column struct {
	name  string
	value func(*Hour) float64
}

// writeTable writes a line for each hour.
func (r *Result) writeTable(w io.Writer) error {
	columns := columns()
	table := csv.NewWriter(w)
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.name
	}
	if err := table.Write(line); err != nil {
		return err
	}
	for _, h := range r.Hours {
		for i, c := range columns {
			line[i] = strconv.FormatFloat(c.value(h), 'f', -1, 64)
		}
		if err := table.Write(line); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}

func columns() []column {
	count := func(name string, value func(*Hour) int) column {
		return column{name, func(h *Hour) float64 { return float64(value(h)) }}
	}
	size := func(name string, value func(*Hour) int64) column {
		return column{name, func(h *Hour) float64 { return float64(value(h)) }}
	}
	all := []column{
		count("hour", func(h *Hour) int { return h.Hour }),
		count("orders", func(h *Hour) int { return h.Orders }),
		count("refunds", func(h *Hour) int { return h.Refunds }),
		count("changes", func(h *Hour) int { return h.Changes }),
		count("webhooks", func(h *Hour) int { return h.Webhooks }),
		count("forged", func(h *Hour) int { return h.Forged }),
		count("lost", func(h *Hour) int { return h.Lost }),
		count("found", func(h *Hour) int { return h.Found }),
		count("hidden", func(h *Hour) int { return h.Hidden }),
		count("calls", func(h *Hour) int { return h.Calls.All }),
		count("calls_webhook", func(h *Hour) int { return h.Calls.Webhook }),
		count("calls_poll", func(h *Hour) int { return h.Calls.Poll }),
		count("calls_recheck", func(h *Hour) int { return h.Calls.Recheck }),
		count("calls_sweep", func(h *Hour) int { return h.Calls.Sweep }),
		count("calls_lists", func(h *Hour) int { return h.Calls.Lists }),
		count("calls_amounts", func(h *Hour) int { return h.Calls.Amounts }),
		count("calls_forged", func(h *Hour) int { return h.Calls.Forged }),
		count("calls_failed", func(h *Hour) int { return h.Calls.Failed }),
		count("listed", func(h *Hour) int { return h.Listed }),
		size("statements", func(h *Hour) int64 { return h.Work.Statements }),
		size("pages", func(h *Hour) int64 { return h.Work.Pages }),
		{"postgres_seconds", func(h *Hour) float64 { return round(h.Work.Seconds, 3) }},
	}
	for _, kind := range kinds() {
		all = append(all,
			size("pages_"+kind, func(h *Hour) int64 { return h.By[kind].Pages }),
			column{"seconds_" + kind, func(h *Hour) float64 { return round(h.By[kind].Seconds, 3) }})
	}
	return append(all,
		size("due", func(h *Hour) int64 { return h.Due }),
		size("unsettled", func(h *Hour) int64 { return h.Unsettled }),
		size("order_rows", func(h *Hour) int64 { return h.OrderRows }),
		size("event_rows", func(h *Hour) int64 { return h.EventRows }),
		size("order_bytes", func(h *Hour) int64 { return h.OrderBytes }),
		size("check_bytes", func(h *Hour) int64 { return h.CheckBytes }),
		size("event_bytes", func(h *Hour) int64 { return h.EventBytes }),
		column{"delay_p50", func(h *Hour) float64 { return round(h.DelayP50, 3) }},
		column{"delay_p99", func(h *Hour) float64 { return round(h.DelayP99, 3) }},
		column{"lost_p50", func(h *Hour) float64 { return round(h.LostP50, 3) }},
		column{"lost_p99", func(h *Hour) float64 { return round(h.LostP99, 3) }},
	)
}

func kinds() []string { return []string{kindStore, kindClaim, kindHint, kindSweep, kindGauge} }
