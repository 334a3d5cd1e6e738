package payment

import (
	"fmt"
	"slices"

	"webhookd/internal/nopayn"
)

// Movement is a way to move money by order of the shop (CONTRACT 2.8, 2.9).
type Movement string

// The movements.
const (
	Refund  Movement = "refund"  // give taken money back, all or a part, any number of times
	Capture Movement = "capture" // take reserved money, all or a part, once
	Void    Movement = "void"    // let reserved money go, all or a part, before any of it is captured
)

// Objection says why a movement must not be sent to the gateway.
type Objection struct {
	Code   string // stable, for programs
	Phrase string // for people; amounts are minor units
}

// Error gives the phrase.
func (o *Objection) Error() string { return o.Phrase }

// The codes of objections.
const (
	ObjectionNotAPayment = "not_a_payment"     // the order moves money back
	ObjectionNotPaid     = "not_paid"          // there is no money to give back
	ObjectionChargedBack = "charged_back"      // the customer's bank has taken the money back already
	ObjectionNotReserved = "not_reserved"      // there is no reservation to capture or void
	ObjectionCaptured    = "already_captured"  // one capture for each reservation
	ObjectionVoided      = "already_voided"    // one void for each reservation
	ObjectionTooMuch     = "amount_too_large"  // more than is left
	ObjectionUnknown     = "status_unknown"    // the gateway uses words that we do not know, or contradicts itself
	ObjectionNothingLeft = "nothing_left"      // all of it has been moved
	ObjectionNoAttempt   = "no_transaction_id" // the reservation has no id to capture or void it by
)

// Objections are all there are, with what they mean in general.
func Objections() []Objection {
	return []Objection{
		{ObjectionNotAPayment, "the order itself moves money back"},
		{ObjectionNotPaid, "no money was taken"},
		{ObjectionChargedBack, "the customer's bank has taken the money back"},
		{ObjectionNotReserved, "no money is reserved"},
		{ObjectionCaptured, "the reservation has been captured"},
		{ObjectionVoided, "the reservation has been voided"},
		{ObjectionTooMuch, "the amount is more than what is left"},
		{ObjectionUnknown, "it is not known how the order's money stands"},
		{ObjectionNothingLeft, "all of it has been moved"},
		{ObjectionNoAttempt, "the reservation has no id to be moved by"},
	}
}

// Permit returns how much of o a movement is to move, in minor units: amount, or all there is if amount is 0. o is to
// be fresh and to hold its amount_details if the gateway names them; where it does not, the flags decide, with caution.
// refunded is how much we know to have been refunded, in case o is an old copy after all. The error is an *Objection.
func Permit(m Movement, o *nopayn.Order, amount, refunded int64) (int64, error) {
	a := Assess(o)
	if a.Kind != KindPayment {
		return 0, &Objection{ObjectionNotAPayment, "the order itself moves money back"}
	}
	if a.State == Unknown {
		return 0, &Objection{ObjectionUnknown, "it is not known how the order stands"}
	}
	left, err := movable(m, o, a)
	if m == Refund {
		left -= max(0, refunded-a.RefundedAmount)
	}
	switch {
	case err != nil:
		return 0, err
	case left <= 0:
		return 0, &Objection{ObjectionNothingLeft, "there is nothing left to " + string(m)}
	case amount > left:
		return 0, &Objection{ObjectionTooMuch, fmt.Sprintf("%d is more than the %d that are left to %s", amount, left, m)}
	case amount == 0:
		return left, nil
	}
	return amount, nil
}

