package store

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"webhookd/internal/nopayn"
)

// OperationKind says what an operation does with money.
type OperationKind string

// The kinds of operations. The first three are payment.Movement's.
const (
	KindRefund  OperationKind = "refund"
	KindCapture OperationKind = "capture"
	KindVoid    OperationKind = "void"
	KindCreate  OperationKind = "create"
)

// OperationStatus says how far an operation has come.
type OperationStatus string

// The statuses of operations.
const (
	OperationPending OperationStatus = "pending" // in hand
	OperationDone    OperationStatus = "done"    // the gateway has accepted it
	OperationRefused OperationStatus = "refused" // by us or by the gateway, be it later: certainly not done
	OperationUnknown OperationStatus = "unknown" // sent, and the answer was lost: looked for at the gateway
)

// Operation is what a shop asked us to do with money, as it sees it (DESIGN 7).
type Operation struct {
	Key       string          `json:"key" doc:"The Idempotency-Key that it was asked for with."`
	Kind      OperationKind   `json:"kind" enum:"refund,capture,void,create"`
	OrderID   *string         `json:"order_id" doc:"Null for a create whose order is not known yet."`
	Amount    *int64          `json:"amount" doc:"Minor units; null until all there is has been counted."`
	Status    OperationStatus `json:"status" enum:"pending,done,refused,unknown"`
	RefundID  *string         `json:"refund_id" doc:"The gateway's id of the refund, if it gave one."`
	Detail    *string         `json:"detail" doc:"Why it was refused, or what is not known. It may quote the gateway."`
	CreatedAt time.Time       `json:"created_at"`
	UpdatedAt time.Time       `json:"updated_at"`
}

var (
	// ErrNoOperation is returned for a key that is not, or no longer, in use.
	ErrNoOperation = errors.New("no such operation")
	// ErrKeyReused is returned for a key that was used with another request.
	ErrKeyReused = errors.New("the key was used for another request")
	// ErrUnderWay is returned for a key whose first request is in hand.
	ErrUnderWay = errors.New("the first request with this key is under way")
	// ErrOrderBusy is returned for an order of which another operation is not over.
	ErrOrderBusy = errors.New("another operation on this order is not over")
	// ErrTaken is returned for an operation that is no longer in the hand that held it.
	ErrTaken = errors.New("the operation is in other hands")
)

// Intent is what a shop asks for, before anything is done about it.
type Intent struct {
	Key         string
	Kind        OperationKind
	OrderID     string   // empty for a create
	Amount      int64    // minor units; 0 is all there is
	Fingerprint []byte   // of the whole request: equal for equal requests, and only for them
	Expected    Expected // of a create
}

// Ticket is an operation in hand. It is ours until its lease is over.
type Ticket struct {
	Key       string
	Kind      OperationKind
	OrderID   string // empty for a create
	Amount    int64  // minor units; 0 is all there is
	Reference string // to be sent along, so that what comes of it can be found; unique
	Expected  Expected

	SentAt time.Time // by the database's clock; zero if it was certainly not sent
	Before []byte    // as SendOperation got it

	// Of operations claimed by ClaimOperations only:
	Now   time.Time // by the clock of SentAt
	Looks int       // for what came of it, so far

	lease int64
}

// BeginOperation commits an intent, under a lease. A key that is in use gives the operation as it stands, and no
// ticket; whether the request is the same is checked. What was never sent, because its process died, is begun anew.
//
// The errors are ErrNotFound for an order that the gateway has not confirmed, ErrKeyReused, ErrUnderWay and
// ErrOrderBusy.
func (s *Store) BeginOperation(ctx context.Context, i Intent, lease time.Duration) (Operation, *Ticket, error) {
	var op Operation
	var ticket *Ticket
	begin := func(tx pgx.Tx) (err error) {
		op, ticket, err = beginOperation(ctx, tx, i, lease)
		return err
	}
	err := s.inTx(ctx, begin)
	for try := 1; try < tries && metItself(err); try++ {
		err = s.inTx(ctx, begin)
	}
	if err != nil {
		return Operation{}, nil, fmt.Errorf("begin %s %s: %w", i.Kind, i.Key, err)
	}
	return op, ticket, nil
}

// metItself reports whether an intent may have failed because of another one with the same key at the same instant: each
// of the indices may be the first to show it. The next try sees what stands there under the key.
func metItself(err error) bool {
	return errors.Is(err, ErrOrderBusy) || violates(err, "operations_reference_key")
}

