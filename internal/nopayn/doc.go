// Package nopayn is a client of the Cost+ gateway, formerly NoPayn: its orders API, and the webhooks it sends.
//
//	c, err := nopayn.New(nopayn.Config{APIKey: key, MerchantID: merchant})
//	order, err := c.GetOrder(ctx, id)
//
// # Beside the official SDKs
//
// Everything of the Python SDK's page is here, under these names (CONTRACT 10):
//
//	NoPaynClient(api_key, merchant_id, base_url)        New(Config{APIKey, MerchantID, BaseURL})
//	client.create_order(**kwargs) -> Order              Client.CreateOrder(ctx, NewOrder) (*Order, error)
//	client.get_order(order_id) -> Order                 Client.GetOrder(ctx, id, fields...)
//	client.create_refund(order_id, amount, desc)        Client.CreateRefund(ctx, id, NewRefund) (*Refund, error)
//	client.generate_payment_url(**kwargs)               Client.GeneratePaymentURL(ctx, NewOrder)
//	client.generate_signature(amount, currency, id)     Client.GenerateSignature
//	client.verify_signature(amount, currency, id, s)    Client.VerifySignature
//	client.verify_webhook(raw_body)                     Client.VerifyWebhook(ctx, body) (*VerifiedWebhook, error)
//	generate_signature(api_key, amount, currency, id)   GenerateSignature
//	verify_signature(api_key, amount, currency, id, s)  VerifySignature
//	Order, Transaction, Refund                          Order, Transaction, Refund: all of its fields, and more
//	PaymentUrlResult, VerifiedWebhook                   PaymentURLResult, VerifiedWebhook
//	NoPaynError                                         Error, an interface
//	ApiError.status_code, .error_body                   APIError.StatusCode, .Body
//	WebhookError                                        WebhookError
//
// What other official SDKs have, captures, voids and the parsing of a webhook alone, is [Client.Capture],
// [Client.Void] and [ParseWebhook]. What none of them has: ListOrders, UpdateOrder, CancelOrder, SearchOrders,
// captures and voids of a part or by line, payment links, the project's currencies, amount_details, exact amounts
// ([ParseAmount]), checks before anything is sent, and errors that say whether something may have been done
// ([Error.OutcomeUnknown]).
//
// # Who decides what
//
// The client sends one request a call and retries nothing, unless [Config.Retry] has it try reads again: only its
// caller knows what can wait. What changes something at the gateway is sent once, whatever the policy. (net/http alone
// may repeat a request that met a connection just closed: a GET, or one of which nothing was written.) It sets no time
// limit, so every ctx should carry a deadline. It follows no redirect, because the API key travels with every request;
// a redirect is an answer like any other outside 2xx. Every answer is bounded: 1 MiB for one order, 64 MiB for a list
// of them (CONTRACT 1.5, 2.12), and more is an error.
//
// # Errors
//
// A call that fails returns exactly one of these, to be told apart with [errors.As]. All of them are an [Error]:
//
//   - [*ValidationError]: nothing was sent, because a field is not what it must be. It names all such fields.
//   - [*APIError]: the gateway refused. It carries the HTTP status, and [APIError.Temporary] says whether the same
//     call may succeed later. A refusal that is no JSON has the message "Invalid JSON response" and no more, although
//     CONTRACT 5 would quote its beginning: that is a proxy's page, of which nobody knows what it holds. Body has it.
//   - [*TransportError]: no complete answer came. It wraps the cause, so that [errors.Is] finds
//     [context.DeadlineExceeded].
//   - [*ResponseError]: the gateway agreed, but its answer could not be understood, or is about another order.
//   - [*WebhookError]: a webhook's body is none.
//
// The text of an error never holds the API key, nor what a request or an order tells of a customer. The gateway may
// send either back, escaped in other ways than they were sent, so they are looked for in what the escapes stand for.
//
// # Reading documents
//
// Decoding is strict where money depends on it and lenient everywhere else. Unknown members are ignored, null means
// absent, and a descriptive member of the wrong type reads as absent too; [Order.Raw] keeps all of them. But a member
// by which goods may leave is never dropped: of the wrong type, it makes the whole document an error that names the
// member, and so it does when it is given twice. Member names are matched exactly as JSON has them, upper and lower
// case apart.
package nopayn
