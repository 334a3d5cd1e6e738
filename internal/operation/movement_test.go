package operation_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/payment"
	"webhookd/internal/sandbox"
	"webhookd/internal/store"
)

func TestARefundHappensOnce(t *testing.T) {
	for name, shape := range map[string]sandbox.RefundAnswer{
		"answered as an order":         sandbox.AnswerRefundOrder,
		"answered flat":                sandbox.AnswerFlat,
		"answered by the order itself": sandbox.AnswerOriginalOrder,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.sandbox.SetRefundAnswer(shape)
			id := b.paid(t)
			op, first, err := b.Move(t.Context(), refund(aKey, id, 500))
			if err != nil || !first || op.Status != store.OperationDone || *op.Amount != 500 || *op.OrderID != id {
				t.Fatalf("Move = %+v, %t, %v", op, first, err)
			}
			if op.RefundID == nil || *op.RefundID == "" {
				t.Errorf("the refund has no id: %+v", op)
			}
			again, first, err := b.Move(t.Context(), refund(aKey, id, 500))
			if err != nil || first || again != op && *again.RefundID != *op.RefundID {
				t.Errorf("Move again = %+v, %t, %v", again, first, err)
			}
			if n, amount := b.refunds(t, id); n != 1 || amount != 500 {
				t.Errorf("the gateway has made %d refunds of %d together", n, amount)
			}
			if b.count(t, "refund", "done") != 1 {
				t.Error("it was not counted once")
			}
		})
	}
}

func TestManyEqualRefundsAtOnce(t *testing.T) {
	b := newBench(t)
	id := b.paid(t)
	var all sync.WaitGroup
	var firsts atomic.Int32
	for range 30 {
		all.Go(func() {
			op, first, err := b.Move(t.Context(), refund(aKey, id, 500))
			switch {
			case first:
				firsts.Add(1)
				fallthrough
			case err == nil:
				if op.Status != store.OperationDone {
					t.Errorf("Move = %+v, %v", op, err)
				}
			case !errors.Is(err, store.ErrUnderWay):
				t.Errorf("Move: %v", err)
			}
		})
	}
	all.Wait()
	if n, amount := b.refunds(t, id); n != 1 || amount != 500 || firsts.Load() != 1 {
		t.Errorf("%d refunds of %d, made by %d calls", n, amount, firsts.Load())
	}
}

