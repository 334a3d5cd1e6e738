package handler

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webhookd/internal/operation"
	"webhookd/internal/payment"
	"webhookd/internal/store"
)

const movementDoc = "It is committed before it is sent, and sent at most once for its Idempotency-Key: 201 when it is " +
	"done, 202 when the gateway's answer was lost. Then the outcome is found out by reading the order, and " +
	"GET /v1/operations/{key} tells it. A key that comes again with the same request answers how it stands, with 200 or " +
	"202, and 422 key_reused with another request; while the first is under way it is 409 under_way. One movement at a " +
	"time for each order: 409 order_busy. What the order does not allow is 422 before it is sent, and the gateway's own " +
	"refusal is 422 too; either uses the key up. With 502 not_sent nothing was done, and the key may be used again. "

const (
	refundDoc  = movementDoc + "A refund gives back money that was taken, in one or in several parts; never more than is left."
	captureDoc = movementDoc + "A capture takes reserved money. There is one for each order: what it leaves is lost. " +
		"Without an amount it takes all."
	voidDoc = movementDoc + "A void lets reserved money go, before any of it is captured."
)

// idempotencyKey is the caller's name of an operation. It is not of dots alone: browsers and proxies take . and .. for
// steps in a path, so that whoever asked what became of the operation would be told that there is nothing.
type idempotencyKey string

// Schema is what huma checks and documents.
func (idempotencyKey) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, MaxLength: new(255), Pattern: `^\.*[A-Za-z0-9_~:@+=-][A-Za-z0-9._~:@+=-]*$`,
		PatternDescription: "letters, digits and ._~:@+=-, not dots alone", Examples: []any{exampleKey},
		Description: "Names the operation: a new one for each, the same one to ask for it again.",
	}
}

// movementBody is how much money to move.
type movementBody struct {
	_           struct{} `additionalProperties:"false"`
	Amount      amount   `json:"amount"`
	Description label    `json:"description,omitempty" doc:"Passed on to the gateway, for whoever looks at it there."`
}

// captureBody is how much money to take.
type captureBody struct {
	_           struct{} `additionalProperties:"false"`
	Amount      *amount  `json:"amount,omitempty" nullable:"true"`
	Description label    `json:"description,omitempty" doc:"Passed on to the gateway, for whoever looks at it there."`
}

type movementRequest struct {
	ID   orderID        `path:"id"`
	Key  idempotencyKey `header:"Idempotency-Key"`
	Body movementBody
}

type captureRequest struct {
	ID   orderID        `path:"id"`
	Key  idempotencyKey `header:"Idempotency-Key"`
	Body *captureBody
}

type movementAnswer struct {
	Status int
	Body   store.Operation
}

func (a *api) refund(ctx context.Context, in *movementRequest) (*movementAnswer, error) {
	return a.move(ctx, in.ask(payment.Refund))
}

func (a *api) void(ctx context.Context, in *movementRequest) (*movementAnswer, error) {
	return a.move(ctx, in.ask(payment.Void))
}

func (in *movementRequest) ask(m payment.Movement) operation.Ask {
	return operation.Ask{
		Key: string(in.Key), Movement: m, OrderID: string(in.ID), Amount: int64(in.Body.Amount),
		Description: string(in.Body.Description),
	}
}

func (a *api) capture(ctx context.Context, in *captureRequest) (*movementAnswer, error) {
	ask := operation.Ask{Key: string(in.Key), Movement: payment.Capture, OrderID: string(in.ID)}
	if b := in.Body; b != nil {
		ask.Description = string(b.Description)
		if b.Amount != nil {
			ask.Amount = int64(*b.Amount)
		}
	}
	return a.move(ctx, ask)
}

// move has money moved and answers how that stands.
func (a *api) move(ctx context.Context, ask operation.Ask) (*movementAnswer, error) {
	if ask.Key == "" {
		return nil, newProblem(http.StatusBadRequest, codeKeyMissing, "The header Idempotency-Key is missing.")
	}
	takeTime(ctx)
	op, first, err := a.Money.Move(ctx, ask)
	if err != nil {
		return nil, err
	}
	return &movementAnswer{Status: standing(op, first), Body: op}, nil
}

// operationTime is more than any operation takes: two calls of the gateway, each with the wait for its turn.
const operationTime = 5 * time.Minute

// takeTime puts the answer's deadline off, which is for ordinary requests. A connection that has none needs nothing.
func takeTime(ctx context.Context) {
	_ = http.NewResponseController(exchangeOf(ctx)).SetWriteDeadline(time.Now().Add(operationTime))
}

// standing is the status that tells how an operation stands.
func standing(op store.Operation, first bool) int {
	switch {
	case op.Status == store.OperationUnknown || op.Status == store.OperationPending:
		return http.StatusAccepted
	case first:
		return http.StatusCreated
	}
	return http.StatusOK
}