// movable is how much of o a movement could move.
func movable(m Movement, o *nopayn.Order, a Assessment) (int64, error) {
	if m == Refund {
		return refundable(o, a)
	}
	reserved := slices.ContainsFunc(live(o), func(t nopayn.Transaction) bool { return t.IsCapturable })
	switch {
	case slices.Contains(o.Flags, flagHasCaptures), o.AmountDetails != nil && o.AmountDetails.Captured > 0 && !reserved:
		return 0, &Objection{ObjectionCaptured, "the reservation has been captured"}
	case a.State == Voided, m == Void && a.Voided:
		return 0, &Objection{ObjectionVoided, "the reservation has been voided"}
	case a.State != Authorized, !reserved:
		return 0, &Objection{ObjectionNotReserved, "no money is reserved"}
	}
	left := o.Amount
	if d := o.AmountDetails; d != nil && m == Capture {
		left = min(left, d.Capturable)
	} else if d != nil {
		left = min(left, d.Voidable)
	}
	return left, nil
}

// refundable is how much of an order's money was taken and not given back.
func refundable(o *nopayn.Order, a Assessment) (int64, error) {
	switch a.State {
	case Paid, PartiallyRefunded, PartiallyCaptured:
	case Refunded:
		return 0, nil
	case ChargedBack:
		return 0, &Objection{ObjectionChargedBack, "the customer's bank has taken the money back"}
	default:
		return 0, &Objection{ObjectionNotPaid, "no money was taken"}
	}
	d := o.AmountDetails
	switch {
	case d != nil && (d.Captured > 0 || d.Refundable > 0):
		return min(d.Refundable, o.Amount-a.RefundedAmount), nil
	case a.State == PartiallyCaptured:
		return 0, &Objection{ObjectionUnknown, "the gateway does not say how much was captured"}
	case hasRefunds(o) && a.RefundedAmount == 0:
		return 0, &Objection{ObjectionUnknown, "the gateway does not say how much was refunded"}
	}
	return o.Amount - a.RefundedAmount, nil
}

// Reservation returns the id of the attempt that reserved the money, by which it is captured or voided (CONTRACT 2,
// endpoints 7 to 11). Without an id it is an *Objection.
func Reservation(o *nopayn.Order) (transactionID string, err error) {
	for _, t := range live(o) {
		if t.IsCapturable && nopayn.ValidID(t.ID) {
			return t.ID, nil
		}
	}
	return "", &Objection{ObjectionNoAttempt, "the reservation has no id"}
}

// Moved is what has been moved of an order: what a movement whose answer was lost is known by.
type Moved struct {
	Captured int64    `json:"captured"`
	Voided   int64    `json:"voided"`
	Refunded int64    `json:"refunded"`
	Captures bool     `json:"captures"` // flag has-captures
	Voids    bool     `json:"voids"`    // flag has-voids
	Refunds  []string `json:"refunds"`  // ids of the refunds, each an order of its own
}

// MovedOf reads o.
func MovedOf(o *nopayn.Order) Moved {
	m := Moved{
		Refunded: refundedAmount(o), Refunds: o.RefundOrders,
		Captures: slices.Contains(o.Flags, flagHasCaptures), Voids: slices.Contains(o.Flags, flagHasVoids),
	}
	if d := o.AmountDetails; d != nil {
		m.Captured, m.Voided = d.Captured, d.Voided
	}
	return m
}

// Happened reports whether a movement of amount shows in m, which was read after it was sent, and not in before. A
// refund that names itself in m.Refunds is to be asked for by its id: see NewRefunds.
func (m Moved) Happened(what Movement, before Moved, amount int64) bool {
	switch what {
	case Refund:
		return m.Refunded-before.Refunded == amount
	case Capture:
		return shows(m.Captured-before.Captured, amount, m.Captures && !before.Captures)
	case Void:
		return shows(m.Voided-before.Voided, amount, m.Voids && !before.Voids)
	}
	return false
}

// shows reports whether a movement of amount shows in the sum that was moved since, or, where the gateway tells no
// sums, in its flag alone.
func shows(moved, amount int64, flag bool) bool {
	return moved == amount || moved == 0 && flag
}

// NewRefunds lists the refunds of m that before does not have.
func (m Moved) NewRefunds(before Moved) []string {
	return slices.DeleteFunc(slices.Clone(m.Refunds), func(id string) bool { return slices.Contains(before.Refunds, id) })
}
