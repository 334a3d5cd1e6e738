package openapicheck

import (
	"bytes"
	"io"
	"net/http"
)

// Transport checks all that goes through it.
type Transport struct {
	Base     http.RoundTripper
	Document *Document
	Report   func(fault string) // called for each fault, maybe of several requests at a time
}

// RoundTrip sends a request and reads its whole answer, unless that is a stream.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		if sent, err = io.ReadAll(body); err != nil {
			return nil, err
		}
	}
	res, err := t.Base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, whole := taken(res)
	if !whole {
		return res, nil // half an answer is not looked at
	}
	for _, fault := range t.Document.Faults(r, sent, res, answer) {
		t.Report(fault)
	}
	return res, nil
}

// taken reads an answer's body, unless it is a stream, and puts it back. One that breaks off does so for the caller too.
func taken(res *http.Response) (answer []byte, whole bool) {
	if res.Header.Get("Content-Type") == EventStream {
		return nil, true
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		res.Body = broken{bytes.NewReader(answer), res.Body, err}
		return nil, false
	}
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(answer))
	return answer, true
}

// broken is a body that ends with an error.
type broken struct {
	read *bytes.Reader
	io.Closer
	err error
}

func (b broken) Read(p []byte) (int, error) {
	n, err := b.read.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}
