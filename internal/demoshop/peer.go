package demoshop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
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

// statusOf returns the status of an answer outside 2xx; 0 if err is something else.
func statusOf(err error) int {
	var answer *answerError
	if errors.As(err, &answer) {
		return answer.status
	}
	return 0
}

// call sends in as JSON, unless it is nil, and reads the answer into out, unless that is nil. An answer outside 2xx is
// an *answerError.
func (p peer) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := p.request(ctx, method, path, in)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	_, err = p.send(req, out)
	return err
}

// fetch reads what is at path, and its tag. If it still has the given tag, which may be empty, the error is an
// *answerError with status 304. The answer may be held back for some time, besides the time of a call.
func (p peer) fetch(ctx context.Context, path, tag string, held time.Duration, out any) (newTag string, err error) {
	ctx, cancel := context.WithTimeout(ctx, held+callTimeout)
	defer cancel()
	req, err := p.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return "", fmt.Errorf("GET %s: %w", path, err)
	}
	if tag != "" {
		req.Header.Set("If-None-Match", tag)
	}
	header, err := p.send(req, out)
	return header.Get("ETag"), err
}

func (p peer) send(req *http.Request, out any) (http.Header, error) {
	call := req.Method + " " + req.URL.RequestURI()
	res, err := p.client.Do(req)
	if err != nil {
		return nil, err // a *url.Error, which names the call
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 || out == nil {
		// What is read lets the connection be used again; whether that works is all the same.
		_, _ = io.CopyN(io.Discard, res.Body, maxAnswer)
	}
	if res.StatusCode/100 != 2 {
		return nil, &answerError{call: call, status: res.StatusCode}
	}
	if out == nil {
		return res.Header, nil
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(out); err != nil {
		return nil, fmt.Errorf("%s: read the answer: %w", call, err)
	}
	return res.Header, nil
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
