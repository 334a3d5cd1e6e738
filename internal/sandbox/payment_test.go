package sandbox_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"

	"webhookd/internal/sandbox"
)

func TestADeclinedOrderCanBePaidByAnotherCard(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.do(s.g.Pay(id, sandbox.CardInsufficientFunds))
	failed := s.read(id)
	tx := failed["transactions"].([]any)[0].(map[string]any)
	outcome := tx["outcomes"].(map[string]any)["processing"].(map[string]any)
	if failed["status"] != "error" || failed["completed"] != nil || tx["status"] != "error" ||
		tx["reason"] != "ERROR_TRANSACTION_REJECTED_BY_CARD_PROCESSOR" || outcome["response_code"] != "51" {
		t.Fatalf("declined order is %v", failed)
	}
	if message := failed["customer_messages"].([]any)[0]; message == "" || message != tx["customer_message"] {
		t.Errorf("customer_messages are %v, want those of the transaction", failed["customer_messages"])
	}

	s.do(s.g.Pay(id, "5544 3300 0003 7"))
	paid := s.read(id)
	txs := paid["transactions"].([]any)
	if paid["status"] != "completed" || paid["completed"] == nil || len(txs) != 2 {
		t.Fatalf("retried order is %v", paid)
	}
	first, second := txs[0].(map[string]any), txs[1].(map[string]any)
	if first["payment_url"] != nil || second["payment_url"] != nil {
		t.Error("a paid order still has pages to pay it")
	}
	if first["status"] != "error" || second["status"] != "completed" || second["payment_method_brand"] != "mastercard" {
		t.Errorf("transactions are %v then %v, want error then completed", first["status"], second["status"])
	}
	if _, still := paid["customer_messages"]; still {
		t.Error("a paid order still shows the message of its failure")
	}
}

func TestAPreparedTransactionIsTheFirstAttempt(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(map[string]any{"transactions": []any{map[string]any{"payment_method": "credit-card"}}})
	before := s.read(id)["transactions"].([]any)[0].(map[string]any)
	s.do(s.g.Pay(id, sandbox.CardVisa))
	txs := s.read(id)["transactions"].([]any)
	after := txs[0].(map[string]any)
	if len(txs) != 1 || after["id"] != before["id"] || after["status"] != "completed" || after["payment_url"] != nil {
		t.Errorf("transactions after payment: %v, want the prepared one completed and without its page", txs)
	}
	if got := len(after["events"].([]any)); got != 3 {
		t.Errorf("%d events, want new, pending, completed", got)
	}
}

func TestAllTestCards(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for number, status := range map[string]string{
		"4111 1111 1111 1111": "completed", "5544 3300 0003 7": "completed", "5544330000000037": "completed",
		"4462030000000000": "completed", "4018810000100036": "completed", "5420711000210016": "completed",
		"3759 870001 69677": "completed", "3684-980000-0679": "completed",
		"4111 1111 1111 1105": "error", "4111 1111 1111 1151": "error", "4111111111111143": "error",
		"4018 8100 0015 0015": "processing", "5299910010000015": "processing",
		"375987000000005": "processing", "6011947300799885": "processing",
	} {
		id := s.order(nil)
		s.do(s.g.Pay(id, number))
		s.wantStatus(id, status)
	}
	if err := s.g.Pay(s.order(nil), "4242424242424242"); err == nil {
		t.Error("Pay took a card that is not on the list")
	}
}

func TestManualCaptureOnlyReserves(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, fields := range []map[string]any{
		{"capture_mode": "manual"},
		{"transactions": []any{map[string]any{"payment_method": "credit-card", "capture_mode": "manual"}}},
	} {
		id := s.order(fields)
		s.do(s.g.Pay(id, sandbox.CardVisa))
		if _, err := s.g.Refund(id, 1); err == nil {
			t.Error("money that was only reserved was refunded")
		}
		s.do(s.g.Capture(id, 1000))
		doc := s.call("GET", "/v1/orders/"+id+"/?fields[]=amount_details", "").object(t)
		tx := doc["transactions"].([]any)[0].(map[string]any)
		if tx["is_capturable"] != false || tx["is_fully_captured"] != false {
			t.Errorf("after a capture in part: is_capturable %v, is_fully_captured %v, want false, false",
				tx["is_capturable"], tx["is_fully_captured"])
		}
		want := `{"capturable":0,"captured":1000,"refundable":1000,"refunded":0,"voidable":0,"voided":0}`
		if got := mustJSON(t, doc["amount_details"]); got != want {
			t.Errorf("amount_details %s, want %s", got, want)
		}
		if s.g.Capture(id, 1) == nil || s.g.Void(id) == nil {
			t.Error("an authorization was captured twice or voided after a capture")
		}
	}
}

