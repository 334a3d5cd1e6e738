package handler

import (
	"context"
	"net/http"
	"time"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

const orderDoc = "An id that only webhooks have named is 404 until the gateway has confirmed it. " +
	"The ETag changes with anything in the answer. With max_age the answer is an order verified not longer ago than " +
	"that, or an error: if need be the gateway is asked first, as by POST /v1/orders/{id}/refresh, also for an id " +
	"that we never heard of, and what that answers is answered here too. With wait the answer is held until the order " +
	"is final, or until it changes: until its ETag is none of If-None-Match, if that is given, else until its next " +
	"event. When the time is over the answer is the present one. An id that is not known, or by a webhook only, is " +
	"waited for too."

type orderRequest struct {
	ID          orderID `path:"id"`
	MaxAge      maxAge  `query:"max_age" doc:"How old the gateway's word on the order may be."`
	Wait        string  `query:"wait" maxLength:"32" doc:"How long to wait, at most 30s." example:"25s"`
	Until       string  `query:"until" enum:"final,change" doc:"With wait: for what. final if not given."`
	IfNoneMatch string  `header:"If-None-Match" doc:"ETags that need not be sent again." example:"\"TvDEDkH71SAc_qh92XTGOw\""`
}

type orderAnswer struct {
	Status       int
	ETag         string `header:"ETag" doc:"Changes with anything in the answer."`
	CacheControl string `header:"Cache-Control"`
	Body         store.Order
}

// order answers with one order, or with 304 if the client has it.
func (a *api) order(ctx context.Context, in *orderRequest) (*orderAnswer, error) {
	if in.MaxAge != "" {
		age, err := in.MaxAge.duration()
		if err != nil {
			return nil, err
		}
		if err := a.look(ctx, in.ID, age); err != nil {
			return nil, err
		}
	}
	o, err := a.awaitOrder(ctx, in)
	if err != nil {
		return nil, err
	}
	tag, err := etag(o)
	if err != nil {
		return nil, err
	}
	// Unlike all else this may be kept, by the client alone and to be asked for again each time: or why the ETag?
	out := &orderAnswer{Status: http.StatusOK, ETag: tag, CacheControl: "private, no-cache", Body: o}
	if matches(in.IfNoneMatch, tag) {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

const ordersDoc = "Those first seen last come first. With updated_after it is those that changed longest ago, and " +
	"an order that changes while pages are turned comes once more. All filters given must hold. To go on, repeat the " +
	"call, which may have another limit, with the answer's next as cursor, until that is null. Unknown, empty and " +
	"repeated parameters are refused, because what they would let through might ship."

type ordersRequest struct {
	MerchantOrderID label       `query:"merchant_order_id" doc:"The shop's reference, as the gateway has it." example:"A-17"`
	State           state       `query:"state"`
	Status          label       `query:"status" doc:"The gateway's own word." example:"completed"`
	Settled         given[bool] `query:"settled" doc:"Whether polling has ended."`
	Stuck           given[bool] `query:"stuck" doc:"Whether it has been unsettled for too long."`
	Fulfillable     given[bool] `query:"fulfillable" doc:"Whether the goods may leave."`
	UpdatedAfter    string      `query:"updated_after" format:"date-time" doc:"Changed after this; + is written %2B." example:"2026-03-02T09:14:05Z"`
	Limit           int         `query:"limit" minimum:"1" maximum:"500" default:"50"`
	Cursor          string      `query:"cursor" doc:"The next of the page before." example:"MjAyNi0wMy0wMlQwOToxNDowNlo"`
}

// filter is what the request asks for.
func (in *ordersRequest) filter() (store.Filter, error) {
	f := store.Filter{
		MerchantOrderID: pointer(string(in.MerchantOrderID)), State: pointer(payment.State(in.State)),
		Status:  pointer(string(in.Status)),
		Settled: in.Settled.pointer(), Stuck: in.Stuck.pointer(), Fulfillable: in.Fulfillable.pointer(),
	}
	if in.UpdatedAfter == "" {
		return f, nil
	}
	t, err := time.Parse(time.RFC3339, in.UpdatedAfter)
	if err != nil {
		return f, invalid(InvalidField{Location: "query.updated_after", Message: "expected an RFC 3339 date-time"})
	}
	f.UpdatedAfter = &t
	return f, nil
}

// orderList is one page of orders.
type orderList struct {
	Orders []store.Order `json:"orders"`
	Next   *string       `json:"next" doc:"The cursor of the next page; null at the end."`
}

type ordersAnswer struct {
	Body orderList
}

// list answers with a page of orders.
func (a *api) list(ctx context.Context, in *ordersRequest) (*ordersAnswer, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	after, err := decodeCursor(in.Cursor, f)
	if err != nil {
		return nil, err
	}
	orders, next, err := a.Orders.Orders(ctx, f, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &ordersAnswer{Body: orderList{Orders: orders}}
	if next != nil {
		word, err := encodeCursor(*next, f)
		if err != nil {
			return nil, err
		}
		out.Body.Next = &word
	}
	return out, nil
}