// TestDifferentRefundsAtOnce never give back more than was paid.
func TestDifferentRefundsAtOnce(t *testing.T) {
	b := newBench(t)
	id := b.paid(t)
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			for {
				_, _, err := b.Move(t.Context(), refund(aKey+string(rune('a'+i)), id, 500))
				if refused := (*operation.RefusedError)(nil); err == nil || errors.As(err, &refused) {
					return
				}
				if !errors.Is(err, store.ErrOrderBusy) {
					t.Errorf("Move: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	if n, amount := b.refunds(t, id); n != 2 || amount != 1000 {
		t.Errorf("%d refunds of %d together, want 2 of 1000", n, amount)
	}
}

func TestCaptureAndVoid(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer sandbox.CaptureAnswer
		what   payment.Movement
		amount int64
		want   payment.Moved
	}{
		{"capture all", sandbox.AnswerOrder, payment.Capture, 0, payment.Moved{Captured: price, Captures: true}},
		{"capture a part", sandbox.AnswerOrder, payment.Capture, 295, payment.Moved{Captured: 295, Captures: true}},
		{"capture, empty answer", sandbox.AnswerEmpty, payment.Capture, 0, payment.Moved{Captured: price, Captures: true}},
		{"void all", sandbox.AnswerOrder, payment.Void, 0, payment.Moved{Voided: price, Voids: true}},
		{"void a part", sandbox.AnswerTransaction, payment.Void, 295, payment.Moved{Voided: 295, Voids: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.sandbox.SetCaptureAnswer(c.answer)
			id := b.reserved(t)
			op := b.move(t, operation.Ask{Key: aKey, Movement: c.what, OrderID: id, Amount: c.amount}, store.OperationDone)
			o, err := b.client.GetOrder(t.Context(), id, nopayn.FieldAmountDetails)
			must(t, err)
			moved := payment.MovedOf(o)
			if moved.Captured != c.want.Captured && c.what == payment.Capture || moved.Captures != c.want.Captures ||
				moved.Voids != c.want.Voids || c.what == payment.Void && moved.Voided != c.want.Voided {
				t.Errorf("moved is %+v, want %+v", moved, c.want)
			}
			if want := c.want.Captured + c.want.Voided; *op.Amount != want {
				t.Errorf("the operation is of %d, want %d", *op.Amount, want)
			}
		})
	}
}

// TestAnEmptyAnswerIsNoProof takes a capture or a void for done only if the order shows it.
func TestAnEmptyAnswerIsNoProof(t *testing.T) {
	for what, call := range map[payment.Movement]sandbox.Operation{
		payment.Capture: sandbox.OpCapture, payment.Void: sandbox.OpVoid,
	} {
		t.Run(string(what), func(t *testing.T) {
			b := newBench(t)
			id := b.reserved(t)
			b.sandbox.Break(call, id, 1, sandbox.Empty(http.StatusOK)) // and nothing is done
			a := operation.Ask{Key: aKey, Movement: what, OrderID: id, Amount: price}
			b.move(t, a, store.OperationUnknown)
			b.move(t, a, store.OperationUnknown)
			if sent := b.sandbox.Calls(call, id); sent != 1 {
				t.Errorf("it was sent %d times", sent)
			}
		})
	}
}

// TestWhatIsRefusedBeforeItIsSent sends nothing, and the key stays used.
func TestWhatIsRefusedBeforeItIsSent(t *testing.T) {
	for _, c := range []struct {
		name   string
		what   payment.Movement
		amount int64
		order  func(*bench, *testing.T) string
		code   string
	}{
		{"more than was paid", payment.Refund, price + 1, (*bench).paid, payment.ObjectionTooMuch},
		{"not paid", payment.Refund, 500, func(b *bench, t *testing.T) string { return b.order(t, nil) }, payment.ObjectionNotPaid},
		{"only reserved", payment.Refund, 500, (*bench).reserved, payment.ObjectionNotPaid},
		{"a capture of what was paid", payment.Capture, 0, (*bench).paid, payment.ObjectionCaptured},
		{"a void of what was paid", payment.Void, 0, (*bench).paid, payment.ObjectionCaptured},
		{"more than was reserved", payment.Capture, price + 1, (*bench).reserved, payment.ObjectionTooMuch},
		{"a refund behind our back", payment.Refund, 800, func(b *bench, t *testing.T) string {
			id := b.paid(t)
			_, err := b.sandbox.Refund(id, 800)
			must(t, err)
			return id
		}, payment.ObjectionTooMuch},
		{"captured behind our back", payment.Capture, 0, func(b *bench, t *testing.T) string {
			id := b.reserved(t)
			must(t, b.sandbox.Capture(id, price))
			return id
		}, payment.ObjectionCaptured},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			id := c.order(b, t)
			a := operation.Ask{Key: aKey, Movement: c.what, OrderID: id, Amount: c.amount}
			op, first, err := b.Move(t.Context(), a)
			refused, ok := errors.AsType[*operation.RefusedError](err)
			if !ok || !first || refused.Code != c.code || op.Status != store.OperationRefused {
				t.Fatalf("Move = %+v, %t, %v, want refused because %s", op, first, err, c.code)
			}
			sent := b.sandbox.Calls(sandbox.OpRefund, "") + b.sandbox.Calls(sandbox.OpCapture, "") +
				b.sandbox.Calls(sandbox.OpVoid, "")
			if sent != 0 {
				t.Errorf("%d movements were sent", sent)
			}
			if op := b.move(t, a, store.OperationRefused); op.Detail == nil || *op.Detail != refused.Detail {
				t.Errorf("asked again: %+v", op)
			}
		})
	}
}

// TestWhatTheGatewayRefuses is told in its words, and did not happen.
func TestWhatTheGatewayRefuses(t *testing.T) {
	t.Run("the call", func(t *testing.T) {
		b := newBench(t)
		id := b.paid(t)
		b.sandbox.Break(sandbox.OpRefund, "", 1, sandbox.Refuse(http.StatusBadRequest))
		op, _, err := b.Move(t.Context(), refund(aKey, id, 500))
		refused, ok := errors.AsType[*operation.RefusedError](err)
		if !ok || op.Status != store.OperationRefused || refused.Detail == "" || *op.Detail != refused.Detail {
			t.Fatalf("Move = %+v, %v, want refused", op, err)
		}
		b.move(t, refund("another-key", id, 500), store.OperationDone) // the order is free
	})
	t.Run("the refund that it made", func(t *testing.T) {
		b := newBench(t)
		id := b.paid(t)
		b.sandbox.FailRefunds(1)
		op, _, err := b.Move(t.Context(), refund(aKey, id, 500))
		if _, ok := errors.AsType[*operation.RefusedError](err); !ok || op.Status != store.OperationRefused {
			t.Fatalf("Move = %+v, %v, want refused", op, err)
		}
	})
}