func TestRefundsStayWithinTheAmount(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.do(s.g.Pay(id, sandbox.CardVisa))
	var refunds []string
	for _, amount := range []int64{500, 795} {
		refund, err := s.g.Refund(id, amount)
		s.do(err)
		refunds = append(refunds, refund)
	}
	if _, err := s.g.Refund(id, 1); err == nil {
		t.Error("more was refunded than was paid")
	}
	doc := s.read(id)
	if doc["refunded_amount"] != 1295.0 || mustJSON(t, doc["refund_orders"]) != mustJSON(t, refunds) ||
		mustJSON(t, doc["flags"]) != `["is-test","has-refunds"]` {
		t.Errorf("refunded order is %v", doc)
	}
	back := s.read(refunds[1])
	if back["refund_of_order_id"] != id || back["amount"] != 795.0 || back["status"] != "completed" {
		t.Errorf("refund order is %v", back)
	}
}

func TestLeversRefuseWhatCannotBe(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	paid, cancelled := s.order(nil), s.order(nil)
	s.do(s.g.Pay(paid, sandbox.CardVisa))
	s.do(s.g.Cancel(cancelled))
	for name, err := range map[string]error{
		"Pay a paid order":        s.g.Pay(paid, sandbox.CardVisa),
		"Cancel a paid order":     s.g.Cancel(paid),
		"Expire a paid order":     s.g.Expire(paid),
		"Pay a cancelled order":   s.g.Pay(cancelled, sandbox.CardVisa),
		"Capture a sale":          s.g.Capture(paid, 1),
		"Void a sale":             s.g.Void(paid),
		"Fail an unknown order":   s.g.Fail("unknown"),
		"SetStatus of no order":   s.g.SetStatus("unknown", "new"),
		"Edit an unknown order":   s.g.Edit("unknown", func(map[string]any) {}),
		"Edit into what no JSON":  s.g.Edit(paid, func(doc map[string]any) { doc["x"] = make(chan int) }),
		"Chargeback of no money":  second(s.g.Chargeback(cancelled)),
		"Refund of nothing":       second(s.g.Refund(paid, 0)),
		"StaleGET of no order":    second(s.g.StaleGET("unknown")),
		"Document of no order":    second(s.g.Document("unknown")),
		"Create without currency": second(s.g.Create(map[string]any{"amount": 1})),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	s.wantStatus(paid, "completed")
	s.wantStatus(cancelled, "cancelled")
}

func second[T any](_ T, err error) error { return err }

func TestEditBendsTheDocument(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.do(s.g.Pay(id, sandbox.CardVisa))
	s.do(s.g.Edit(id, func(doc map[string]any) {
		doc["status"] = "on-hold-review"
		doc["amount"] = "1295"
		doc["risk"] = map[string]any{"score": 7}
		doc["flags"] = []string{"is-test", "has-voids"}
		delete(doc, "transactions")
	}))
	doc := s.read(id)
	if doc["status"] != "on-hold-review" || doc["amount"] != "1295" || mustJSON(t, doc["risk"]) != `{"score":7}` ||
		mustJSON(t, doc["flags"]) != `["is-test","has-voids"]` || doc["transactions"] != nil {
		t.Errorf("edited order is %v", doc)
	}
	if _, present := doc["amount_details"]; present {
		t.Error("Edit made a plain GET show amount_details")
	}
}

func TestEditOfAmountDetails(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.do(s.g.Pay(id, sandbox.CardVisa))
	shown := func() string {
		return mustJSON(t, s.call("GET", "/v1/orders/"+id+"/?fields[]=amount_details", "").object(t)["amount_details"])
	}
	s.do(s.g.Edit(id, func(doc map[string]any) { doc["amount_details"].(map[string]any)["refundable"] = 100 }))
	if _, err := s.g.Refund(id, 101); err == nil {
		t.Error("Refund did not go by the edited amount_details")
	}
	s.do(second(s.g.Refund(id, 60)))
	want := `{"capturable":0,"captured":1295,"refundable":40,"refunded":60,"voidable":0,"voided":0}`
	if got := shown(); got != want {
		t.Errorf("amount_details %s, want %s", got, want)
	}
	s.do(s.g.Edit(id, func(doc map[string]any) { doc["amount_details"] = "none" }))
	if got := shown(); got != `"none"` {
		t.Errorf("amount_details %s, want what Edit left", got)
	}
	s.do(s.g.Edit(id, func(doc map[string]any) { delete(doc, "amount_details") }))
	if got := shown(); got != "null" {
		t.Errorf("amount_details %s, want none", got)
	}
}

func TestOrdersChangeWhileTheyAreRead(t *testing.T) {
	receiver := newReceiver(t, http.StatusOK)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	const orders = 8
	var group sync.WaitGroup
	for i := range orders {
		id := s.order(map[string]any{"merchant_order_id": "ORDER-" + strconv.Itoa(i)})
		group.Go(func() {
			for _, err := range []error{
				s.g.Fail(id), s.g.Pay(id, sandbox.CardVisa), second(s.g.Refund(id, 5)),
				s.g.Edit(id, func(doc map[string]any) { doc["seen"] = true }),
			} {
				if err != nil {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			for range 10 {
				if r, err := s.try("GET", "/v1/orders/"+id+"/?fields[]=amount_details", ""); err != nil || r.status != 200 {
					t.Errorf("GET: %d, %v", r.status, err)
				}
			}
		})
	}
	group.Wait()
	for range 4 * orders { // declined, paid, refunded, and the refund's own
		receiver.next(t)
	}
}
