package nopayn

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Client calls the gateway's API. It is safe for concurrent use; New makes one.
type Client struct {
	base  string // in front of /v1, no trailing slash
	agent string
	http  *http.Client
	retry Retry // of reads

	// credentials is a func because that is what no verb of fmt looks into: printing a Client shows no key.
	credentials func() credentials
}

// request is one call of the API.
type request struct {
	operation  string // names the call in errors
	method     string
	path       string // below the base URL
	query      url.Values
	body       []byte // JSON, or nil for none
	ifMatch    string // sent if not empty
	read       bool   // nothing at the gateway changes by it, so it may be sent again
	maxAnswer  int64  // bytes; maxOrder when 0
	mayBeEmpty bool   // whether an answer without a body will do
}

// reply is a 2xx answer. doc is nil if there was no body.
type reply struct {
	doc  value
	etag string
}

// call sends r and reads the answer with decode. Should decode give something along with its error, so does call.
func call[T any](ctx context.Context, c *Client, r request, decode func(reply) (T, error)) (T, error) {
	answer, err := c.exchange(ctx, r)
	if err != nil {
		var none T
		return none, err
	}
	out, err := decode(answer)
	if err != nil {
		return out, &ResponseError{Operation: r.operation, Err: err, NotDone: r.read}
	}
	return out, nil
}

// exchange sends r once, or as often as c.retry has it if r is a read. Every error is one of the package's own.
func (c *Client) exchange(ctx context.Context, r request) (reply, error) {
	for attempt := 1; ; attempt++ {
		answer, err := c.send(ctx, r)
		if err == nil || !r.read {
			return answer, err
		}
		pause, again := c.retry.next(attempt, err)
		if !again || !rest(ctx, pause) {
			return answer, err
		}
	}
}

// send sends r once and gives the JSON of a 2xx answer.
func (c *Client) send(ctx context.Context, r request) (reply, error) {
	var w wire
	req, err := c.newRequest(w.watch(ctx), r)
	if err == nil {
		err = over(ctx) // net/http might send something all the same
	}
	if err != nil {
		return reply{}, &TransportError{Operation: r.operation, Err: err, NotDone: true}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return reply{}, transportError(ctx, r, err, w.untouched())
	}
	defer res.Body.Close() // nothing is left to do if this fails; all that matters was read before
	if res.StatusCode < 200 || res.StatusCode > 299 {
		// The status alone is worth reporting, so a body that breaks off does not matter.
		body, _ := readAtMost(res, maxErrorBody)
		return reply{}, c.refusal(r, res, body)
	}
	limit := cmp.Or(r.maxAnswer, maxOrder)
	body, err := readAtMost(res, limit)
	switch {
	case err != nil:
		return reply{}, transportError(ctx, r, err, false)
	case int64(len(body)) > limit:
		err := fmt.Errorf("%w: larger than %d bytes", ErrTooLong, limit)
		return reply{}, &ResponseError{Operation: r.operation, Err: err, NotDone: r.read}
	}
	return c.accept(r, res, body)
}

// over is why ctx has ended. Unlike ctx.Err it does not wait for a timer, which in a process that was frozen may fire
// late.
func over(ctx context.Context) error {
	if end, bounded := ctx.Deadline(); bounded && ctx.Err() == nil && !time.Now().Before(end) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// accept reads the body of a 2xx answer, which may be a refusal in disguise (CONTRACT 5, shape F).
func (c *Client) accept(r request, res *http.Response, body []byte) (reply, error) {
	answer := reply{etag: res.Header.Get("ETag")}
	if r.mayBeEmpty && len(bytes.TrimSpace(body)) == 0 {
		return answer, nil
	}
	doc, err := parseJSON(body)
	if err != nil {
		return reply{}, &ResponseError{Operation: r.operation, Err: err, NotDone: r.read}
	}
	if refuses(doc) {
		refused := c.refusal(r, res, body)
		refused.NotDone = r.read || blamesRequest(refused.InnerStatus) && doc.member("id") == nil
		return reply{}, refused
	}
	answer.doc = doc
	return answer, nil
}

// refusal reads an answer that says no, without the secrets and what the request tells of its customer.
func (c *Client) refusal(r request, res *http.Response, body []byte) *APIError {
	e := newAPIError(r.operation, res, body, c.credentials().secrets(personalTexts(value(r.body))))
	e.NotDone = r.read
	return e
}

func (c *Client) newRequest(ctx context.Context, r request) (*http.Request, error) {
	target := c.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader = http.NoBody
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Basic "+c.credentials().basic)
	req.Header.Set("User-Agent", c.agent)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.ifMatch != "" {
		req.Header.Set("If-Match", r.ifMatch)
	}
	return req, nil
}

// readAtMost reads the body, but no more than limit and one byte, so that the caller sees that there was more. Read to
// its end, the body leaves its connection to the next call; a larger one costs the connection.
func readAtMost(res *http.Response, limit int64) ([]byte, error) {
	const trusted = 64 << 10 // what is set aside on the mere word of a Content-Length
	var body bytes.Buffer
	body.Grow(int(min(max(res.ContentLength, 0), limit, trusted)) + bytes.MinRead)
	_, err := body.ReadFrom(io.LimitReader(res.Body, limit+1))
	return body.Bytes(), err
}
