package sandbox

import "time"

// cancel ends an order that is not completed. The caller holds o.mu.
func (o *order) cancel(reason string, now time.Time) error {
	if !o.doc.payable() {
		return impossible("an order that is %s cannot be cancelled", o.doc.text("status"))
	}
	o.doc["status"] = statusCancelled
	o.doc.end(txCancelled, reason, now)
	return nil
}
