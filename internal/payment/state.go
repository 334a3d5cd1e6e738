// Package payment holds the rules by which a gateway order becomes an answer to "may the goods leave?". It reads a
// gateway document and says what state the payment is in ([Assess]), what speaks against shipping ([Record.Holds]),
// when to look at the order again ([Schedule.Next]) and whether an answer is newer than the one we hold
// ([Version.Compare]). All of it is pure: no clock, no network, no database.
//
// The rules are those of CONTRACT 3.1 to 3.5. Where the gateway leaves room for doubt, the reading that keeps the
// goods in the house wins: absence of information never makes an order paid that was not, and never makes a paid
// order unpaid.
package payment

// State is where an order stands in our reading of the whole document, as opposed to the gateway's own status.
type State string

// The states. Settled tells which of them end our own polling.
const (
	Unverified        State = "unverified"         // registered, not yet confirmed by the gateway
	Pending           State = "pending"            // created or an attempt under way
	Failed            State = "failed"             // the last attempt failed; the customer may try again
	Authorized        State = "authorized"         // money reserved, not taken
	PartiallyCaptured State = "partially_captured" // a reservation taken in part
	Paid              State = "paid"               // taken in full
	Reversal          State = "reversal"           // an order that moves money back
	PartiallyRefunded State = "partially_refunded"
	Refunded          State = "refunded"
	ChargedBack       State = "charged_back"
	Voided            State = "voided" // reservation released
	Cancelled         State = "cancelled"
	Expired           State = "expired"
	Unknown           State = "unknown"   // a status outside the vocabulary, or one that the attempts contradict
	NotFound          State = "not_found" // registered, but the gateway does not know it
)

// States lists all of them.
func States() []State {
	return []State{
		Unverified, Pending, Failed, Authorized, PartiallyCaptured, Paid, Reversal, PartiallyRefunded, Refunded,
		ChargedBack, Voided, Cancelled, Expired, Unknown, NotFound,
	}
}

// Kind says which way an order moves money.
type Kind string

// The kinds. Every kind but KindPayment moves money back to the customer.
const (
	KindPayment    Kind = "payment"
	KindRefund     Kind = "refund"
	KindChargeback Kind = "chargeback"
	KindReversal   Kind = "reversal"
)

// Took reports whether in s the money had been taken at some time, so that the order counts as the payer of its shop
// order. Money taken in part counts once it went back, since the document then no longer tells how much it was.
func (s State) Took() bool {
	switch s {
	case Paid, PartiallyRefunded, Refunded, ChargedBack:
		return true
	}
	return false
}

// WentBack reports whether a move from s to next undoes a payment in a way that the gateway's own rules do not
// foresee (CONTRACT 3.5 rule 11): a paid order may be refunded or charged back, and nothing else. Such a move is
// applied all the same, since the gateway is the truth, but somebody has to be told.
func (s State) WentBack(next State) bool {
	if !s.Took() || s == next {
		return false
	}
	return refundRank(next) <= refundRank(s)
}

// refundRank orders the states after a payment by how much of the money has gone back; 0 is every other state.
func refundRank(s State) int {
	switch s {
	case Paid:
		return 1
	case PartiallyRefunded:
		return 2
	case Refunded:
		return 3
	case ChargedBack:
		return 4
	}
	return 0
}
