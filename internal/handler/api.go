package handler

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// answerTimeout bounds a whole request, so that a database which hangs is a 503 within five seconds. A request that
// waits for something is bounded in each of its reads instead.
const answerTimeout = 4 * time.Second

// api answers /v1.
type api struct {
	orders      Orders
	looks       Refresher
	keys        keys
	authOff     bool
	lookTimeout time.Duration
}

// serve adds one operation, for callers whose key has the scope. Beside its own errors it has those of all.
func serve[In, Out any](
	a *api, doc huma.API, scope Scope, op huma.Operation, answer func(context.Context, *In) (*Out, error),
) {
	serveWaiting(a, doc, scope, op, func(ctx context.Context, in *In) (*Out, error) {
		bounded, cancel := context.WithDeadline(ctx, exchangeOf(ctx).start.Add(answerTimeout))
		defer cancel()
		return answer(bounded, in)
	})
}

// serveWaiting is serve for an answer that bounds its own time.
func serveWaiting[In, Out any](
	a *api, doc huma.API, scope Scope, op huma.Operation, answer func(context.Context, *In) (*Out, error),
) {
	op.Errors = slices.Concat(op.Errors, []int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity,
		http.StatusInternalServerError, http.StatusServiceUnavailable,
	})
	op.Security = []map[string][]string{{securityScheme: {scope.name()}}}
	op.Description += " Needs the scope " + scope.name() + "."
	op.Middlewares = huma.Middlewares{noStore, a.require(scope), strictQuery}
	if op.Method != http.MethodGet {
		op.Middlewares = append(op.Middlewares, jsonBody(doc.OpenAPI().Components.Schemas))
	}
	huma.Register(doc, op, func(ctx context.Context, in *In) (*Out, error) {
		out, err := answer(ctx, in)
		if err == nil {
			return out, nil
		}
		p := refusal(ctx, err)
		p.note(exchangeOf(ctx))
		return nil, p
	})
}

// noStore keeps answers out of caches: they hold the shop's business and are old at once.
func noStore(ctx huma.Context, next func(huma.Context)) {
	ctx.SetHeader("Cache-Control", "no-store")
	next(ctx)
}
