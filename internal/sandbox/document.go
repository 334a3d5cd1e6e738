package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
)

// document is a JSON object as the gateway stores it: an order, or a part of one. It is a map, and no struct, because
// a lever may bend it into any shape the wire allows. Its numbers are json.Number or int64.
type document map[string]any

// parseDocument reads one JSON object and nothing behind it.
func parseDocument(text []byte) (document, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var doc document
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errTrailingText
	}
	if doc == nil {
		return nil, errNoObject
	}
	return doc, nil
}

// copy returns the document with nothing in common with d, in the form of parsed JSON. It fails when something in d
// has no form in JSON.
func (d document) copy() (document, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return parseDocument(text)
}

// text returns the named member if it is a string, else "".
func (d document) text(name string) string {
	s, _ := d[name].(string)
	return s
}

// integer returns the named member if it is a whole number, else 0.
func (d document) integer(name string) int64 {
	switch n := d[name].(type) {
	case int64:
		return n
	case json.Number:
		i, _ := n.Int64()
		return i
	default:
		return 0
	}
}

// list returns the named member if it is a list, else nothing.
func (d document) list(name string) []any {
	l, _ := d[name].([]any)
	return l
}

// add puts value at the end of the named list, unless the list has it.
func (d document) add(name, value string) {
	if l := d.list(name); !slices.Contains(l, any(value)) {
		d[name] = append(l, value)
	}
}

// remove takes value out of the named list.
func (d document) remove(name, value string) {
	d[name] = slices.DeleteFunc(slices.Clone(d.list(name)), func(v any) bool { return v == value })
}

// transactions returns the order's payment attempts, oldest first.
func (d document) transactions() []document {
	var txs []document
	for _, member := range d.list("transactions") {
		if tx, ok := member.(map[string]any); ok {
			txs = append(txs, tx)
		}
	}
	return txs
}