// TestAWordThatSaysNeitherYesNorNo leaves the outcome to be found out.
func TestAWordThatSaysNeitherYesNorNo(t *testing.T) {
	b := newBench(t)
	id := b.paid(t)
	const answer = `{"id":"ref_1","status":"parked","amount":500,"currency":"EUR"}`
	b.sandbox.Break(sandbox.OpRefund, "", 1, sandbox.Reply(http.StatusOK, nil, answer))
	b.move(t, refund(aKey, id, 500), store.OperationUnknown)
	b.stays(t, aKey, store.OperationUnknown)
	if sent := b.sandbox.Calls(sandbox.OpRefund, ""); sent != 1 {
		t.Errorf("it was sent %d times", sent)
	}
}

// TestWhatWasCertainlyNotSent leaves the key free.
func TestWhatWasCertainlyNotSent(t *testing.T) {
	for name, f := range map[string]struct {
		op sandbox.Operation
		sandbox.Fault
	}{
		"the order cannot be read":  {sandbox.OpGet, sandbox.Refuse(http.StatusInternalServerError)},
		"the key is wrong":          {sandbox.OpRefund, sandbox.Unauthorized()},
		"too many requests":         {sandbox.OpRefund, sandbox.RateLimit(time.Second)},
		"the answer is broken":      {sandbox.OpGet, sandbox.CutBody()},
		"the order is not there":    {sandbox.OpGet, sandbox.Cut()},
		"the reading is told later": {sandbox.OpGet, sandbox.RateLimit(time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			id := b.paid(t)
			lift := b.sandbox.Break(f.op, id, 0, f.Fault)
			_, _, err := b.Move(t.Context(), refund(aKey, id, 500))
			if _, ok := errors.AsType[*operation.NotSentError](err); !ok {
				t.Fatalf("Move: %v, want that nothing was sent", err)
			}
			if op, err := b.store.Operation(t.Context(), aKey); !errors.Is(err, store.ErrNoOperation) {
				t.Errorf("the key is in use: %+v, %v", op, err)
			}
			lift()
			eventually(t, "the budget lets calls through again", func() bool {
				op, _, err := b.Move(t.Context(), refund(aKey, id, 600)) // another request: the key is free
				return err == nil && op.Status == store.OperationDone
			})
			if n, amount := b.refunds(t, id); n != 1 || amount != 600 {
				t.Errorf("%d refunds of %d", n, amount)
			}
		})
	}
}

// TestTheOutcomeIsFound where the gateway's answer was lost, and nothing is sent again.
func TestTheOutcomeIsFound(t *testing.T) {
	movements := map[string]struct {
		op    sandbox.Operation
		order func(*bench, *testing.T) string
		ask   operation.Ask
	}{
		"refund":  {sandbox.OpRefund, (*bench).paid, operation.Ask{Movement: payment.Refund, Amount: 500}},
		"capture": {sandbox.OpCapture, (*bench).reserved, operation.Ask{Movement: payment.Capture, Amount: 500}},
		"void":    {sandbox.OpVoid, (*bench).reserved, operation.Ask{Movement: payment.Void, Amount: price}},
	}
	for name, m := range movements {
		for _, loss := range []sandbox.Fault{sandbox.LoseAnswer(), sandbox.CutBody()} {
			t.Run(name, func(t *testing.T) {
				b := newBench(t)
				ask := m.ask
				ask.Key, ask.OrderID = aKey, m.order(b, t)
				b.sandbox.Break(m.op, "", 1, loss)
				b.move(t, ask, store.OperationUnknown)
				b.move(t, ask, store.OperationUnknown) // and asking again does not send it
				if _, _, err := b.Move(t.Context(), refund("another-key", ask.OrderID, 1)); !errors.Is(err, store.ErrOrderBusy) {
					t.Errorf("another operation meanwhile: %v", err)
				}
				b.runs(t)
				op := b.becomes(t, aKey, store.OperationDone)
				if (op.RefundID != nil) != (name == "refund") || op.Detail != nil {
					t.Errorf("found as %+v", op)
				}
				if sent := b.sandbox.Calls(m.op, ""); sent != 1 {
					t.Errorf("it was sent %d times", sent)
				}
				eventually(t, "it is counted", func() bool { // after it is stored
					return b.count(t, name, "unknown") == 1 && b.count(t, name, "found") == 1
				})
			})
		}
	}
}

