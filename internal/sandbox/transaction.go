package sandbox

import "time"

// The transaction statuses the gateway gives by itself (CONTRACT 3.2).
const (
	txNew       = "new"
	txPending   = "pending"
	txCompleted = "completed"
	txError     = "error"
	txCancelled = "cancelled"
	txExpired   = "expired"
)

// addTransaction puts a new payment attempt at the end of the order's transactions.
func (g *Gateway) addTransaction(o *order, method string, now time.Time) document {
	tx := document{
		"id":                     newID(),
		"order_id":               o.id,
		"merchant_id":            g.merchantID,
		"project_id":             g.projectID,
		"created":                stamp(now),
		"amount":                 o.doc["amount"],
		"currency":               o.doc["currency"],
		"balance":                "internal",
		"channel":                "ecom",
		"credit_debit":           "credit",
		"product_type":           method,
		"payment_method":         method,
		"expiration_period":      o.doc["expiration_period"],
		"is_capturable":          false,
		"payment_method_details": map[string]any{},
	}
	tx.move(txNew, now)
	o.doc["transactions"] = append(o.doc.list("transactions"), map[string]any(tx))
	o.doc["last_transaction_added"] = stamp(now)
	return tx
}

// move sets a transaction's status, and says so in its events.
func (d document) move(status string, now time.Time) {
	d["status"] = status
	d["modified"] = stamp(now)
	d["events"] = append(d.list("events"), map[string]any{
		"id":       newID(),
		"event":    status,
		"source":   "set_status",
		"occurred": stamp(now),
		"noticed":  stamp(now),
	})
}

// end moves the transactions that were never finished to status, and takes their page away.
func (d document) end(status, reason string, now time.Time) {
	for _, tx := range d.transactions() {
		if s := tx.text("status"); s != txNew && s != txPending {
			delete(tx, "payment_url")
			continue
		}
		tx.move(status, now)
		delete(tx, "payment_url")
		if reason != "" {
			tx["reason"] = reason
		}
	}
}

// authorization returns the transaction that reserved money, nil if there is none.
func (d document) authorization() document {
	for _, tx := range d.transactions() {
		if tx.text("transaction_type") == "authorization" && tx.text("status") == txCompleted {
			return tx
		}
	}
	return nil
}
