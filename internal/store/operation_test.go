package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"webhookd/internal/store"
)

const (
	opLease = 30 * time.Second
	aKey    = "refund-of-damaged-cup"
)

// intend is a refund of 500 of the paid order.
func intend(key string) store.Intent {
	return store.Intent{Key: key, Kind: store.KindRefund, OrderID: anOrder, Amount: 500, Fingerprint: []byte("500")}
}

// newPaidBench is a store that knows anOrder as paid.
func newPaidBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.see(t, document(t, fixturePaid))
	return b
}

func (b *bench) begin(t *testing.T, i store.Intent) *store.Ticket {
	t.Helper()
	op, ticket, err := b.BeginOperation(t.Context(), i, opLease)
	if err != nil || ticket == nil || op.Status != store.OperationPending {
		t.Fatalf("BeginOperation(%s) = %+v, %v, %v, want a ticket", i.Key, op, ticket, err)
	}
	return ticket
}

func (b *bench) send(t *testing.T, ticket *store.Ticket) {
	t.Helper()
	if err := b.SendOperation(t.Context(), ticket, ticket.Amount, []byte(`{"refunded":0}`), opLease); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) finish(t *testing.T, ticket *store.Ticket, e store.Ending) store.Operation {
	t.Helper()
	op, err := b.FinishOperation(t.Context(), ticket, e)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

// wantNone fails unless beginning the operation is refused with the error.
func (b *bench) wantNone(t *testing.T, i store.Intent, want error) {
	t.Helper()
	if op, ticket, err := b.BeginOperation(t.Context(), i, opLease); !errors.Is(err, want) || ticket != nil {
		t.Errorf("BeginOperation(%s) = %+v, %v, %v, want %v", i.Key, op, ticket, err, want)
	}
}

// died makes the lease of an operation run out, as if its process had died long ago.
func (b *bench) died(t *testing.T, key string) {
	t.Helper()
	b.exec(t, `update operations set due_at = now() - interval '1 second' where key = $1`, key)
}

func TestAnOperationIsBegunOnce(t *testing.T) {
	b := newPaidBench(t)
	ticket := b.begin(t, intend(aKey))
	b.wantNone(t, intend(aKey), store.ErrUnderWay)
	other := intend(aKey)
	other.Fingerprint = []byte("501")
	b.wantNone(t, other, store.ErrKeyReused)
	b.wantNone(t, intend("another-key"), store.ErrOrderBusy)

	b.send(t, ticket)
	b.wantNone(t, intend(aKey), store.ErrUnderWay)
	done := b.finish(t, ticket, store.Ending{Status: store.OperationDone, RefundID: "ref_1"})
	if done.Status != store.OperationDone || *done.RefundID != "ref_1" || *done.Amount != 500 {
		t.Errorf("finished as %+v", done)
	}
	op, again, err := b.BeginOperation(t.Context(), intend(aKey), opLease)
	if err != nil || again != nil || op.Status != store.OperationDone {
		t.Errorf("begun again: %+v, %v, %v, want what was done", op, again, err)
	}
	b.wantNone(t, other, store.ErrKeyReused)
	b.begin(t, intend("another-key")) // the order is free
}

func TestAnOperationNeedsAConfirmedOrder(t *testing.T) {
	b := newBench(t)
	b.wantNone(t, intend(aKey), store.ErrNotFound)
	b.hint(t, anOrder)
	b.wantNone(t, intend(aKey), store.ErrNotFound)
	b.register(t, anOrder, store.Expected{})
	b.wantNone(t, intend(aKey), store.ErrNotFound)
	if _, err := b.Operation(t.Context(), aKey); !errors.Is(err, store.ErrNoOperation) {
		t.Errorf("the refused key is in use: %v", err)
	}
}

func TestOfManyAtOnceOneIsBegun(t *testing.T) {
	for name, c := range map[string]struct {
		key  func(i int) string
		told error
	}{
		"equal keys":     {func(int) string { return aKey }, store.ErrUnderWay},
		"different keys": {func(i int) string { return aKey + string(rune('a'+i)) }, store.ErrOrderBusy},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := newPair(t)
			a.see(t, document(t, fixturePaid))
			for range 50 { // two that meet at the same instant are rare
				ticket := beginAtOnce(t, []*bench{a, b}, c.key, c.told)
				if ticket == nil {
					t.Fatal("nothing was begun")
				}
				if err := a.ReleaseOperation(t.Context(), ticket); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// beginAtOnce begins sixteen operations at once. It returns the one that was begun; all others must be told why not.
func beginAtOnce(t *testing.T, stores []*bench, key func(i int) string, told error) (begun *store.Ticket) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			_, ticket, err := stores[i%len(stores)].BeginOperation(t.Context(), intend(key(i)), opLease)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case ticket != nil && begun != nil:
				t.Error("two were begun")
			case ticket != nil:
				begun = ticket
			case !errors.Is(err, told):
				t.Errorf("BeginOperation: %v, want %v", err, told)
			}
		})
	}
	all.Wait()
	return begun
}

