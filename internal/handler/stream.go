package handler

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webhookd/internal/feed"
)

const (
	streamPath = "/v1/events/stream"
	// heartbeat is how often an idle stream says that it is alive, so that no proxy takes it for dead.
	heartbeat = 15 * time.Second
	// streamWriteTimeout is how long a client may take for what is written in one go. Then it is dropped: it will come
	// back and go on where it was.
	streamWriteTimeout = 10 * time.Second
)

// stream serves the feed as server-sent events (the HTML standard, 9.2). op is what the document says of it.
func (a *api) stream(op *huma.Operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e := exchangeOf(r.Context())
		s, p := a.openStream(r, op)
		if p != nil {
			p.write(e)
			return
		}
		defer s.Close()
		out := streamWriter{e: e, conn: http.NewResponseController(e)}
		if out.begin(s) { // a HEAD ends here
			follow(r.Context(), s, out)
		}
	}
}

// openStream finds the place in the feed that the client asks for, or why it cannot have it.
func (a *api) openStream(r *http.Request, op *huma.Operation) (*feed.Stream, *Problem) {
	if p := a.authorize(r, ScopeRead); p != nil {
		return nil, p
	}
	if wrong := wrongParameters(r.URL.RawQuery, op); len(wrong) > 0 {
		return nil, invalid(wrong...)
	}
	after, p := streamPlace(r)
	if p != nil {
		return nil, p
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
	defer cancel()
	s, err := a.Feed.Open(ctx, r.URL.Query().Get("feed"), after)
	if err != nil {
		return nil, refusal(r.Context(), err)
	}
	return s, nil
}

// lastEventID is the header in which a client says where it was.
const lastEventID = "Last-Event-ID"

// streamPlace is the position after which the client wants to go on, nil for the feed's end. What it was sent last
// wins over what its URL says, which is from before.
func streamPlace(r *http.Request) (*int64, *Problem) {
	location, text := "header."+lastEventID, r.Header.Get(lastEventID)
	if text == "" {
		location, text = "query.after", r.URL.Query().Get("after")
	}
	if text == "" {
		return nil, nil
	}
	after, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return nil, invalid(InvalidField{Location: location, Message: "expected a position in the feed"})
	}
	return new(int64(after)), nil
}

// follow sends what comes until either side ends it.
func follow(ctx context.Context, s *feed.Stream, out streamWriter) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		frames, err := s.Next(ctx, beat.C)
		if err != nil {
			return // the client comes back, and is told what there is to tell
		}
		if frames == nil {
			frames = []byte(": alive\n\n")
		}
		if !out.send(frames) {
			return
		}
	}
}

// streamWriter writes to one client.
type streamWriter struct {
	e    *exchange
	conn *http.ResponseController
}

// begin sends the headers, which feed this is and where it ends, for people, and the position that the stream starts
// after, for programs: one that is cut off before its first event knows by that where to go on.
func (w streamWriter) begin(s *feed.Stream) bool {
	h := w.e.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold it back
	w.e.WriteHeader(http.StatusOK)
	start := s.Start()
	return w.send(fmt.Appendf(nil, ": feed %s head %d\nid: %d\n\n", start.Feed, start.Head, s.Position()))
}

// send writes to the client, and reports whether it took it in time.
func (w streamWriter) send(text []byte) bool {
	// The server's own deadline is for answers that end. A connection that has none cannot be slow.
	_ = w.conn.SetWriteDeadline(time.Now().Add(streamWriteTimeout))
	if _, err := w.e.Write(text); err != nil {
		return false
	}
	return w.conn.Flush() == nil
}

const streamDoc = "The feed as server-sent events: id is the position, event the type, data the event. The first line " +
	"is a comment with the feed's identity and its newest position, the second the id to go on from should no event " +
	"follow. It goes on after Last-Event-ID, which wins, or after the parameter, and starts at the end without both. A " +
	"comment comes every 15 s while nothing happens. A client that does not take what it is sent within 10 s is dropped, " +
	"as all are when the service stops: connect again with the last id. 410 says that this cannot be done."

// addStream describes the stream, which huma does not serve.
func addStream(doc *huma.OpenAPI) *huma.Operation {
	op := &huma.Operation{
		Method: http.MethodGet, Path: streamPath, OperationID: "stream-events", Summary: "The feed, live",
		Description: streamDoc,
		Parameters: []*huma.Param{
			{Name: "after", In: "query", Description: "The last position that was read.", Schema: positionSchema()},
			{
				Name: "feed", In: "query", Description: "The feed that the position belongs to.",
				Schema: &huma.Schema{Type: huma.TypeString, Examples: []any{exampleFeed}},
			},
			{Name: lastEventID, In: "header", Description: "The last id that was read.", Schema: positionSchema()},
		},
		Responses: map[string]*huma.Response{"200": {
			Description: "Events without end; data is an Event.",
			Content:     media("text/event-stream", &huma.Schema{Type: huma.TypeString, Examples: []any{exampleStream()}}),
		}},
	}
	document(op, ScopeRead, []string{codeGone, codeTooManyWaiting})
	doc.AddOperation(op)
	return op
}

func positionSchema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: new(0.0), Examples: []any{17}}
}