// TestNoTraceIsNoProof has a movement vanish on its way: it stays unknown and is never sent again, and after a while it
// no longer keeps others from the order.
func TestNoTraceIsNoProof(t *testing.T) {
	b := newBench(t)
	id := b.paid(t)
	b.sandbox.Break(sandbox.OpRefund, "", 1, sandbox.Cut())
	b.move(t, refund(aKey, id, 500), store.OperationUnknown)
	b.stays(t, aKey, store.OperationUnknown)
	if _, _, err := b.Move(t.Context(), refund("another-key", id, 500)); !errors.Is(err, store.ErrOrderBusy) {
		t.Errorf("another operation meanwhile: %v", err)
	}
	b.sql(t, `update operations set sent_at = now() - interval '16 minutes'`)
	b.stays(t, aKey, store.OperationUnknown) // too few looks: it may be that the clock has jumped
	if _, _, err := b.Move(t.Context(), refund("another-key", id, 500)); !errors.Is(err, store.ErrOrderBusy) {
		t.Errorf("another operation after two looks: %v", err)
	}
	b.sql(t, `update operations set looks = 20`)
	op := b.stays(t, aKey, store.OperationUnknown)
	if !strings.Contains(*op.Detail, "dashboard") {
		t.Errorf("the detail is %q", *op.Detail)
	}
	b.move(t, refund("another-key", id, 500), store.OperationDone)
	b.stays(t, aKey, store.OperationUnknown) // somebody else's refund is not taken for it
	if n, amount := b.refunds(t, id); n != 1 || amount != 500 {
		t.Errorf("%d refunds of %d", n, amount)
	}
}

// TestARefundOfSomebodyElse is not taken for ours.
func TestARefundOfSomebodyElse(t *testing.T) {
	b := newBench(t)
	id := b.paid(t)
	b.sandbox.Break(sandbox.OpRefund, "", 1, sandbox.Cut())
	b.move(t, refund(aKey, id, 500), store.OperationUnknown)
	for _, c := range []struct {
		amount    int64
		reference string
		want      store.OperationStatus
	}{{400, "", store.OperationUnknown}, {500, "theirs", store.OperationUnknown}, {500, "", store.OperationDone}} {
		theirs, err := b.sandbox.Refund(id, c.amount%401) // small, so that all fit
		must(t, err)
		must(t, b.sandbox.Edit(theirs, func(doc map[string]any) {
			doc["merchant_order_id"], doc["amount"] = c.reference, c.amount
		}))
		if op := b.stays(t, aKey, c.want); c.want == store.OperationDone && op.Detail == nil {
			t.Error("it is not said that this is a guess")
		}
	}
}

// TestALaterCaptureIsNotTakenForAnEarlierOne whose answer was lost, and which nobody waits for any more.
func TestALaterCaptureIsNotTakenForAnEarlierOne(t *testing.T) {
	for name, m := range map[string]struct {
		op  sandbox.Operation
		ask operation.Ask
	}{
		"capture": {sandbox.OpCapture, operation.Ask{Movement: payment.Capture, Amount: 500}},
		"void":    {sandbox.OpVoid, operation.Ask{Movement: payment.Void, Amount: price}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			lost := m.ask
			lost.Key, lost.OrderID = aKey, b.reserved(t)
			b.sandbox.Break(m.op, "", 1, sandbox.Cut())
			b.move(t, lost, store.OperationUnknown)
			b.sql(t, `update operations set sent_at = now() - interval '16 minutes', looks = 20`)
			b.stays(t, aKey, store.OperationUnknown)
			later := lost
			later.Key = "another-key"
			b.move(t, later, store.OperationDone)
			b.stays(t, aKey, store.OperationUnknown)
		})
	}
}

