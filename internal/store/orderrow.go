package store

import (
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// orderRow is one row of the table orders.
type orderRow struct {
	OrderID                 string
	Kind                    payment.Kind
	State                   payment.State
	Status                  *string
	MerchantOrderID         *string
	Amount                  *int64
	Currency                *string
	RefundedAmount          int64
	Voided                  bool
	Test                    bool
	Clear                   bool
	Settled                 bool
	Stuck                   bool
	PaidTwice               bool
	PaidSeq                 *int64
	RegisteredAt            *time.Time
	ExpectedMerchantOrderID *string
	ExpectedAmount          *int64
	ExpectedCurrency        *string
	FirstSeenAt             time.Time
	FirstSeenBy             string
	CreatedAt               *time.Time
	ModifiedAt              *time.Time
	ExpiresAt               *time.Time
	SettledAt               *time.Time
	UpdatedAt               time.Time
	Seq                     int64
	Doc                     []byte

	parsed     *nopayn.Order // Doc, once somebody has read it
	unreadable error         // why that failed
}

// orderSelection are the columns of orderRow, for a select on orders o.
const orderSelection = `o.order_id, o.kind, o.state, o.status, o.merchant_order_id, o.amount, o.currency,
	o.refunded_amount, o.voided, o.test, o.clear, o.settled, o.stuck, o.paid_twice, o.paid_seq, o.registered_at,
	o.expected_merchant_order_id, o.expected_amount, o.expected_currency, o.first_seen_at, o.first_seen_by,
	o.created_at, o.modified_at, o.expires_at, o.settled_at, o.updated_at, o.seq, o.doc`

// record gives the row in the terms of the rules.
func (r *orderRow) record() payment.Record {
	record := payment.Record{
		State: r.State, Kind: r.Kind, MerchantOrderID: deref(r.MerchantOrderID), Amount: deref(r.Amount),
		Currency: deref(r.Currency), RefundedAmount: r.RefundedAmount, Voided: r.Voided, Test: r.Test,
		PaidTwice: r.PaidTwice,
	}
	if r.RegisteredAt != nil {
		record.Expected = &payment.Expected{
			MerchantOrderID: deref(r.ExpectedMerchantOrderID),
			Amount:          deref(r.ExpectedAmount),
			Currency:        deref(r.ExpectedCurrency),
		}
	}
	return record
}

func (r *orderRow) expected() *Expected {
	if r.RegisteredAt == nil {
		return nil
	}
	return &Expected{
		MerchantOrderID: r.ExpectedMerchantOrderID, Amount: r.ExpectedAmount, Currency: r.ExpectedCurrency,
	}
}

// subject gives the row in the terms of the schedule.
func (r *orderRow) subject() payment.Subject {
	return payment.Subject{
		State: r.State, StatusFinal: r.final(), FirstSeen: r.FirstSeenAt,
		Created: deref(r.CreatedAt), ExpiresAt: deref(r.ExpiresAt), SettledAt: deref(r.SettledAt),
	}
}

func (r *orderRow) final() bool { return nopayn.Status(deref(r.Status)).Final() }

// verified reports whether the gateway has confirmed the order.
func (r *orderRow) verified() bool { return r.Status != nil }

// mismatched reports whether the verified order differs from what the shop expects.
func (r *orderRow) mismatched() bool { return len(r.record().Mismatches()) > 0 }

// reclear brings Clear up to date with the other columns.
func (r *orderRow) reclear() {
	r.Clear = r.record().Fulfillable(payment.Policy{AllowTestOrders: true})
}

// document is Doc, read; nil if there is none, or if it cannot be read: this release may be stricter than the one that
// stored it. The columns stand all the same: they were read from it by the rules of that time, and the next look reads
// the order by those of today.
func (r *orderRow) document() *nopayn.Order {
	if r.parsed == nil && r.Doc != nil && r.unreadable == nil {
		doc, err := nopayn.ParseOrder(r.Doc)
		if err != nil {
			r.unreadable = err
			return nil
		}
		r.parsed = doc
	}
	return r.parsed
}

// deref gives the value that p points to, or the zero value.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
