package handler

import (
	"context"

	"webhookd/internal/store"
)

const eventsDoc = "Positions are dense and in the order of commits: who has read n has read all up to n. " +
	"To go on, repeat the call with the answer's next as after. 410 says that this cannot be done: the events after " +
	"that place are no longer kept, or it belongs to another feed."

type eventsRequest struct {
	After int64  `query:"after" minimum:"0" default:"0" doc:"The last position that was read."`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Feed  string `query:"feed" maxLength:"64" doc:"The feed that after belongs to, as an earlier answer named it."`
}

type eventsAnswer struct {
	Body store.Page
}

// events answers with a stretch of the feed.
func (a *api) events(ctx context.Context, in *eventsRequest) (*eventsAnswer, error) {
	page, err := a.orders.Events(ctx, in.Feed, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	return &eventsAnswer{Body: page}, nil
}
