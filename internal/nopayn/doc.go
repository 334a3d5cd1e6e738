// Package nopayn is a client of the Cost+ gateway, formerly NoPayn: its orders API, and the webhooks it sends.
//
//	c, err := nopayn.New(nopayn.Config{APIKey: key, MerchantID: merchant})
//	order, err := c.GetOrder(ctx, id)
//
// # Who decides what
//
// The client sends one request a call and retries nothing: only its caller knows what can wait and what may be sent
// twice. (net/http alone may repeat a request that met a connection just closed: a GET, or one of which nothing was
// written.) It sets no time limit either, so every ctx should carry a deadline. It follows no redirect, because the API
// key travels with every request; a redirect is an answer like any other outside 2xx. Every answer is bounded: 1 MiB
// for one order, 64 MiB for a list of them (CONTRACT 1.5, 2.12), and more is an error.
//
// # Errors
//
// A call that fails returns exactly one of these, to be told apart with [errors.As]:
//
//   - [*APIError]: the gateway refused. It carries the HTTP status, and [APIError.Temporary] says whether the same
//     call may succeed later.
//   - [*TransportError]: no complete answer came. It wraps the cause, so that [errors.Is] finds
//     [context.DeadlineExceeded].
//   - [*ResponseError]: the gateway agreed, but its answer could not be understood, or is about another order.
//
// What is refused before anything is sent is none of them; an invalid id is [ErrInvalidID]. [ParseWebhook] fails
// with a [*WebhookError]. The text of an error never holds the API key, nor anything out of an order's document.
//
// # Reading documents
//
// Decoding is strict where money depends on it and lenient everywhere else. Unknown members are ignored, null means
// absent, and a descriptive member of the wrong type reads as absent too; [Order.Raw] keeps all of them. But a member
// by which goods may leave is never dropped: of the wrong type, it makes the whole document an error that names the
// member, and so it does when it is given twice. Member names are matched exactly as JSON has them, upper and lower case
// apart.
package nopayn