func beginOperation(ctx context.Context, tx pgx.Tx, i Intent, lease time.Duration) (Operation, *Ticket, error) {
	t := &Ticket{
		Key: i.Key, Kind: i.Kind, OrderID: i.OrderID, Amount: i.Amount, Reference: mark(i.Key),
		Expected: i.Expected.said(), lease: newLease(),
	}
	tag, err := tx.Exec(ctx, `
		insert into operations (key, kind, order_id, amount, fingerprint, reference, lease, due_at,
			expected_merchant_order_id, expected_amount, expected_currency)
		values ($1, $2, $3, $4, $5, $6, $7, now() + $8::interval, $9, $10, $11)
		on conflict (key) do nothing`,
		i.Key, i.Kind, optional(i.OrderID), optional(i.Amount), i.Fingerprint, t.Reference, t.lease, lease,
		t.Expected.MerchantOrderID, t.Expected.Amount, t.Expected.Currency)
	if violates(err, "operations_open") {
		return Operation{}, nil, ErrOrderBusy
	}
	if err != nil {
		return Operation{}, nil, err
	}
	if tag.RowsAffected() == 0 {
		return resumeOperation(ctx, tx, i, t, lease)
	}
	if err := wantVerified(ctx, tx, i.OrderID); err != nil {
		return Operation{}, nil, err
	}
	op, err := readOperation(ctx, tx, i.Key)
	return op, t, err
}

// mark is the reference that an operation is known by at the gateway. It follows from the key alone, so that a key that
// we have forgotten, by a backup that was restored or a fail-over that lost commits, still finds what it has done.
func mark(key string) string {
	sum := sha256.Sum256([]byte("webhookd operation " + key))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])
}

// wantVerified is ErrNotFound for an order that the gateway has not confirmed.
func wantVerified(ctx context.Context, tx pgx.Tx, id string) error {
	if id == "" {
		return nil // a create has no order yet
	}
	var verified bool
	err := tx.QueryRow(ctx, `select status is not null from orders where order_id = $1`, id).Scan(&verified)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !verified {
		return fmt.Errorf("order %s: %w", id, ErrNotFound)
	}
	return err
}

// resumeOperation is about a key that is in use.
func resumeOperation(
	ctx context.Context, tx pgx.Tx, i Intent, t *Ticket, lease time.Duration,
) (Operation, *Ticket, error) {
	var same, over, sent bool
	err := tx.QueryRow(ctx, `
		select fingerprint = $2, coalesce(due_at <= clock_timestamp(), true), sent_at is not null, reference
		from operations where key = $1 for update`, i.Key, i.Fingerprint).Scan(&same, &over, &sent, &t.Reference)
	if errors.Is(err, pgx.ErrNoRows) {
		return Operation{}, nil, ErrUnderWay // and over by now: it was released while we waited for it
	}
	if err != nil {
		return Operation{}, nil, err
	}
	if !same {
		return Operation{}, nil, ErrKeyReused
	}
	op, err := readOperation(ctx, tx, i.Key)
	switch {
	case err != nil || op.Status != OperationPending:
		return op, nil, err
	case !over:
		return Operation{}, nil, ErrUnderWay
	case sent:
		op.Status = OperationUnknown // as it will be called once somebody has looked what came of it
		return op, nil, nil
	}
	_, err = tx.Exec(ctx, `update operations set lease = $2, due_at = now() + $3::interval where key = $1`,
		i.Key, t.lease, lease)
	return op, t, err
}

// SendOperation commits that an operation is about to be sent: from here on its outcome is unknown until it is
// finished. amount is how much it moves, and before what tells later whether it happened. It is ErrTaken if the
// ticket's lease is over, and then nothing must be sent.
func (s *Store) SendOperation(ctx context.Context, t *Ticket, amount int64, before []byte, lease time.Duration) error {
	err := s.pool.QueryRow(ctx, `
		update operations set amount = $3, before = $4, sent_at = now(), due_at = now() + $5::interval, updated_at = now()
		where key = $1 and lease = $2 and due_at > now() and sent_at is null and status = 'pending'
		returning sent_at`,
		t.Key, t.lease, optional(amount), jsonText(before), lease).Scan(&t.SentAt)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrTaken
	}
	if err != nil {
		return fmt.Errorf("note that %s %s is sent: %w", t.Kind, t.Key, err)
	}
	t.Amount, t.Before = amount, before
	return nil
}

