package handler

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"webhookd/internal/store"
)

const historyDoc = "An order without events has an empty list. However many there are, they come in one answer; those " +
	"that RETENTION_EVENTS let go are not there."

// historyPart is how many events of a history are in memory at a time. Few orders have more than a handful.
const historyPart = 100

type historyRequest struct {
	ID orderID `path:"id"`
}

// eventList is all of an order's events.
type eventList struct {
	Events []store.Event `json:"events"`
}

// historyAnswer is an eventList, written part by part.
type historyAnswer struct {
	Body func(huma.Context)
}

// history answers with what happened to one order.
func (a *api) history(ctx context.Context, in *historyRequest) (*historyAnswer, error) {
	events, err := a.Orders.History(ctx, string(in.ID), 0, historyPart)
	if err != nil {
		return nil, err
	}
	return &historyAnswer{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "application/json")
		if err := a.tell(c, string(in.ID), events); err != nil {
			exchangeOf(c.Context()).cause = err
			panic(http.ErrAbortHandler) // half a history must not pass for a whole one
		}
	}}, nil
}

// tell writes the events, and after them all that follow.
func (a *api) tell(c huma.Context, id string, events []store.Event) error {
	part := bytes.NewBufferString(`{"events":[`)
	for separator := ""; ; {
		for _, e := range events {
			text, err := json.Marshal(e)
			if err != nil {
				return fmt.Errorf("write event %d: %w", e.Seq, err)
			}
			part.WriteString(separator)
			part.Write(text)
			separator = ","
		}
		more := len(events) == historyPart
		if !more {
			part.WriteString("]}\n")
		}
		if _, err := part.WriteTo(c.BodyWriter()); err != nil {
			return fmt.Errorf("write the history of order %s: %w", id, err)
		}
		if !more {
			return nil
		}
		var err error
		if events, err = a.historyAfter(c.Context(), id, events[len(events)-1].Seq); err != nil {
			return err
		}
	}
}

// historyAfter reads the next part.
func (a *api) historyAfter(ctx context.Context, id string, after int64) ([]store.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return a.Orders.History(ctx, id, after, historyPart)
}
