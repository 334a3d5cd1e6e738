package payment

import (
	"slices"
	"time"

	"webhookd/internal/nopayn"
)

// The flags of CONTRACT 2.2 that the rules read. The list is open: others are ignored.
const (
	flagTest        = "is-test"
	flagIsRefund    = "is-refund"
	flagHasRefunds  = "has-refunds"
	flagHasCaptures = "has-captures"
	flagHasVoids    = "has-voids"
)

// Assessment is what one gateway document says, read by the rules of CONTRACT 3.
type Assessment struct {
	Kind           Kind
	State          State
	RefundedAmount int64     // minor units; the larger of what the order and its amount details say
	Voided         bool      // in part or in full: never to be shipped, whatever else holds (CONTRACT 3.5 rule 7)
	Test           bool      // flag is-test
	PaymentMethod  string    // of the attempt that counts: the last that did not fail, else the last
	ExpiresAt      time.Time // zero if the document names no period
}

// Assess reads o. It never fails: a status outside the vocabulary, or a document that contradicts itself, gives
// Unknown. The order's status leads: what an attempt's status says counts only where it speaks against the order's.
func Assess(o *nopayn.Order) Assessment {
	a := Assessment{
		Kind:           kindOf(o),
		RefundedAmount: refundedAmount(o),
		Voided:         hasVoids(o),
		Test:           slices.Contains(o.Flags, flagTest),
		PaymentMethod:  paymentMethod(o),
		ExpiresAt:      expiry(o),
	}
	a.State = stateOf(o, a)
	return a
}

// NeedsAmountDetails reports whether o leaves open how much money was taken or given back, so that it has to be read
// again with amount_details (CONTRACT 2.2) before Assess can be exact. A plain sale, and a reservation that can still
// be captured, speak for themselves.
func NeedsAmountDetails(o *nopayn.Order) bool {
	switch {
	case o.AmountDetails != nil || o.Status != nopayn.StatusCompleted || kindOf(o) != KindPayment:
		return false
	case hasRefunds(o) && o.RefundedAmount == 0:
		return true
	case slices.Contains(o.Flags, flagHasCaptures) || slices.Contains(o.Flags, flagHasVoids):
		return true
	}
	return !capturable(o) && (reserves(o) || laterCapture(o) || len(live(o)) == 0)
}

// kindOf tells a payment from an order that moves money back (CONTRACT 3.5 rule 5). An order whose attempts are all
// debits moves money out even if nothing else says so; attempts that failed are no proof of the contrary.
func kindOf(o *nopayn.Order) Kind {
	switch {
	case o.ChargebackOfOrderID != "":
		return KindChargeback
	case o.ReversalOfOrderID != "":
		return KindReversal
	case o.RefundOfOrderID != "", slices.Contains(o.Flags, flagIsRefund):
		return KindRefund
	case allDebits(o.Transactions), allDebits(live(o)):
		return KindRefund
	}
	return KindPayment
}

func allDebits(attempts []nopayn.Transaction) bool {
	isCredit := func(t nopayn.Transaction) bool { return t.CreditDebit != "debit" }
	return len(attempts) > 0 && !slices.ContainsFunc(attempts, isCredit)
}

func stateOf(o *nopayn.Order, a Assessment) State {
	if a.Kind != KindPayment {
		return Reversal
	}
	switch o.Status {
	case nopayn.StatusNew, nopayn.StatusProcessing:
		return Pending
	case nopayn.StatusError:
		return Failed
	case nopayn.StatusCancelled:
		return Cancelled
	case nopayn.StatusExpired:
		return Expired
	case nopayn.StatusAuthorized:
		if a.Voided {
			return Voided
		}
		return Authorized
	case nopayn.StatusCompleted:
		if o.Amount < 1 {
			return Unknown // no order is for nothing (CONTRACT 1.6), so nothing can have been taken
		}
		return afterwards(o, a, taken(o, a.Voided))
	}
	return Unknown
}

// taken says how much of a completed order's money was taken: Paid, PartiallyCaptured, Authorized or Voided, and
// Unknown if the document contradicts itself. Amount details decide as far as they go, then the flags (CONTRACT 3.5
// rule 7, 4.7 W19 and W39).
func taken(o *nopayn.Order, voided bool) State {
	d := o.AmountDetails
	if d == nil {
		return takenByFlags(o, voided)
	}
	switch {
	case d.Captured > 0 && d.Captured >= o.Amount && !capturable(o):
		return Paid
	case d.Captured > 0:
		return PartiallyCaptured
	case d.Capturable > 0:
		return Authorized // a void of a part leaves the rest reserved
	case voided:
		return Voided
	case len(o.Transactions) == 0:
		return Authorized // neither an attempt nor the amounts tell of money taken
	}
	return takenByFlags(o, voided)
}