func TestWhatADeadProcessLeaves(t *testing.T) {
	t.Run("not sent: the key begins anew", func(t *testing.T) {
		b := newPaidBench(t)
		dead := b.begin(t, intend(aKey))
		b.died(t, aKey)
		b.begin(t, intend(aKey))
		if err := b.SendOperation(t.Context(), dead, 500, nil, opLease); !errors.Is(err, store.ErrTaken) {
			t.Errorf("the dead process could send: %v", err)
		}
	})
	t.Run("not sent: forgotten by whoever looks", func(t *testing.T) {
		b := newPaidBench(t)
		b.begin(t, intend(aKey))
		b.died(t, aKey)
		if claimed, err := b.ClaimOperations(t.Context(), 10, opLease); err != nil || len(claimed) != 0 {
			t.Errorf("ClaimOperations = %v, %v, want none", claimed, err)
		}
		if _, err := b.Operation(t.Context(), aKey); !errors.Is(err, store.ErrNoOperation) {
			t.Errorf("the key is in use: %v", err)
		}
	})
	t.Run("sent: looked for, and never begun anew", func(t *testing.T) {
		b := newPaidBench(t)
		b.send(t, b.begin(t, intend(aKey)))
		b.died(t, aKey)
		op, ticket, err := b.BeginOperation(t.Context(), intend(aKey), opLease)
		if err != nil || ticket != nil || op.Status != store.OperationUnknown {
			t.Errorf("BeginOperation = %+v, %v, %v, want unknown and no ticket", op, ticket, err)
		}
		b.wantNone(t, intend("another-key"), store.ErrOrderBusy)
		claimed, err := b.ClaimOperations(t.Context(), 10, opLease)
		if err != nil || len(claimed) != 1 || claimed[0].Key != aKey || claimed[0].Amount != 500 ||
			string(claimed[0].Before) != `{"refunded":0}` || claimed[0].SentAt.IsZero() || claimed[0].Reference == "" {
			t.Fatalf("ClaimOperations = %+v, %v", claimed, err)
		}
		if more, _ := b.ClaimOperations(t.Context(), 10, opLease); len(more) != 0 {
			t.Errorf("claimed twice: %+v", more)
		}
	})
}

func TestAnUnknownOutcomeKeepsOthersOutUntilItIsClosed(t *testing.T) {
	b := newPaidBench(t)
	ticket := b.begin(t, intend(aKey))
	b.send(t, ticket)
	op := b.finish(t, ticket, store.Ending{Status: store.OperationUnknown, Detail: "time-out", LookAgain: time.Second})
	if op.Status != store.OperationUnknown || *op.Detail != "time-out" {
		t.Errorf("finished as %+v", op)
	}
	b.wantNone(t, intend("another-key"), store.ErrOrderBusy)
	b.died(t, aKey)
	claimed, err := b.ClaimOperations(t.Context(), 10, opLease)
	if err != nil || len(claimed) != 1 || claimed[0].Looks != 1 {
		t.Fatalf("ClaimOperations = %+v, %v", claimed, err)
	}
	b.finish(t, claimed[0], store.Ending{Status: store.OperationUnknown, Closed: true, LookAgain: time.Hour})
	b.begin(t, intend("another-key"))
}

