package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/nopayn"
)

// Evidence is all that [Check] goes by.
type Evidence struct {
	Ledger   *Ledger                  // of what was promised
	Gateway  map[string]*nopayn.Order // all orders, with their amount_details
	Database Stored
	Calls    []Call
	Budget   Budget
}

// Budget is what each process may call.
type Budget struct {
	RPS         float64
	Concurrency int
}

// Stored is what the database holds.
type Stored struct {
	Orders     map[string]StoredOrder
	Checks     map[string]StoredCheck
	Operations map[string]StoredOperation // by key
	Events     []StoredEvent              // by position
	Feed       string
	Head       int64
}

// StoredOrder is a row of orders.
type StoredOrder struct {
	OrderID         string
	State           string
	Status          *string
	MerchantOrderID *string
	Amount          *int64
	Currency        *string
	RefundedAmount  int64
	Clear           bool
	PaidTwice       bool
	Seq             int64
}

// StoredCheck is a row of checks.
type StoredCheck struct {
	OrderID   string
	Known     bool
	Leased    bool
	Overdue   bool // due, and not in hand
	Hints     int64
	Failures  int
	LastError *string
}

// StoredOperation is a row of operations.
type StoredOperation struct {
	Key      string
	Kind     string
	OrderID  *string
	Status   string
	RefundID *string
}

// StoredEvent is a row of events.
type StoredEvent struct {
	Seq      int64
	Type     string
	OrderID  string
	Previous json.RawMessage
	Snapshot json.RawMessage
}

const snapshotTime = 20 * time.Second

// evidence reads everything as it stands.
func (w *World) evidence(ctx context.Context) (*Evidence, error) {
	told := w.Ledger.copied() // first: what the service has told by now must be in the database then
	stored, err := readStored(ctx, w.Database().Direct)
	if err != nil {
		return nil, fmt.Errorf("read the database: %w", err)
	}
	e := &Evidence{
		Ledger: told, Database: stored, Gateway: map[string]*nopayn.Order{}, Calls: w.meter.all(),
		Budget: Budget{budgetRPS, budgetConcurrency},
	}
	for _, id := range w.Gateway.OrderIDs() {
		if e.Gateway[id], err = orderAt(w.Gateway, id); err != nil {
			return nil, fmt.Errorf("read the gateway: %w", err)
		}
	}
	return e, nil
}

// forgery counts the forged ids that are stored, and those of them whose turn to be asked for has not come.
func (e *Evidence) forgery() (stored, waiting int) {
	for id := range e.Ledger.Forged {
		check, ok := e.Database.Checks[id]
		if ok {
			stored++
		}
		if ok && check.Overdue {
			waiting++
		}
	}
	return stored, waiting
}

// readStored reads the database at one moment.
func readStored(ctx context.Context, url string) (s Stored, err error) {
	ctx, cancel := context.WithTimeout(ctx, snapshotTime)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return Stored{}, err
	}
	defer func() { _ = conn.Close(ctx) }()
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, conn, options, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `select id::text, head from feed`).Scan(&s.Feed, &s.Head); err != nil {
			return err
		}
		if s.Orders, err = byKey(ctx, tx, `select order_id, state, status, merchant_order_id, amount, currency,
			refunded_amount, clear, paid_twice, seq from orders`, func(o StoredOrder) string { return o.OrderID }); err != nil {
			return err
		}
		if s.Checks, err = byKey(ctx, tx, `select order_id, known, lease is not null as leased,
			coalesce(due_at <= now(), false) as overdue, hints, failures, last_error from checks`,
			func(c StoredCheck) string { return c.OrderID }); err != nil {
			return err
		}
		if s.Operations, err = byKey(ctx, tx, `select key, kind, order_id, status, refund_id from operations`,
			func(o StoredOperation) string { return o.Key }); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, `select seq, type, order_id, previous, snapshot from events order by seq`)
		s.Events, err = pgx.CollectRows(rows, pgx.RowToStructByName[StoredEvent])
		return err
	})
	return s, err
}

// byKey reads rows into a map.
func byKey[T any](ctx context.Context, tx pgx.Tx, query string, key func(T) string) (map[string]T, error) {
	rows, _ := tx.Query(ctx, query)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, err
	}
	m := make(map[string]T, len(all))
	for _, v := range all {
		m[key(v)] = v
	}
	return m, nil
}
