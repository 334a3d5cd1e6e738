package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	callTime = 7 * time.Second // what a shop waits for an answer
	maxBody  = 1 << 20
)

// reply is an answer of the service; its code is 0 if there was none.
type reply struct {
	code int
	body []byte
}

// decode reads the body, which of a problem is another than asked for.
func (r reply) decode(out any) { _ = json.Unmarshal(r.body, out) }

// anyReplica picks the replica that a call goes to, as a load balancer would that does not know which are well.
func (w *World) anyReplica(rng *rand.Rand) *Replica { return w.Replicas[rng.IntN(len(w.Replicas))] }

// ask calls the API of a replica.
func (w *World) ask(ctx context.Context, r *Replica, method, path string, body any, header ...string) reply {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body) // of maps and numbers of our own
	}
	req, err := http.NewRequestWithContext(ctx, method, r.URL+path, bytes.NewReader(text))
	if err != nil {
		return reply{}
	}
	req.Header.Set("Authorization", "Bearer "+apiSecret)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return w.exchange(r, req, method+" "+path)
}

// exchange sends a request. One that ends without an answer though we wait for it is taken down: a process that is
// stopping must not do that.
func (w *World) exchange(r *Replica, req *http.Request, what string) reply {
	began := time.Now()
	res, err := w.http.Do(req)
	if err == nil {
		defer res.Body.Close()
		var body []byte
		if body, err = io.ReadAll(io.LimitReader(res.Body, maxBody)); err == nil {
			return reply{res.StatusCode, body}
		}
	}
	if req.Context().Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
		w.Ledger.unanswered(r.URL, what, began)
	}
	return reply{}
}

// quietLog is for a server whose handlers break off on purpose.
func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }
