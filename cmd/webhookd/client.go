package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// callTimeout bounds a call that the service answers at once.
	callTimeout = 15 * time.Second
	// waitTimeout bounds a call that the service may hold: for new events, or while it asks the gateway.
	waitTimeout = 45 * time.Second
	// maxReply bounds what is read of an answer: more than a full page of the largest orders.
	maxReply = 64 << 20
)

// client calls the API of a running webhookd.
type client struct {
	base string // no final slash
	key  secret // empty for none
	http *http.Client
}

func newClient(base string, key secret) *client {
	return &client{base: base, key: key, http: &http.Client{
		Transport: http.DefaultTransport.(*http.Transport).Clone(),
		// A redirect to another host would take the key along.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// get reads path into out. Its errors are a *problemError or an *unreachableError where the service is at fault.
func (c *client) get(ctx context.Context, path string, query url.Values, timeout time.Duration, out any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.call(ctx, http.MethodGet, path, timeout, out)
}

// call sends one request without a body and reads the JSON of a 2xx answer into out.
func (c *client) call(ctx context.Context, method, path string, timeout time.Duration, out any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, nil)
	if err != nil {
		return fmt.Errorf("call the service: %w", err)
	}
	if key := c.key.reveal(); key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return &unreachableError{c.base, err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxReply))
	if err != nil {
		return &unreachableError{c.base, err}
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return readProblem(res, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("the answer of %s is not webhookd's: %w", c.base, err)
	}
	return nil
}

// problemError is a refusal by the service.
type problemError struct {
	Status    int    `json:"-"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	RequestID string `json:"request_id"`
}

func readProblem(res *http.Response, body []byte) *problemError {
	p := new(problemError)
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")) // an unreadable one is none that we know
	if kind != "application/problem+json" || json.Unmarshal(body, p) != nil {
		p = &problemError{Detail: "The answer is not webhookd's", Code: "no_problem_document"}
	}
	p.Status = res.StatusCode
	return p
}

// Error is one line: what is wrong for people, the code for programs, and what finds the request in the log.
func (p *problemError) Error() string {
	text := fmt.Sprintf("%s (%s, HTTP %d", strings.TrimSuffix(oneLine(p.Detail), "."), oneLine(p.Code), p.Status)
	if p.RequestID != "" {
		text += ", request " + oneLine(p.RequestID)
	}
	return text + ")"
}

// wrongUse reports whether what was asked for can be nothing, however it is asked.
func (p *problemError) wrongUse() bool {
	return p.Status == http.StatusUnprocessableEntity && p.Code == "invalid"
}

// unreachableError means that no whole answer came from the service.
type unreachableError struct {
	base string
	err  error
}

// Error leaves out the URL that net/http puts in front: base says enough.
func (e *unreachableError) Error() string {
	err := e.err
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	return fmt.Sprintf("no answer from %s: %v", e.base, err)
}

// Unwrap gives the cause.
func (e *unreachableError) Unwrap() error { return e.err }

// passes reports whether the same call may succeed later with nothing changed, as while the service restarts.
func passes(err error) bool {
	if p, ok := errors.AsType[*problemError](err); ok {
		return p.Status >= http.StatusInternalServerError || p.Status == http.StatusTooManyRequests
	}
	_, ok := errors.AsType[*unreachableError](err)
	return ok
}
