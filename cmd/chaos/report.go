package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"webhookd/internal/chaos"
)

const mostShown = 20 // findings of a round

// tell says how a round went.
func tell(to io.Writer, number int, o options, r chaos.Report, err error) {
	verdict := "ok"
	switch {
	case err != nil:
		verdict = "broken off: " + err.Error()
	case len(r.Findings) > 0:
		verdict = fmt.Sprintf("%d FINDINGS", len(r.Findings))
	}
	fmt.Fprintf(to, "round %d seed %d [%s]: %s\n", number, r.Seed, strings.Join(r.Faults, " "), verdict)
	fmt.Fprintf(to, "  injected %s; settled in %s; a process had %d MB at most\n",
		figures(r.Injected), r.Settled.Round(100*time.Millisecond), r.PeakMB)
	fmt.Fprintf(to, "  %s\n", figures(r.Counts))
	for _, f := range r.Findings[:min(len(r.Findings), mostShown)] {
		fmt.Fprintf(to, "  FINDING %s\n", strings.ReplaceAll(f.String(), "\n", "\n    "))
	}
	if err != nil || len(r.Findings) > 0 {
		fmt.Fprintf(to, "  again: %s\n", repeat(o, r))
	}
}

// repeat is the command that repeats a round.
func repeat(o options, r chaos.Report) string {
	command := fmt.Sprintf("go run ./cmd/chaos -rounds 1 -seed %d -duration %s", r.Seed, o.duration)
	if o.only != "" {
		command += " -only " + o.only
	}
	if o.race {
		command += " -race"
	}
	return command
}

// figures shows counts in the order of their names.
func figures(counts map[string]int) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(all, ", ")
}

// table sums up rounds by fault.
type table struct {
	rows   map[string]*row
	counts map[string]int
	rounds int
	found  int
}

type row struct{ rounds, injected, findings int }

func (t *table) add(r chaos.Report) {
	if t.rows == nil {
		t.rows, t.counts = map[string]*row{}, map[string]int{}
	}
	t.rounds++
	t.found += len(r.Findings)
	for _, name := range r.Faults {
		if t.rows[name] == nil {
			t.rows[name] = &row{}
		}
		t.rows[name].rounds++
		t.rows[name].injected += r.Injected[name]
		t.rows[name].findings += len(r.Findings)
	}
	for name, n := range r.Counts {
		t.counts[name] += n
	}
}

func (t *table) print(to io.Writer) {
	fmt.Fprintf(to, "\n%-24s %7s %9s %9s\n", "fault", "rounds", "injected", "findings")
	for _, name := range slices.Sorted(maps.Keys(t.rows)) {
		r := t.rows[name]
		fmt.Fprintf(to, "%-24s %7d %9d %9d\n", name, r.rounds, r.injected, r.findings)
	}
	fmt.Fprintf(to, "\n%d rounds, %d findings: %s\n", t.rounds, t.found, figures(t.counts))
}