func TestTheSenderKnowsBest(t *testing.T) {
	b := newPaidBench(t)
	sender := b.begin(t, intend(aKey))
	b.send(t, sender)
	b.died(t, aKey) // it is only slow
	claimed, err := b.ClaimOperations(t.Context(), 10, opLease)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("ClaimOperations = %+v, %v", claimed, err)
	}
	unknown := store.Ending{Status: store.OperationUnknown, LookAgain: time.Second}
	if _, err := b.FinishOperation(t.Context(), sender, unknown); !errors.Is(err, store.ErrTaken) {
		t.Errorf("the sender, who knows nothing, took the operation back: %v", err)
	}
	b.finish(t, sender, store.Ending{Status: store.OperationDone, RefundID: "ref_1"})
	if _, err := b.FinishOperation(t.Context(), claimed[0], unknown); !errors.Is(err, store.ErrTaken) {
		t.Errorf("a done operation became unknown: %v", err)
	}
	if op, err := b.Operation(t.Context(), aKey); err != nil || op.Status != store.OperationDone {
		t.Errorf("the operation is %+v, %v, want done", op, err)
	}
}

// TestWhoHasNotSentKnowsNothingBetter: a slow process finds the order changed by what another has sent meanwhile under
// the same key, and wants to call it refused.
func TestWhoHasNotSentKnowsNothingBetter(t *testing.T) {
	b := newPaidBench(t)
	slow := b.begin(t, intend(aKey))
	b.died(t, aKey) // it is only slow
	sender := b.begin(t, intend(aKey))
	refused := store.Ending{Status: store.OperationRefused, Detail: "there is nothing left to refund"}
	for _, step := range []string{"begun", "sent", "unknown"} {
		if _, err := b.FinishOperation(t.Context(), slow, refused); !errors.Is(err, store.ErrTaken) {
			t.Errorf("what another has %s was called refused: %v", step, err)
		}
		switch step {
		case "begun":
			b.send(t, sender)
		case "sent":
			b.finish(t, sender, store.Ending{Status: store.OperationUnknown, LookAgain: time.Second})
		}
	}
	if op := b.finish(t, sender, store.Ending{Status: store.OperationDone}); op.Status != store.OperationDone {
		t.Errorf("finished as %+v", op)
	}
}

// TestARefundThatFailsLater was not done after all, and its money may be refunded again.
func TestARefundThatFailsLater(t *testing.T) {
	b := newPaidBench(t)
	ticket := b.begin(t, intend(aKey))
	b.send(t, ticket)
	b.finish(t, ticket, store.Ending{Status: store.OperationDone, RefundID: "b2c1-refund", RefundIsOrder: true})
	for _, c := range []struct {
		status string
		want   store.OperationStatus
		left   int64
	}{
		{"processing", store.OperationDone, 500},
		{"error", store.OperationRefused, 0},
		{"completed", store.OperationDone, 500}, // the gateway is the truth
		{"cancelled", store.OperationRefused, 0},
	} {
		b.see(t, paid(t, "b2c1-refund", with("status", c.status), with("flags", []string{"is-refund"}),
			with("refund_of_order_id", anOrder), modified(time.Now())))
		op, err := b.Operation(t.Context(), aKey)
		if err != nil || op.Status != c.want || (op.Detail != nil) != (c.want == store.OperationRefused) {
			t.Errorf("the refund is %s: the operation is %+v, %v, want %s", c.status, op, err, c.want)
		}
		if sum, err := b.RefundedBy(t.Context(), anOrder); err != nil || sum != c.left {
			t.Errorf("the refund is %s: RefundedBy = %d, %v, want %d", c.status, sum, err, c.left)
		}
	}
}

