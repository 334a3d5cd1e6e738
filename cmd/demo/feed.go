package main

import (
	"context"
	"fmt"
	"slices"
)

func isPaid(e apiEvent) bool { return e.Type == "order.paid" }

// checkFeed prints the feed and checks that it holds exactly what it should.
func (s story) checkFeed(ctx context.Context, ids []string) error {
	feed, err := s.api.feed(ctx)
	if err != nil {
		return err
	}
	for _, e := range feed {
		s.told.at(e.Time, "event %d: %-13s %s, by %s", e.Seq, e.Type, e.OrderID, e.Source)
	}
	return checkEvents(feed, ids)
}

// checkEvents reports whether the feed is dense from 1 and tells of each order that it was paid, once, and of nothing
// else. An order that webhookd happened to look at before its customer paid was pending before.
func checkEvents(feed []apiEvent, ids []string) error {
	types := map[string][]string{}
	for i, e := range feed {
		if e.Seq != int64(i+1) {
			return fmt.Errorf("event %d stands where event %d should", e.Seq, i+1)
		}
		if !slices.Contains(ids, e.OrderID) {
			return fmt.Errorf("event %d is of an order that nobody made", e.Seq)
		}
		types[e.OrderID] = append(types[e.OrderID], e.Type)
	}
	for _, id := range ids {
		got := types[id]
		if !slices.Equal(got, []string{"order.paid"}) && !slices.Equal(got, []string{"order.pending", "order.paid"}) {
			return fmt.Errorf("order %s has the events %v, and should have order.paid", id, got)
		}
	}
	return nil
}
