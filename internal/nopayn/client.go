package nopayn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Client calls the gateway's API. It is safe for concurrent use; New makes one.
type Client struct {
	base  string // in front of /v1, no trailing slash
	agent string
	http  *http.Client

	// credentials is a func because that is what no verb of fmt looks into: printing a Client shows no key.
	credentials func() credentials
}

// request is one call of the API.
type request struct {
	operation string // names the call in errors
	method    string
	path      string // below the base URL, with its trailing slash (CONTRACT 1.4)
	query     url.Values
	maxAnswer int64 // bytes
}

// call sends r and reads the answer with decode. Should decode give something along with its error, so does call.
func call[T any](ctx context.Context, c *Client, r request, decode func(value) (T, error)) (T, error) {
	doc, err := c.exchange(ctx, r)
	if err != nil {
		var none T
		return none, err
	}
	out, err := decode(doc)
	if err != nil {
		return out, &ResponseError{Operation: r.operation, Err: err}
	}
	return out, nil
}

// exchange sends r and gives the JSON of a 2xx answer. Every other outcome is one of the package's error types.
func (c *Client) exchange(ctx context.Context, r request) (value, error) {
	req, err := c.newRequest(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("nopayn: %s: %w", r.operation, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, transportError(ctx, r.operation, err)
	}
	defer res.Body.Close() // nothing is left to do if this fails; all that matters was read before
	if res.StatusCode < 200 || res.StatusCode > 299 {
		// The status alone is worth reporting, so a body that breaks off does not matter.
		body, _ := readAtMost(res, maxErrorBody)
		return nil, newAPIError(r.operation, res, c.credentials().redact(body))
	}
	body, err := readAtMost(res, r.maxAnswer)
	if err != nil {
		return nil, transportError(ctx, r.operation, err)
	}
	if int64(len(body)) > r.maxAnswer {
		err := fmt.Errorf("larger than %d bytes", r.maxAnswer)
		return nil, &ResponseError{Operation: r.operation, Err: err}
	}
	doc, err := parseJSON(body)
	if err != nil {
		return nil, &ResponseError{Operation: r.operation, Err: err}
	}
	if doc.member("error") != nil {
		return nil, newAPIError(r.operation, res, c.credentials().redact(body))
	}
	return doc, nil
}

func (c *Client) newRequest(ctx context.Context, r request) (*http.Request, error) {
	target := c.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Basic "+c.credentials().basic)
	req.Header.Set("User-Agent", c.agent)
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

// transportError wraps a failure of net/http. The URL that net/http adds says nothing new.
func transportError(ctx context.Context, operation string, err error) *TransportError {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if over := ctx.Err(); over != nil && !errors.Is(err, over) {
		err = over // a ctx with a cause of its own hides that its time was over
	}
	return &TransportError{Operation: operation, Err: err}
}
