package handler

import (
	"context"
	"time"

	"webhookd/internal/store"
)

const eventsDoc = "Positions are dense and in the order of commits: who has read n has read all up to n. " +
	"To go on, repeat the call with the answer's next as after. 410 says that this cannot be done: the events after " +
	"that place are no longer kept, or it belongs to another feed. With wait an answer without events is held until there " +
	"is one, or the time is over."

type eventsRequest struct {
	After int64  `query:"after" minimum:"0" default:"0" doc:"The last position that was read."`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Feed  string `query:"feed" maxLength:"64" doc:"The feed that after is of, as an answer named it." example:"5b1e7a52-6a3c"`
	Wait  string `query:"wait" maxLength:"32" doc:"How long to wait for the first event, at most 30s." example:"25s"`
}

type eventsAnswer struct {
	Body store.Page
}

// events answers with a stretch of the feed.
func (a *api) events(ctx context.Context, in *eventsRequest) (*eventsAnswer, error) {
	wait, err := parseWait(in.Wait)
	if err != nil {
		return nil, err
	}
	page, err := a.page(ctx, in, wait)
	if err != nil {
		return nil, err
	}
	return &eventsAnswer{Body: page}, nil
}

func (a *api) page(ctx context.Context, in *eventsRequest, wait time.Duration) (store.Page, error) {
	if wait > 0 {
		return a.Feed.Page(ctx, in.Feed, in.After, in.Limit, wait)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return a.Orders.Events(ctx, in.Feed, in.After, in.Limit)
}
