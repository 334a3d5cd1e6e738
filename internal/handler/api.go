package handler

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// answerTimeout bounds a whole request, so that a database which hangs is a 503 within five seconds. A request that
// waits for something is bounded in each of its reads instead.
const answerTimeout = 4 * time.Second

// api answers /v1.
type api struct {
	Backend

	doc         huma.API
	keys        keys
	authOff     bool
	lookTimeout time.Duration
}

// serve adds one operation, for callers whose key has the scope. Beside its own codes its problems have those of all.
func serve[In, Out any](
	a *api, scope Scope, op huma.Operation, codes []string, answer func(context.Context, *In) (*Out, error),
) {
	serveWaiting(a, scope, op, codes, func(ctx context.Context, in *In) (*Out, error) {
		bounded, cancel := context.WithDeadline(ctx, exchangeOf(ctx).start.Add(answerTimeout))
		defer cancel()
		return answer(bounded, in)
	})
}

// serveWaiting is serve for an answer that bounds its own time.
func serveWaiting[In, Out any](
	a *api, scope Scope, op huma.Operation, codes []string, answer func(context.Context, *In) (*Out, error),
) {
	document(&op, scope, codes)
	op.Middlewares = huma.Middlewares{noStore, a.require(scope), strictQuery}
	if op.Method != http.MethodGet {
		op.Middlewares = append(op.Middlewares, jsonBody(a.doc.OpenAPI().Components.Schemas))
	}
	huma.Register(a.doc, op, func(ctx context.Context, in *In) (*Out, error) {
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
