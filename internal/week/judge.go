package week

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"webhookd/internal/payment"
)

// Verdict is how the service's knowledge compares with the gateway's truth in the end.
type Verdict struct {
	Orders    int      `json:"orders"`     // at the gateway, refunds included
	Right     int      `json:"right"`      // stored in the state that the gateway's document has
	Later     int      `json:"later"`      // refunds that no webhook told of, since the last recheck; the next is planned
	Wrong     []string `json:"wrong"`      // all others, the first of them
	WrongAll  int      `json:"wrong_all"`  // how many these are
	Strangers int      `json:"strangers"`  // stored, and unknown to the gateway
	Open      int      `json:"open"`       // rightly unsettled
	Leftovers int      `json:"leftovers"`  // checks without an order: forged ids that were not forgotten
	Events    int64    `json:"events"`     // in the feed
	Dense     bool     `json:"dense"`      // numbered 1, 2, 3 and so on
	Stuck     int      `json:"stuck"`      // reported as such
	Overdue   int      `json:"overdue"`    // due for longer than a minute
	DeadLease int      `json:"dead_lease"` // claimed and never given back
}

// stored is an order as the service has it.
type stored struct {
	OrderID string
	State   payment.State
	Settled bool
	Stuck   bool
	DueAt   *time.Time
}

// judge compares every order, and takes its time: the bound on the service's statements is not for a million orders.
func judge(ctx context.Context, pool *pgxpool.Pool, w *world) (*Verdict, error) {
	v := &Verdict{Orders: len(w.list)}
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set local statement_timeout = 0`); err != nil {
			return err
		}
		if err := v.readOrders(ctx, tx, w); err != nil {
			return fmt.Errorf("read the orders: %w", err)
		}
		return v.readTables(ctx, tx)
	})
	return v, err
}

// readOrders compares those that are stored, and finds those that are not.
func (v *Verdict) readOrders(ctx context.Context, tx pgx.Tx, w *world) error {
	seen := make(map[string]bool, len(w.list))
	rows, _ := tx.Query(ctx, `
		select /* of the meter */ o.order_id, o.state, o.settled, o.stuck, c.due_at
		from orders o join checks c on c.order_id = o.order_id`)
	var s stored
	_, err := pgx.ForEachRow(rows, []any{&s.OrderID, &s.State, &s.Settled, &s.Stuck, &s.DueAt}, func() error {
		seen[s.OrderID] = true
		return v.compare(w.orders[s.OrderID], s)
	})
	if err != nil {
		return err
	}
	for _, o := range w.list {
		if !seen[o.id] {
			v.wrong("%s is not known, at the gateway it is %s", o.id, o.status)
		}
	}
	return nil
}

// compare judges one order.
func (v *Verdict) compare(o *order, s stored) error {
	if o == nil {
		v.Strangers++
		return nil
	}
	want, err := o.state()
	if err != nil {
		return fmt.Errorf("order %s: %w", o.id, err)
	}
	if s.Stuck {
		v.Stuck++
	}
	open := want == payment.Pending || want == payment.Authorized || want == payment.Reversal && !o.status.Final()
	switch {
	case s.State == want && s.Settled != open:
		v.Right++
		if open {
			v.Open++
		}
	case o.refunded > 0 && o.news == lost && s.State == payment.Paid && s.DueAt != nil && s.DueAt.After(time.Now()):
		v.Later++
	default:
		v.wrong("%s is %s (settled %t), want %s; changed %s, unseen %t, due %v",
			s.OrderID, s.State, s.Settled, want, o.modified, o.unseen, s.DueAt)
	}
	return nil
}

func (v *Verdict) wrong(format string, args ...any) {
	const shown = 10
	if v.WrongAll++; v.WrongAll <= shown {
		v.Wrong = append(v.Wrong, fmt.Sprintf(format, args...))
	}
}

// readTables looks at what is not about one order.
func (v *Verdict) readTables(ctx context.Context, tx pgx.Tx) error {
	err := tx.QueryRow(ctx, `
		select /* of the meter */
			(select count(*) from checks c where not exists (select from orders o where o.order_id = c.order_id)),
			(select count(*) from events),
			(select count(*) = head and count(*) = max(seq) and min(seq) = 1 from events, feed group by head),
			(select count(*) from checks where due_at < now() - interval '1 minute'),
			(select count(*) from checks where lease is not null)`).
		Scan(&v.Leftovers, &v.Events, &v.Dense, &v.Overdue, &v.DeadLease)
	if err != nil {
		return fmt.Errorf("look at the tables: %w", err)
	}
	return nil
}

// Good reports whether nothing is amiss.
func (v *Verdict) Good() bool {
	return v.WrongAll == 0 && v.Strangers == 0 && v.Leftovers == 0 && v.Dense && v.Stuck == 0 && v.Overdue == 0 &&
		v.Right+v.Later == v.Orders
}