func TestWhatFollowedAnOperation(t *testing.T) {
	b := newPaidBench(t)
	ticket := b.begin(t, intend(aKey))
	b.send(t, ticket)
	b.finish(t, ticket, store.Ending{Status: store.OperationUnknown, Closed: true})
	want := func(want bool, when string) {
		t.Helper()
		if followed, err := b.Followed(t.Context(), ticket); err != nil || followed != want {
			t.Errorf("%s: Followed = %t, %v, want %t", when, followed, err, want)
		}
	}
	want(false, "alone")
	other := b.begin(t, intend("another-key"))
	want(false, "another is not sent yet")
	b.send(t, other)
	want(true, "another is sent")
	b.finish(t, other, store.Ending{Status: store.OperationRefused})
	want(false, "another was refused")
}

func TestADoneOperationMakesItsOrdersDue(t *testing.T) {
	b := newPaidBench(t)
	ticket := b.begin(t, intend(aKey))
	b.send(t, ticket)
	b.finish(t, ticket, store.Ending{Status: store.OperationDone, RefundID: "b2c1-refund", RefundIsOrder: true})
	due := b.claimByID(t)
	if len(due) != 2 || due[anOrder].Cause != "operation" || due["b2c1-refund"].Cause != "operation" {
		t.Errorf("due are %+v, want the order and its refund", due)
	}
	ids, err := b.RefundsOf(t.Context(), anOrder)
	if err != nil || len(ids) != 1 || ids[0] != "b2c1-refund" {
		t.Errorf("RefundsOf = %v, %v", ids, err)
	}
}

func TestAReleasedKeyMayBeUsedForAnything(t *testing.T) {
	b := newPaidBench(t)
	ticket := b.begin(t, intend(aKey))
	b.send(t, ticket)
	if err := b.ReleaseOperation(t.Context(), ticket); err != nil {
		t.Fatal(err)
	}
	other := intend(aKey)
	other.Fingerprint = []byte("501")
	b.begin(t, other)
}

// createIntent is an order for 1295 that is to be made.
func createIntent() store.Intent {
	return store.Intent{
		Key: aKey, Kind: store.KindCreate, Fingerprint: []byte("create"),
		Expected: store.Expected{MerchantOrderID: new("ORDER-001"), Amount: new(int64(1295)), Currency: new("EUR")},
	}
}

func TestACreatedOrderIsStoredWithWhatIsExpected(t *testing.T) {
	b := newBench(t)
	ticket := b.begin(t, createIntent())
	b.send(t, ticket)
	o := document(t, fixtureNew, with("merchant_order_id", "ORDER-001"), created(time.Now()))
	b.begins()
	for range 2 { // whoever finds it again changes nothing
		order, err := b.FinishCreate(t.Context(), ticket, o)
		if err != nil {
			t.Fatal(err)
		}
		if order.State != "pending" || order.FirstSeenBy != "created" || order.Expected == nil ||
			*order.Expected.Amount != 1295 || len(order.Holds) != 1 || order.CheckedAt == nil {
			t.Errorf("stored as %+v", order)
		}
	}
	b.wantFeed(t, "order.pending")
	if source := b.feed(t)[0].Source; source != "operation" {
		t.Errorf("the event's source is %s", source)
	}
	b.wantDue(t, o.ID, 10*time.Minute, time.Minute)
	op, err := b.Operation(t.Context(), aKey)
	if err != nil || op.Status != store.OperationDone || *op.OrderID != o.ID {
		t.Errorf("the operation is %+v, %v", op, err)
	}
}

func TestACreatedOrderThatAWebhookBroughtFirst(t *testing.T) {
	b := newBench(t)
	ticket := b.begin(t, createIntent())
	b.send(t, ticket)
	o := document(t, fixtureNew, with("merchant_order_id", "ORDER-001"), created(time.Now()))
	b.see(t, o) // the answer to the create is still on its way
	order, err := b.FinishCreate(t.Context(), ticket, o)
	if err != nil || order.Expected == nil || order.State != "pending" {
		t.Errorf("stored as %+v, %v", order, err)
	}
	b.wantFeed(t, "order.pending")
}
