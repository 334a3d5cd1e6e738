package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"text/tabwriter"
)

// setting is one line of the effective configuration. Value is the text in use as it was written, or the mask of a
// secret; it is empty where there is neither value nor default.
type setting struct {
	Variable string `json:"variable"`
	Value    string `json:"value"`
	From     source `json:"from"`
}

// describe pairs every variable with what may be shown of it.
func (c config) describe(readings map[string]reading) []setting {
	var settings []setting
	for v := range variables() {
		r := readings[v.name]
		value := r.text
		if hidden, ok := reflect.ValueOf(c).FieldByIndex(v.index).Interface().(masker); ok {
			value = hidden.mask()
		}
		settings = append(settings, setting{Variable: v.name, Value: value, From: r.from})
	}
	return settings
}

// rows returns the effective configuration with its secrets masked, in the order of the documentation.
func (c config) rows() []setting { return c.settings }

// print writes rows as a table for people.
func (c config) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "VARIABLE\tVALUE\tFROM") // tabwriter keeps the first error for Flush
	for _, s := range c.rows() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Variable, cmp.Or(s.Value, "-"), s.From)
	}
	return table.Flush()
}

// LogValue returns rows as one attribute a variable, for the line that is logged at start.
func (c config) LogValue() slog.Value {
	attrs := make([]slog.Attr, 0, len(c.settings))
	for _, s := range c.rows() {
		attrs = append(attrs, slog.String(s.Variable, s.Value))
	}
	return slog.GroupValue(attrs...)
}
