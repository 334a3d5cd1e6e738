package nopayn

import (
	"context"
	"fmt"
	"net/http"
)

// Movement says how much of an authorization to capture or to void: an amount, or so many of a line (CONTRACT 2.9).
// The zero Movement captures all of it.
type Movement struct {
	Amount      int64  // minor units
	LineID      string // merchant_order_line_id
	Quantity    int    // of the line
	Description string // only along with an amount or a line

	// IfMatch is the ETag of the order that the movement is meant for; if the order has changed since, it is refused
	// with 412. Empty is any.
	IfMatch string
}

// Moved is what the gateway answered to a capture or a void: the order, the transaction, or nothing at all. None of it
// tells how the order stands now, since SDKs read one for the other (CONTRACT 2.9, 11 C8): read the order again.
type Moved struct {
	Raw []byte // JSON; nil if the answer was empty
}

const (
	opCapture = "capture"
	opVoid    = "void"
)

// Capture takes reserved money: by default all that the authorization, one transaction of the order, holds. There is
// one capture for an authorization, and what it leaves is lost. It is sent once: should its outcome be unknown
// ([Error.OutcomeUnknown]), read the order to see whether it happened. The operation of its errors is "capture".
func (c *Client) Capture(ctx context.Context, orderID, transactionID string, m Movement) (*Moved, error) {
	return c.move(ctx, opCapture, orderID, transactionID, m)
}

// Void lets reserved money go, before any of it is captured; it needs an Amount, or a line. It is sent once, as Capture
// is. The operation of its errors is "void".
func (c *Client) Void(ctx context.Context, orderID, transactionID string, m Movement) (*Moved, error) {
	return c.move(ctx, opVoid, orderID, transactionID, m)
}

// move sends a movement. Its operation is the word for it in the path as well, but for the plural there.
func (c *Client) move(ctx context.Context, operation, orderID, transactionID string, m Movement) (*Moved, error) {
	part, wanted := m.part()
	path := append([]string{"transactions", transactionID, operation + "s"}, part...)
	r := request{
		operation: operation, method: http.MethodPost, path: orderPath(orderID, path...),
		ifMatch: m.IfMatch, mayBeEmpty: true,
	}
	look := func(f *findings) {
		f.id("order_id", orderID)
		f.id("transaction_id", transactionID)
		f.header("if_match", m.IfMatch)
		m.look(f)
		if operation == opVoid && !m.byLine() {
			f.amount("amount", m.Amount)
		}
	}
	var err error
	if wanted == nil { // no body, as most SDKs send it (CONTRACT 1.3)
		err = check(operation, look)
	} else {
		r.body, err = encode(operation, wanted, look)
	}
	if err != nil {
		return nil, err
	}
	return call(ctx, c, r, decodeMoved)
}

// part gives what a movement of a part adds to the path, and its body; for all there is, nothing.
func (m Movement) part() (path []string, body any) {
	switch {
	case m.LineID != "":
		line := movedLine{ID: m.LineID, Quantity: m.Quantity}
		return []string{"orderlines"}, lineMovement{Description: m.Description, Line: line}
	case m.Amount != 0:
		return []string{"amount"}, amountMovement{Amount: m.Amount, Description: m.Description}
	}
	return nil, nil
}

type amountMovement struct {
	Amount      int64  `json:"amount"`
	Description string `json:"description,omitempty"`
}

type lineMovement struct {
	Description string    `json:"description,omitempty"`
	Line        movedLine `json:"order_line"`
}

type movedLine struct {
	ID       string `json:"merchant_order_line_id"`
	Quantity int    `json:"quantity"`
}

func (m Movement) byLine() bool { return m.LineID != "" || m.Quantity != 0 }

func (m Movement) look(f *findings) {
	byLine := m.byLine()
	switch {
	case byLine && m.Amount != 0:
		f.refuse("amount", "cannot be given along with a line")
	case byLine && m.LineID == "":
		f.refuse("order_line.merchant_order_line_id", "is missing")
	case byLine && m.Quantity < 1:
		f.refuse("order_line.quantity", "must be at least 1")
	case m.Amount < 0:
		f.amount("amount", m.Amount)
	case !byLine && m.Amount == 0 && m.Description != "":
		f.refuse("description", "cannot be given without an amount or a line, since all is moved without a body")
	}
}

// decodeMoved takes an object, or nothing.
func decodeMoved(answer reply) (*Moved, error) {
	if answer.doc.isAbsent() {
		return &Moved{}, nil
	}
	if !answer.doc.isObject() {
		return nil, fmt.Errorf("answer: %w", errNotObject)
	}
	return &Moved{Raw: answer.doc}, nil
}