// ReleaseOperation forgets an operation that was certainly not sent, or certainly not done and may be tried again with
// its key.
func (s *Store) ReleaseOperation(ctx context.Context, t *Ticket) error {
	_, err := s.pool.Exec(ctx, `delete from operations where key = $1 and lease = $2`, t.Key, t.lease)
	if err != nil {
		return fmt.Errorf("forget %s %s: %w", t.Kind, t.Key, err)
	}
	return nil
}

// Ending is what came of an operation that was sent.
type Ending struct {
	Status   OperationStatus // done, refused or unknown
	RefundID string          // empty if there is none
	Detail   string          // empty if there is nothing to say

	// RefundIsOrder says that the refund is an order too, to be looked at.
	RefundIsOrder bool

	// Of an operation whose outcome is still unknown:
	LookAgain time.Duration // when to look what came of it; 0 is never
	Closed    bool          // it no longer keeps others from the order
}

// FinishOperation notes what came of an operation; if it was done, its order is due for a look, and so is the refund.
// A ticket whose operation somebody else has in hand by now is ErrTaken, unless it tells what nobody else can know
// better: that what it has sent was done or refused. Before it was sent there is nothing that it knows better.
func (s *Store) FinishOperation(ctx context.Context, t *Ticket, e Ending) (Operation, error) {
	var op Operation
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		op, err = finishOperation(ctx, tx, t, e)
		return err
	})
	if err != nil {
		return Operation{}, fmt.Errorf("finish %s %s: %w", t.Kind, t.Key, err)
	}
	return op, nil
}

func finishOperation(ctx context.Context, tx pgx.Tx, t *Ticket, e Ending) (Operation, error) {
	if e.Status == OperationDone {
		changed := []string{t.OrderID}
		if e.RefundIsOrder {
			changed = append(changed, e.RefundID)
		}
		if err := hintOperation(ctx, tx, changed); err != nil {
			return Operation{}, err
		}
	}
	tag, err := tx.Exec(ctx, `
		update operations set
			status = $3, refund_id = coalesce($4, refund_id), detail = $5, looks = looks + 1, updated_at = now(),
			open = $3 = 'unknown' and not $6, lease = null,
			due_at = case when $7::interval > interval '0' then now() + $7::interval end
		where key = $1 and (lease = $2
			or $3 in ('done', 'refused') and status in ('pending', 'unknown') and sent_at = $8)`,
		t.Key, t.lease, e.Status, optional(cleanText(e.RefundID)), optional(cleanText(e.Detail)), e.Closed, e.LookAgain,
		optional(t.SentAt))
	if err != nil {
		return Operation{}, err
	}
	if tag.RowsAffected() == 0 {
		return Operation{}, ErrTaken
	}
	return readOperation(ctx, tx, t.Key)
}

// hintOperation makes orders due at once that an operation has changed. A look that is under way may have asked too
// early: its answer still counts, but it says nothing of when the order is due.
func hintOperation(ctx context.Context, tx pgx.Tx, ids []string) error {
	for _, id := range ids {
		if !nopayn.ValidID(id) {
			continue // there is none, or it cannot be asked for
		}
		if _, err := tx.Exec(ctx, `
			insert into checks (order_id, known, due_at, cause, first_seen_by) values ($1, true, now(), $2, 'created')
			on conflict (order_id) do update set due_at = now(), cause = excluded.cause, lease = null`,
			id, causeOperation); err != nil {
			return fmt.Errorf("make order %s due: %w", id, err)
		}
	}
	return nil
}

// ClaimOperations hands out at most n operations whose outcome is to be looked for, under a lease: those that were sent
// and whose process is gone, and those whose outcome is unknown. Those that were never sent are forgotten on the way.
func (s *Store) ClaimOperations(ctx context.Context, n int, lease time.Duration) ([]*Ticket, error) {
	ctx, cancel := context.WithTimeout(ctx, upkeepTimeout)
	defer cancel()
	if _, err := s.pool.Exec(ctx, `
		delete from operations where due_at <= now() and status = 'pending' and sent_at is null`); err != nil {
		return nil, fmt.Errorf("forget operations that were never sent: %w", err)
	}
	token := newLease()
	rows, _ := s.pool.Query(ctx, `
		update operations set lease = $2, due_at = now() + $3::interval
		where key in (
			select key from operations where due_at <= now() and sent_at is not null order by due_at limit $1 for update skip locked)
		returning key, kind, coalesce(order_id, '') as order_id, coalesce(amount, 0) as amount, reference,
			expected_merchant_order_id, expected_amount, expected_currency, sent_at, now() as now, looks, before`,
		n, token, lease)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[ticketRow])
	if err != nil {
		return nil, fmt.Errorf("claim operations: %w", err)
	}
	return column(found, func(r ticketRow) *Ticket { return r.ticket(token) }), nil
}

