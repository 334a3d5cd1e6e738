package sandbox

import "strconv"

// readOnly are the members that an order sent back must not have, in itself and in its transactions (CONTRACT 2.7).
func readOnly() []string {
	return []string{
		"id", "order_id", "project_id", "created", "modified", "completed", "status", "flags", "events", "is_capturable",
	}
}

// updatable are the members of an order that a shop may write over.
func updatable() []property {
	return []property{
		{"merchant_order_id", "Reference of the shop", false, text()},
		{"description", "What is paid for, shown to the customer", false, text()},
		{"return_url", "Where the customer goes after success", false, webURL()},
		{"failure_url", "Where the customer goes after failure", false, webURL()},
		{"webhook_url", "Receiver of this order's webhooks", false, webURL()},
		{"locale", "Language of the payment page", false, text()},
		{"customer", "Who buys", false, customer()},
		{"client", "Software of the shop", false, client()},
		{"extra", "Data the shop wants back", false, free()},
	}
}

// updateRequest is what PUT /v1/orders/{id}/ accepts: an order as a read showed it, without what is read-only, or any
// part of it.
func updateRequest() rule {
	members := object(updatable()...)
	return func(path, about string, value any) error {
		given := document(value.(map[string]any)) // the caller has parsed an object
		if err := given.refuseReadOnly(""); err != nil {
			return err
		}
		for _, list := range []string{"transactions", "order_lines"} {
			for i, part := range given.list(list) {
				part, _ := part.(map[string]any)
				if err := document(part).refuseReadOnly(list + "[" + strconv.Itoa(i) + "]"); err != nil {
					return err
				}
			}
		}
		return members(path, about, value)
	}
}

func (d document) refuseReadOnly(path string) error {
	for _, name := range readOnly() {
		if _, present := d[name]; present {
			return invalid(member(path, name), "Member kept by the gateway", "is read-only: leave it out")
		}
	}
	return nil
}

// update writes the members a shop may write over. Amount and currency may be there as they are; whatever else an order
// has may be sent back and stays as it is.
func (d document) update(asked document) error {
	if _, given := asked["amount"]; given && asked.integer("amount") != d.integer("amount") {
		return invalid("amount", aboutAmount, "cannot be changed")
	}
	if _, given := asked["currency"]; given && asked.text("currency") != d.text("currency") {
		return invalid("currency", "Currency of the amount", "cannot be changed")
	}
	for _, p := range updatable() {
		if value, given := asked[p.name]; given {
			d[p.name] = value
		}
	}
	return nil
}
