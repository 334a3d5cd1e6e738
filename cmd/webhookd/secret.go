package main

import (
	"fmt"
	"io"
	"log/slog"
)

// secret is a text that shows itself to nobody but a caller of [secret.reveal]. Printed with any verb, logged or
// marshalled, it is "[set]", or nothing when it is empty. The zero value is empty. Two secrets are never compared
// with ==, which compares pointers.
type secret struct {
	// A pointer, because fmt calls no method on a value it reaches through an unexported field: it would print a
	// string there, and prints an address of a pointer.
	text *string
}

func newSecret(text string) secret { return secret{text: &text} }

// reveal returns the text itself, for the one place that needs it.
func (s secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// UnmarshalText makes s hold text.
func (s *secret) UnmarshalText(text []byte) error {
	*s = newSecret(string(text))
	return nil
}

func (s secret) mask() string {
	if s.reveal() == "" {
		return ""
	}
	return "[set]"
}

// String returns the mask.
func (s secret) String() string { return s.mask() }

// GoString returns the mask, for printers that know %#v but not [fmt.Formatter].
func (s secret) GoString() string { return s.mask() }

// Format writes the mask, whatever the verb: %x and %d would otherwise pass String by.
func (s secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.mask()) }

// LogValue returns the mask.
func (s secret) LogValue() slog.Value { return slog.StringValue(s.mask()) }

// MarshalText returns the mask, so that JSON holds nothing else.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.mask()), nil }
