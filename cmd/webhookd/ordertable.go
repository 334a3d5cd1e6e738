package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"webhookd/internal/store"
)

// printOrders writes one line an order.
func printOrders(w io.Writer, orders []store.Order, now time.Time) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ORDER\tMERCHANT ORDER\tSTATE\tAMOUNT\tAGE\tCHECKED\tSHIP") // its first error is kept for Flush
	for _, o := range orders {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", o.OrderID, cell(o.MerchantOrderID), o.State,
			money(o.Amount, o.Currency), age(born(o), now), checked(o, now), ship(o.Fulfillable, o.Holds))
	}
	return table.Flush()
}

// printOrder writes what somebody on call asks about one order.
func printOrder(w io.Writer, o store.Order, now time.Time) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, value string) { fmt.Fprintf(table, "%s\t%s\n", name, value) }
	line("order", o.OrderID)
	line("merchant order", cell(o.MerchantOrderID))
	line("state", fmt.Sprintf("%s (the gateway says: %s)", o.State, cell(o.Status)))
	line("ship", ship(o.Fulfillable, o.Holds))
	line("amount", money(o.Amount, o.Currency))
	if e := o.Expected; e != nil {
		line("expected", fmt.Sprintf("%s, merchant order %s", money(e.Amount, cmp.Or(e.Currency, o.Currency)),
			cell(e.MerchantOrderID)))
	}
	if o.RefundedAmount != 0 {
		line("refunded", money(&o.RefundedAmount, o.Currency))
	}
	line("age", age(born(o), now))
	line("checked", checked(o, now))
	if o.LastError != nil {
		line("last error", cell(o.LastError))
	}
	line("next check", date(o.NextCheckAt))
	line("webhooks", fmt.Sprintf("%d, first seen by %s", o.Webhooks.Count, o.FirstSeenBy))
	for _, t := range o.Transactions {
		line("transaction", fmt.Sprintf("%s, %s, %s %s", cell(&t.Status), money(&t.Amount, &t.Currency),
			cell(&t.PaymentMethod), cell(&t.Reason)))
	}
	return table.Flush()
}

// born is when the order was made, as far as it is known.
func born(o store.Order) *time.Time { return cmp.Or(o.CreatedAt, &o.FirstSeenAt) }

// checked says when the gateway's newest answer was asked for, and what went wrong since.
func checked(o store.Order, now time.Time) string {
	if o.CheckFailures > 0 {
		return fmt.Sprintf("%s, %d failed", age(o.CheckedAt, now), o.CheckFailures)
	}
	return age(o.CheckedAt, now)
}

func date(t *time.Time) string {
	if t == nil {
		return "none planned"
	}
	return t.UTC().Format(time.RFC3339)
}
