package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"webhookd/internal/store"
)

// maxPage is the most that the service lists in one answer.
const maxPage = 500

// ordersCommand groups what is asked about orders of a running webhookd.
type ordersCommand struct {
	Get     ordersGetCommand     `cmd:"" help:"Show one order."`
	List    ordersListCommand    `cmd:"" help:"List orders, newest first. All filters must hold."`
	Refresh ordersRefreshCommand `cmd:"" help:"Have the gateway asked about an order now, and show it."`
}

type ordersGetCommand struct {
	remote
	ID   orderID `arg:"" help:"The gateway's id of the order."`
	JSON bool    `help:"Print the order as the API gives it."`
}

// Run shows one order.
func (c ordersGetCommand) Run(w *world) error {
	api, err := c.connect(w, scopeRead)
	if err != nil {
		return err
	}
	var answer json.RawMessage
	if err := api.get(w.ctx, "/v1/orders/"+string(c.ID), nil, callTimeout, &answer); err != nil {
		return err
	}
	return showOrder(w.stdout, answer, c.JSON)
}

type ordersRefreshCommand struct {
	remote
	ID   orderID `arg:"" help:"The gateway's id of the order; webhookd need not know it yet."`
	JSON bool    `help:"Print the order as the API gives it."`
}

// Run has one order verified now, and shows it.
func (c ordersRefreshCommand) Run(w *world) error {
	api, err := c.connect(w, scopeWrite)
	if err != nil {
		return err
	}
	var answer json.RawMessage
	path := "/v1/orders/" + string(c.ID) + "/refresh"
	if err := api.call(w.ctx, http.MethodPost, path, waitTimeout, &answer); err != nil {
		return err
	}
	return showOrder(w.stdout, answer, c.JSON)
}

type ordersListCommand struct {
	remote
	MerchantOrderID *string     `placeholder:"REF" help:"The shop's own reference."`
	State           *orderState `placeholder:"STATE" help:"Our reading, such as paid or pending."`
	Status          *string     `placeholder:"STATUS" help:"The gateway's own word, such as completed."`
	Settled         *bool       `negatable:"" help:"Whether polling has ended."`
	Stuck           *bool       `negatable:"" help:"Whether it has been unsettled for too long."`
	Fulfillable     *bool       `negatable:"" help:"Whether the goods may leave."`
	UpdatedAfter    *moment     `placeholder:"TIME" help:"Changed after this time, in that order; 2h is two hours ago."`
	Limit           int         `default:"50" help:"How many at most."`
	All             bool        `help:"All that match, however many."`
	JSON            bool        `help:"Print each order as the API gives it, one a line."`
}

// Validate refuses a limit that lists nothing.
func (c *ordersListCommand) Validate() error {
	if c.Limit < 1 {
		return reason("--limit must be 1 or more")
	}
	return nil
}

// Run lists orders, page by page.
func (c ordersListCommand) Run(w *world) error {
	api, err := c.connect(w, scopeRead)
	if err != nil {
		return err
	}
	left, query := c.Limit, c.filter()
	if c.All {
		left = math.MaxInt
	}
	var list []store.Order
	for more := true; more && left > 0; {
		query.Set("limit", strconv.Itoa(min(maxPage, left)))
		var page orderPage
		if err := api.get(w.ctx, "/v1/orders", query, callTimeout, &page); err != nil {
			return err
		}
		if list, err = c.take(w.stdout, page.Orders, list); err != nil {
			return err
		}
		left -= len(page.Orders)
		if more = page.Next != nil; more {
			query.Set("cursor", *page.Next)
		}
		if more && left <= 0 {
			defer fmt.Fprintln(w.stderr, "there are more: see --limit and --all")
		}
	}
	if c.JSON {
		return nil
	}
	return printOrders(w.stdout, list, time.Now())
}

// orderPage is a page of the API's list.
type orderPage struct {
	Orders []json.RawMessage `json:"orders"`
	Next   *string           `json:"next"`
}

// take prints orders at once, or adds them to the list that becomes a table.
func (c ordersListCommand) take(w io.Writer, orders []json.RawMessage, list []store.Order) ([]store.Order, error) {
	for _, text := range orders {
		if c.JSON {
			if err := printLine(w, text); err != nil {
				return nil, err
			}
			continue
		}
		var o store.Order
		if err := json.Unmarshal(text, &o); err != nil {
			return nil, fmt.Errorf("read an order: %w", err)
		}
		list = append(list, o)
	}
	return list, nil
}

// filter is what the flags ask for, in the words of the API. What is given but empty is passed on, to be refused:
// without it the list would be one of other orders than those asked for.
func (c ordersListCommand) filter() url.Values {
	query := url.Values{}
	for name, text := range map[string]*string{
		"merchant_order_id": c.MerchantOrderID, "state": (*string)(c.State), "status": c.Status,
	} {
		if text != nil {
			query.Set(name, *text)
		}
	}
	for name, flag := range map[string]*bool{
		"settled": c.Settled, "stuck": c.Stuck, "fulfillable": c.Fulfillable,
	} {
		if flag != nil {
			query.Set(name, strconv.FormatBool(*flag))
		}
	}
	if c.UpdatedAfter != nil {
		query.Set("updated_after", c.UpdatedAfter.UTC().Format(time.RFC3339Nano))
	}
	return query
}

func showOrder(w io.Writer, answer json.RawMessage, asJSON bool) error {
	if asJSON {
		return printLine(w, answer)
	}
	var o store.Order
	if err := json.Unmarshal(answer, &o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	return printOrder(w, o, time.Now())
}

// printLine writes a JSON text as it came, on one line.
func printLine(w io.Writer, text json.RawMessage) error {
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	line.WriteByte('\n')
	_, err := w.Write(line.Bytes())
	return err
}
