package control

import (
	"slices"
	"strings"

	"webhookd/internal/sandbox"
)

// operations returns what a fault can happen to: the webhooks, each operation of the API, and any of them.
func operations() []sandbox.Operation {
	return append([]sandbox.Operation{sandbox.OpWebhook, sandbox.OpAny}, sandbox.Operations()...)
}

// shortName returns the name of an operation as the control writes it: "get" for "get order", "create_link" for
// "create link".
func shortName(op sandbox.Operation) string {
	words := strings.Fields(string(op))
	if len(words) > 1 && strings.HasPrefix(words[len(words)-1], "order") {
		words = words[:len(words)-1]
	}
	return strings.Join(words, "_")
}

// findOperation returns the operation with this name, short or as sandbox writes it.
func findOperation(name string) (op sandbox.Operation, known bool) {
	ops := operations()
	i := slices.IndexFunc(ops, func(op sandbox.Operation) bool { return name == shortName(op) || name == string(op) })
	if i < 0 {
		return "", false
	}
	return ops[i], true
}

// shortNames returns the names of all operations, as a list for people.
func shortNames() string {
	var names []string
	for _, op := range operations() {
		names = append(names, shortName(op))
	}
	return strings.Join(names, ", ")
}
