package demoshop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 4 << 20

// peer is a service that the shop calls with JSON.
type peer struct {
	base      string // scheme and host
	client    *http.Client
	authorize func(*http.Request)
}

// answerError is an answer outside 2xx. It holds nothing of the body.
type answerError struct {
	call   string // method and path
	status int
}

func (e *answerError) Error() string {
	return fmt.Sprintf("%s: answered %d %s", e.call, e.status, http.StatusText(e.status))
}

// call sends in as JSON, unless it is nil, and reads the answer into out. An answer outside 2xx is an *answerError.
func (p peer) call(ctx context.Context, method, path string, in, out any) error {
	call := method + " " + path
	req, err := p.request(ctx, method, path, in)
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return err // a *url.Error, which names the call
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		// What is read lets the connection be used again; whether that works is all the same.
		_, _ = io.CopyN(io.Discard, res.Body, maxAnswer)
		return &answerError{call: call, status: res.StatusCode}
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("%s: read the answer: %w", call, err)
	}
	return nil
}

func (p peer) request(ctx context.Context, method, path string, in any) (*http.Request, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	p.authorize(req)
	return req, nil
}

func withoutSlash(base string) string { return strings.TrimRight(base, "/") }
