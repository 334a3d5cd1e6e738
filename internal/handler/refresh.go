package handler

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webhookd/internal/store"
)

const refreshDoc = "Asks the gateway about the order now, be it one that we never heard of, and answers with it as " +
	"verified. Calls at the same time share one question, also one that is under way for another reason. An order " +
	"that the gateway does not know is 404; one that nobody else has named is then forgotten. If the gateway fails " +
	"that is 502, if it takes too long 504, and nothing changes but the order's check_failures and last_error. " +
	"While it is left alone, being unwell or having asked for it, that is 503 with Retry-After. " +
	"An empty body is as good as {}."

type refreshRequest struct {
	ID   orderID `path:"id"`
	Body *nothing
}

// nothing is a body that says nothing.
type nothing struct {
	_ struct{} `additionalProperties:"false"`
}

type refreshAnswer struct {
	Body store.Order
}

// refresh looks at an order at once and answers with what came of it.
func (a *api) refresh(ctx context.Context, in *refreshRequest) (*refreshAnswer, error) {
	if err := a.look(ctx, in.ID, 0); err != nil {
		return nil, err
	}
	o, err := a.read(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &refreshAnswer{Body: o}, nil
}

// look waits until the newest answer of the gateway about an order is no older than maxAge, as long as we let it.
func (a *api) look(ctx context.Context, id orderID, maxAge time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, a.lookTimeout)
	defer cancel()
	return a.Looks.Refresh(ctx, string(id), maxAge)
}

// read gives what is stored of an order.
func (a *api) read(ctx context.Context, id orderID) (store.Order, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return a.Orders.Order(ctx, string(id))
}

// maxAge is a duration as Go writes it.
type maxAge string

// Schema is what huma checks and documents.
func (maxAge) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Pattern: `^(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+)$`,
		PatternDescription: "a duration such as 10s or 1m30s", Examples: []any{"10s"},
	}
}

// duration is how long it is, if it can be said.
func (m maxAge) duration() (time.Duration, error) {
	d, err := time.ParseDuration(string(m))
	if err != nil {
		return 0, invalid(InvalidField{Location: "query.max_age", Message: "expected a duration such as 10s or 1m30s"})
	}
	return d, nil
}

// lookProblem says that a look gave no answer.
func lookProblem(f store.Failure) *Problem {
	detail := "The order could not be verified: " + f.Phrase + "."
	switch {
	case f.RetryAfter > 0:
		return newProblem(http.StatusServiceUnavailable, codeGatewayPaused, detail).retryLater(seconds(f.RetryAfter))
	case f.Code == store.CodePaused || f.Code == store.CodeRateLimited:
		return newProblem(http.StatusServiceUnavailable, codeGatewayPaused, detail).retryLater(retryAfter)
	case f.Code == store.CodeTimeout:
		return newProblem(http.StatusGatewayTimeout, codeGatewayTimeout, detail)
	case f.Code == store.CodeInternal:
		return newProblem(http.StatusInternalServerError, codeInternal, internalDetail)
	}
	return newProblem(http.StatusBadGateway, codeGatewayFailed, detail)
}