// TestASlowProcessDoesNotCallRefused what another has done under the same key meanwhile.
func TestASlowProcessDoesNotCallRefused(t *testing.T) {
	b := newBench(t)
	ask := operation.Ask{Key: aKey, Movement: payment.Capture, OrderID: b.reserved(t)}
	asks, asked := make(chan struct{}), make(chan struct{})
	b.sandbox.Break(sandbox.OpGet, ask.OrderID, 1, sandbox.NewFault("hold", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(asks)
			<-asked
			next.ServeHTTP(w, r)
		})
	}))
	slow := make(chan error, 1)
	go func() {
		_, _, err := b.Move(t.Context(), ask)
		slow <- err
	}()
	<-asks
	b.sql(t, `update operations set due_at = now()`) // its lease is over
	// The other one's answer is lost, so that the outcome is open when the slow process sees that all is captured.
	b.sandbox.Break(sandbox.OpCapture, "", 1, sandbox.LoseAnswer())
	b.move(t, ask, store.OperationUnknown)
	close(asked)
	if err := <-slow; !errors.As(err, new(*operation.NotSentError)) {
		t.Errorf("the slow process: %v", err)
	}
	b.move(t, ask, store.OperationUnknown)
	b.runs(t)
	b.becomes(t, aKey, store.OperationDone)
	if sent := b.sandbox.Calls(sandbox.OpCapture, ""); sent != 1 {
		t.Errorf("it was sent %d times", sent)
	}
}

// TestAForgottenRefundIsFound: our database has lost what it knew of a refund, with a backup that was restored or a
// fail-over that dropped its newest commits, and the shop asks for it again.
func TestAForgottenRefundIsFound(t *testing.T) {
	for name, amount := range map[string]int64{"a part": 500, "all": price} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			id := b.paid(t)
			b.move(t, refund(aKey, id, amount), store.OperationDone)
			b.sql(t, `delete from operations`)
			op := b.move(t, refund(aKey, id, amount), store.OperationDone)
			if op.RefundID == nil || *op.Amount != amount {
				t.Errorf("found as %+v", op)
			}
			b.sql(t, `delete from operations`)
			if _, _, err := b.Move(t.Context(), refund(aKey, id, amount-1)); !errors.Is(err, store.ErrKeyReused) {
				t.Errorf("another refund with the same key: %v", err)
			}
			if n, sum := b.refunds(t, id); n != 1 || sum != amount {
				t.Errorf("%d refunds of %d", n, sum)
			}
		})
	}
}

// TestARefundThatFailsLater may be made again under another key.
func TestARefundThatFailsLater(t *testing.T) {
	b := newBench(t)
	id := b.paid(t)
	b.sandbox.SetRefundDelay(time.Hour)
	op := b.move(t, refund(aKey, id, price), store.OperationDone)
	if _, _, err := b.Move(t.Context(), refund("another-key", id, price)); !errors.As(err, new(*operation.RefusedError)) {
		t.Errorf("it was refunded twice: %v", err)
	}
	must(t, b.sandbox.FailRefund(*op.RefundID))
	b.see(t, *op.RefundID)
	if op := b.move(t, refund(aKey, id, price), store.OperationRefused); !strings.Contains(*op.Detail, "error") {
		t.Errorf("the detail is %q", *op.Detail)
	}
	b.move(t, refund("a-third-key", id, price), store.OperationDone)
}

// TestABlankDescription is none.
func TestABlankDescription(t *testing.T) {
	b := newBench(t)
	ask := refund(aKey, b.paid(t), 500)
	ask.Description = " "
	b.move(t, ask, store.OperationDone)
	ask.Description = ""
	b.move(t, ask, store.OperationDone)
}

func TestADatabaseThatForgetsNothing(t *testing.T) {
	b := newBench(t)
	id := b.paid(t)
	// The database goes away while the gateway is at work: nobody can store its answer.
	b.sandbox.Break(sandbox.OpRefund, "", 1, sandbox.NewFault("take the table away", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			b.sql(t, `alter table operations rename to elsewhere`)
		})
	}))
	op := b.move(t, refund(aKey, id, 500), store.OperationUnknown)
	if !strings.Contains(*op.Detail, "could not be stored") {
		t.Errorf("the detail is %q", *op.Detail)
	}
	b.sql(t, `alter table elsewhere rename to operations`)
	b.sql(t, `update operations set due_at = now()`) // the lease is over
	b.runs(t)
	b.becomes(t, aKey, store.OperationDone)
	if n, amount := b.refunds(t, id); n != 1 || amount != 500 {
		t.Errorf("%d refunds of %d", n, amount)
	}
}
