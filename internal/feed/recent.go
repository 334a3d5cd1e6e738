package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"

	"webhookd/internal/store"
)

const (
	// maxRecent and maxRecentBytes bound the events at hand. The bytes count frames, in which the events are.
	maxRecent      = 2048
	maxRecentBytes = 2 << 20
	// maxBatchBytes bounds what is written to a client in one go, so that a slow line has a chance to get it in time. One
	// event may be larger.
	maxBatchBytes = 64 << 10
)

// recent is the newest events, as of one moment: it never changes.
type recent struct {
	epoch   int    // another one says that the feed was replaced
	asleep  bool   // nobody listened, so the feed may have been replaced
	feed    string // its identity; empty if it was never read
	base    int64  // the events at hand are those after base up to head
	head    int64
	bytes   int
	batches []*batch
	changed chan struct{} // closed when there is a newer one
}

// batch is some events in a row, rendered.
type batch struct {
	events []store.Event // never empty
	frames []byte        // all of them, one after the other
	ends   []int         // where each one's frame ends
}

func (b *batch) first() int64 { return b.events[0].Seq }
func (b *batch) last() int64  { return b.events[len(b.events)-1].Seq }

// after is the events of b that follow a position, with their frames.
func (b *batch) after(position int64) ([]store.Event, []byte) {
	skip := int(max(0, position+1-b.first()))
	if skip == 0 {
		return b.events, b.frames
	}
	return b.events[skip:], b.frames[b.ends[skip-1]:]
}

// successor is r, to be shown in its place.
func (r *recent) successor(asleep bool) *recent {
	next := *r
	next.asleep, next.changed = asleep, make(chan struct{})
	return &next
}

// with is r and what follows it, without the oldest events if that is too much.
func (r *recent) with(batches []*batch) *recent {
	next := r.successor(false)
	next.batches = slices.Concat(r.batches, batches)
	for _, b := range batches {
		next.bytes += len(b.frames)
		next.head = b.last()
	}
	for len(next.batches) > 1 && (next.bytes > maxRecentBytes || next.head-next.base > maxRecent) {
		oldest := next.batches[0]
		next.batches, next.base, next.bytes = next.batches[1:], oldest.last(), next.bytes-len(oldest.frames)
	}
	return next
}

// of reports whether r is of this feed, for sure. An empty name is any.
func (r *recent) of(feed string) bool {
	return !r.asleep && (feed == "" || feed == r.feed)
}

// has reports whether the event after a position is at hand.
func (r *recent) has(position int64) bool { return r.base <= position && position < r.head }

// find is the batch that holds the event after a position, which must be at hand.
func (r *recent) find(position int64) int {
	return sort.Search(len(r.batches), func(i int) bool { return r.batches[i].last() > position })
}

// page is at most limit events after a position, which must be at hand.
func (r *recent) page(position int64, limit int) store.Page {
	p := store.Page{Feed: r.feed, Events: make([]store.Event, 0, min(int64(limit), r.head-position)), Head: r.head}
	for _, b := range r.batches[r.find(position):] {
		events, _ := b.after(position)
		p.Events = append(p.Events, events[:min(len(events), limit-len(p.Events))]...)
		if len(p.Events) == limit {
			break
		}
	}
	p.Next = p.Events[len(p.Events)-1].Seq
	p.HasMore = p.Next < p.Head
	return p
}

// dense returns an error unless the events are the ones right after a position.
func dense(after int64, events []store.Event) error {
	for i, e := range events {
		if want := after + int64(i) + 1; e.Seq != want {
			return fmt.Errorf("the feed has a gap: read position %d where %d must be", e.Seq, want)
		}
	}
	return nil
}

// render makes batches of events as a stream sends them (the HTML standard, 9.2.5). The events keep their orders in the
// frames, so that each is in memory once.
func render(events []store.Event) ([]*batch, error) {
	var batches []*batch
	var b *batch
	var frame bytes.Buffer
	for i, e := range events {
		frame.Reset()
		if err := writeFrame(&frame, e); err != nil {
			return nil, fmt.Errorf("render event %d: %w", e.Seq, err)
		}
		if b == nil || len(b.frames)+frame.Len() > maxBatchBytes {
			room := max(frame.Len(), min(frame.Len()*(len(events)-i), maxBatchBytes)) // if the others are of its size
			b = &batch{events: events[i:i], frames: make([]byte, 0, room)}
			batches = append(batches, b)
		}
		b.events = b.events[:len(b.events)+1]
		b.frames = append(b.frames, frame.Bytes()...)
		b.ends = append(b.ends, len(b.frames))
	}
	for _, b := range batches {
		b.share()
	}
	return batches, nil
}

// share has the events take their orders from the frames, which end with them.
func (b *batch) share() {
	for i := range b.events {
		e := &b.events[i]
		end := b.ends[i] - len("}\n\n")
		if text := b.frames[max(0, end-len(e.Order)):end:end]; bytes.Equal(text, e.Order) {
			e.Order = text
		}
	}
}

// writeFrame writes one event in the stream's format. Its JSON is one line, since JSON has no need of line ends.
func writeFrame(out *bytes.Buffer, e store.Event) error {
	out.WriteString("id: ")
	out.WriteString(strconv.FormatInt(e.Seq, 10))
	out.WriteString("\nevent: ")
	out.WriteString(string(e.Type))
	out.WriteString("\ndata: ")
	text := json.NewEncoder(out)
	text.SetEscapeHTML(false) // as everywhere else in the API
	if err := text.Encode(e); err != nil {
		return err
	}
	out.WriteByte('\n') // the encoder has ended the line
	return nil
}