// takenByFlags is taken without amount details. A capture whose size nobody states is read as partial unless an
// attempt is marked as fully captured and none can be captured still.
func takenByFlags(o *nopayn.Order, voided bool) State {
	captured := slices.Contains(o.Flags, flagHasCaptures)
	switch {
	case captured && fullyCaptured(o) && !capturable(o):
		return Paid
	case captured:
		return PartiallyCaptured
	case voided:
		return Voided
	case capturable(o) || reserves(o) || laterCapture(o):
		return Authorized
	case len(o.Transactions) > 0 && len(live(o)) == 0:
		return Unknown // completed, and yet every attempt failed
	}
	return Paid
}

// afterwards follows the money that was taken: charged back, or refunded in part or in full. A reversal order is
// read like a chargeback, since it takes the payment back without the shop's doing.
func afterwards(o *nopayn.Order, a Assessment, taken State) State {
	if taken != Paid && taken != PartiallyCaptured {
		return taken
	}
	if len(o.ChargebackOrders) > 0 || len(o.ReversalOrders) > 0 {
		return ChargedBack
	}
	if !hasRefunds(o) {
		return taken
	}
	whole := o.Amount
	if d := o.AmountDetails; taken == PartiallyCaptured && d != nil {
		whole = d.Captured
	}
	switch {
	case a.RefundedAmount >= whole:
		return Refunded
	case taken == Paid:
		return PartiallyRefunded
	}
	return taken
}

// capturable reports whether the gateway still offers to capture an attempt: not all of it is taken.
func capturable(o *nopayn.Order) bool {
	return slices.ContainsFunc(o.Transactions, func(t nopayn.Transaction) bool { return t.IsCapturable })
}

// reserves reports whether an attempt that did not fail is marked as a mere reservation. The mark outlives the
// capture, so it is no proof that the money was not taken.
func reserves(o *nopayn.Order) bool {
	return slices.ContainsFunc(live(o), func(t nopayn.Transaction) bool {
		return t.TransactionType == "authorization" || t.Status == "authorized"
	})
}

// laterCapture reports whether the order was made to be captured later, whatever its attempts say.
func laterCapture(o *nopayn.Order) bool {
	return o.CaptureMode == "manual" || o.CaptureMode == "delayed"
}

// fullyCaptured reports whether an attempt that did not fail is marked as taken in full.
func fullyCaptured(o *nopayn.Order) bool {
	return slices.ContainsFunc(live(o), func(t nopayn.Transaction) bool { return t.IsFullyCaptured })
}

// live gives the attempts that did not fail.
func live(o *nopayn.Order) []nopayn.Transaction {
	if !slices.ContainsFunc(o.Transactions, attemptFailed) {
		return o.Transactions
	}
	return slices.DeleteFunc(slices.Clone(o.Transactions), attemptFailed)
}

// attemptFailed reports whether a transaction came to nothing (CONTRACT 3.2). An unknown status is no failure.
func attemptFailed(t nopayn.Transaction) bool {
	switch t.Status {
	case "error", "cancelled", "expired", "declined":
		return true
	}
	return false
}

func hasVoids(o *nopayn.Order) bool {
	return slices.Contains(o.Flags, flagHasVoids) || o.AmountDetails != nil && o.AmountDetails.Voided > 0
}

func hasRefunds(o *nopayn.Order) bool {
	return slices.Contains(o.Flags, flagHasRefunds) || len(o.RefundOrders) > 0 || refundedAmount(o) > 0
}

func refundedAmount(o *nopayn.Order) int64 {
	if o.AmountDetails == nil {
		return o.RefundedAmount
	}
	return max(o.RefundedAmount, o.AmountDetails.Refunded)
}

func paymentMethod(o *nopayn.Order) string {
	attempts := live(o)
	if len(attempts) == 0 {
		attempts = o.Transactions
	}
	if len(attempts) == 0 {
		return ""
	}
	return attempts[len(attempts)-1].PaymentMethod
}
