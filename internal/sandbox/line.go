package sandbox

import "encoding/json"

const aboutUnits = "Number of units"

// lineCount is how many units of an order line were moved by line.
type lineCount struct {
	captured, refunded, voided int64
}

// lineQuantity is some units of an order line.
type lineQuantity struct {
	id       string // merchant_order_line_id
	quantity int64
}

// line returns the order line with this reference, nil if there is none.
func (d document) line(id string) document {
	for _, member := range d.list("order_lines") {
		if line, ok := member.(map[string]any); ok && document(line).text("merchant_order_line_id") == id {
			return line
		}
	}
	return nil
}

// mustHave refuses a line that the order lacks, and more units than left, of the line's quantity, leaves. The refusal
// names the member below path.
func (o *order) mustHave(path string, wanted lineQuantity, left func(quantity int64, moved lineCount) int64) error {
	line := o.doc.line(wanted.id)
	if line == nil {
		return invalid(member(path, "merchant_order_line_id"), "Reference of the line", "the order has no such line")
	}
	if most := left(line.integer("quantity"), o.moved[wanted.id]); wanted.quantity > most {
		return invalid(member(path, "quantity"), aboutUnits, "%d are too many: %d are left", wanted.quantity, most)
	}
	return nil
}

// price returns what the units of a line cost that are neither captured nor voided, as long as that is at most limit.
func (o *order) price(wanted lineQuantity, limit int64) (int64, error) {
	err := o.mustHave("order_line", wanted, func(quantity int64, moved lineCount) int64 {
		return quantity - moved.captured - moved.voided
	})
	if err != nil {
		return 0, err
	}
	unit := o.doc.line(wanted.id).integer("amount")
	if unit < 1 || unit > limit/wanted.quantity {
		return 0, invalid("order_line.quantity", aboutUnits, "%d at %d each are not within the %d reserved",
			wanted.quantity, unit, limit)
	}
	return unit * wanted.quantity, nil
}

// count adds to what was moved of a line.
func (o *order) count(id string, add lineCount) {
	if o.moved == nil {
		o.moved = make(map[string]lineCount)
	}
	was := o.moved[id]
	o.moved[id] = lineCount{was.captured + add.captured, was.refunded + add.refunded, was.voided + add.voided}
}

// lineDetails returns order_line_details, nothing for an order without lines. The contract does not give its form: here
// it is an object from merchant_order_line_id to the line's quantity and how much of that was captured, refunded and
// voided. A movement by amount counts for no line, unless it moves all that the order has.
func (o *order) lineDetails() ([]byte, error) {
	if len(o.doc.list("order_lines")) == 0 {
		return nil, nil
	}
	details := make(map[string]map[string]int64)
	for _, member := range o.doc.list("order_lines") {
		line, _ := member.(map[string]any)
		id, quantity := document(line).text("merchant_order_line_id"), document(line).integer("quantity")
		moved := o.moved[id]
		if o.funds.Voided > 0 && o.funds.Voided >= o.doc.integer("amount") {
			moved.voided = quantity
		}
		if o.funds.Captured > 0 && o.funds.Captured+o.funds.Voided >= o.doc.integer("amount") {
			moved.captured = quantity - moved.voided
		}
		if o.funds.Refunded > 0 && o.funds.Refunded >= o.funds.Captured {
			moved.refunded = moved.captured
		}
		details[id] = map[string]int64{
			"quantity": quantity, "captured": moved.captured, "refunded": moved.refunded, "voided": moved.voided,
		}
	}
	return json.Marshal(details)
}
