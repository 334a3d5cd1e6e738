package payment

import (
	"slices"
	"strings"
)

// Hold is one reason why the goods may not leave.
type Hold string

// The holds, in the order in which Holds lists them.
const (
	HoldUnverified        Hold = "unverified"         // the gateway has not confirmed the order
	HoldNotPaid           Hold = "not_paid"           // no money was taken
	HoldAuthorizedOnly    Hold = "authorized_only"    // money is reserved, not taken
	HoldPartiallyCaptured Hold = "partially_captured" // only a part was taken
	HoldAmountMismatch    Hold = "amount_mismatch"    // not the amount the shop expects
	HoldCurrencyMismatch  Hold = "currency_mismatch"  // not the currency the shop expects
	HoldReferenceMismatch Hold = "reference_mismatch" // not the shop order it was registered for
	HoldUnregistered      Hold = "unregistered"       // the shop never said that the order is its own
	HoldIsRefund          Hold = "is_refund"          // the order moves money back
	HoldRefunded          Hold = "refunded"           // in full or in part
	HoldChargedBack       Hold = "charged_back"
	HoldVoided            Hold = "voided"
	HoldTestOrder         Hold = "test_order"     // paid with play money
	HoldPaidTwice         Hold = "paid_twice"     // another order paid for the same shop order first
	HoldUnknownStatus     Hold = "unknown_status" // the gateway uses a word we do not know, or contradicts itself
)

// AllHolds lists all of them, in that order.
func AllHolds() []Hold {
	return []Hold{
		HoldUnverified, HoldNotPaid, HoldAuthorizedOnly, HoldPartiallyCaptured, HoldAmountMismatch,
		HoldCurrencyMismatch, HoldReferenceMismatch, HoldUnregistered, HoldIsRefund, HoldRefunded, HoldChargedBack,
		HoldVoided, HoldTestOrder, HoldPaidTwice, HoldUnknownStatus,
	}
}

// Expected is what the shop said about an order when it registered or created it. A zero field was not said.
type Expected struct {
	MerchantOrderID string
	Amount          int64 // minor units
	Currency        string
}

// Policy is what the operator decides for the whole service.
type Policy struct {
	AllowTestOrders     bool // orders paid with test cards may ship
	RequireRegistration bool // orders that the shop never registered may not ship
}

// Record is what is known of one order: the gateway's word, the shop's, and our own book-keeping.
type Record struct {
	State           State
	Kind            Kind
	MerchantOrderID string
	Amount          int64
	Currency        string
	RefundedAmount  int64 // minor units
	Voided          bool
	Test            bool
	PaidTwice       bool      // another order with the same reference became paid before this one
	Expected        *Expected // nil if the shop never registered it
}

// Holds lists every reason against shipping, in a fixed order (CONTRACT 3.5). Goods may leave if it is empty and the
// state is Paid; Fulfillable says both at once.
func (r Record) Holds(p Policy) []Hold {
	mismatches := r.Mismatches()
	holds := make([]Hold, 0, 2)
	for _, rule := range []struct {
		hold    Hold
		applies bool
	}{
		{HoldUnverified, r.State == Unverified || r.State == NotFound},
		{HoldNotPaid, r.notPaid()},
		{HoldAuthorizedOnly, r.State == Authorized},
		{HoldPartiallyCaptured, r.State == PartiallyCaptured},
		{HoldAmountMismatch, slices.Contains(mismatches, HoldAmountMismatch)},
		{HoldCurrencyMismatch, slices.Contains(mismatches, HoldCurrencyMismatch)},
		{HoldReferenceMismatch, slices.Contains(mismatches, HoldReferenceMismatch)},
		{HoldUnregistered, p.RequireRegistration && r.Expected == nil},
		{HoldIsRefund, r.State == Reversal || r.Kind != KindPayment},
		{HoldRefunded, r.State == PartiallyRefunded || r.State == Refunded || r.RefundedAmount > 0},
		{HoldChargedBack, r.State == ChargedBack},
		{HoldVoided, r.State == Voided || r.Voided},
		{HoldTestOrder, r.Test && !p.AllowTestOrders},
		{HoldPaidTwice, r.PaidTwice},
		{HoldUnknownStatus, r.State == Unknown},
	} {
		if rule.applies {
			holds = append(holds, rule.hold)
		}
	}
	return holds
}

// notPaid reports whether no money is known to be taken and no other hold says so better. A state that this release
// does not know counts: a later one may have written it.
func (r Record) notPaid() bool {
	switch r.State {
	case Unverified, NotFound, Authorized, PartiallyCaptured, Paid, Reversal,
		PartiallyRefunded, Refunded, ChargedBack, Voided:
		return false
	}
	return true
}

// Fulfillable reports whether the goods may leave: paid in full, and nothing speaks against it.
func (r Record) Fulfillable(p Policy) bool {
	return r.State == Paid && len(r.Holds(p)) == 0
}

// Mismatches lists how the verified order differs from what the shop expects (CONTRACT 3.5 rules 3 and 4). It is
// empty for an order that the gateway has not confirmed, or of which the shop said nothing. Currency codes are the
// same in either case of letters, as the gateway takes both (CONTRACT 1.6).
func (r Record) Mismatches() []Hold {
	if r.Expected == nil || r.State == Unverified || r.State == NotFound {
		return nil
	}
	var holds []Hold
	if r.Expected.Amount != 0 && r.Expected.Amount != r.Amount {
		holds = append(holds, HoldAmountMismatch)
	}
	if r.Expected.Currency != "" && !strings.EqualFold(r.Expected.Currency, r.Currency) {
		holds = append(holds, HoldCurrencyMismatch)
	}
	if r.Expected.MerchantOrderID != "" && r.Expected.MerchantOrderID != r.MerchantOrderID {
		holds = append(holds, HoldReferenceMismatch)
	}
	return holds
}