// ticketRow is a Ticket as ClaimOperations returns it.
type ticketRow struct {
	Key                     string
	Kind                    OperationKind
	OrderID                 string
	Amount                  int64
	Reference               string
	ExpectedMerchantOrderID *string
	ExpectedAmount          *int64
	ExpectedCurrency        *string
	SentAt                  *time.Time
	Now                     time.Time
	Looks                   int
	Before                  []byte
}

func (r ticketRow) ticket(lease int64) *Ticket {
	return &Ticket{
		Key: r.Key, Kind: r.Kind, OrderID: r.OrderID, Amount: r.Amount, Reference: r.Reference,
		Expected: Expected{
			MerchantOrderID: r.ExpectedMerchantOrderID, Amount: r.ExpectedAmount, Currency: r.ExpectedCurrency,
		},
		SentAt: deref(r.SentAt), Now: r.Now, Looks: r.Looks, Before: r.Before, lease: lease,
	}
}

// Operation returns what became of a key; ErrNoOperation if it is not in use.
func (s *Store) Operation(ctx context.Context, key string) (Operation, error) {
	op, err := readOperation(ctx, s.pool, key)
	if err != nil {
		return Operation{}, fmt.Errorf("read operation %s: %w", key, err)
	}
	return op, nil
}

// Followed reports whether another operation of the ticket's kind on its order was sent after it, and is not refused:
// then what shows of the order's money need not be of the ticket's doing.
func (s *Store) Followed(ctx context.Context, t *Ticket) (bool, error) {
	var followed bool
	err := s.pool.QueryRow(ctx, `
		select exists (
			select from operations
			where order_id = $1 and kind = $2 and key <> $3 and sent_at >= $4 and status <> 'refused')`,
		t.OrderID, t.Kind, t.Key, t.SentAt).Scan(&followed)
	if err != nil {
		return false, fmt.Errorf("look for what followed %s %s: %w", t.Kind, t.Key, err)
	}
	return followed, nil
}

// RefundsOf lists the refunds that operations on an order are known by.
func (s *Store) RefundsOf(ctx context.Context, orderID string) ([]string, error) {
	rows, _ := s.pool.Query(ctx,
		`select refund_id from operations where order_id = $1 and refund_id is not null`, orderID)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("refunds of order %s: %w", orderID, err)
	}
	return ids, nil
}

// failedRefund says of operations p, joined with the orders r that their refunds are, that the gateway accepted a refund
// and ended it later without giving the money back.
const failedRefund = `coalesce(p.status = 'done' and r.status in ('error', 'failed', 'cancelled', 'expired'), false)`

// RefundedBy is how much of an order was refunded by operations of ours, in minor units.
func (s *Store) RefundedBy(ctx context.Context, orderID string) (int64, error) {
	var sum int64
	err := s.pool.QueryRow(ctx, `
		select coalesce(sum(p.amount), 0)::bigint from operations p left join orders r on r.order_id = p.refund_id
		where p.order_id = $1 and p.kind = 'refund' and p.status = 'done' and not `+failedRefund, orderID).Scan(&sum)
	if err != nil {
		return 0, fmt.Errorf("refunded of order %s: %w", orderID, err)
	}
	return sum, nil
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func readOperation(ctx context.Context, q querier, key string) (Operation, error) {
	rows, _ := q.Query(ctx, `
		select p.key, p.kind, p.order_id, p.amount, p.refund_id, p.created_at,
			case when `+failedRefund+` then 'refused' else p.status end as status,
			case when `+failedRefund+` then 'The gateway accepted the refund, and ended it later: it is ' || r.status || '.'
				else p.detail end as detail,
			case when `+failedRefund+` then r.updated_at else p.updated_at end as updated_at
		from operations p left join orders r on r.order_id = p.refund_id where p.key = $1`, key)
	op, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Operation])
	if errors.Is(err, pgx.ErrNoRows) {
		return Operation{}, ErrNoOperation
	}
	op.CreatedAt, op.UpdatedAt = op.CreatedAt.UTC(), op.UpdatedAt.UTC()
	return op, err
}

// violates reports whether a statement failed by a unique index.
func violates(err error, index string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" && pg.ConstraintName == index
}
