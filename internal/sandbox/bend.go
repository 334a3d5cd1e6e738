package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Edit lets f change an order's document in any way: members may be added, removed, or given values no gateway would
// send. What f leaves is shown from then on; no webhook is sent. f gets a copy as [Gateway.Document] returns it, with
// amount_details; those are shown only when asked for, and the levers go by them as long as they have their form. If f
// leaves what has no form in JSON, nothing changes.
func (g *Gateway) Edit(id string, f func(doc map[string]any)) error {
	return g.change(id, func(o *order, _ time.Time) error {
		doc, err := o.document()
		if err != nil {
			return err
		}
		f(doc)
		bent, err := doc.copy()
		if err != nil {
			return fmt.Errorf("edit: %w", err)
		}
		o.setDetails(bent)
		o.doc = bent
		return nil
	})
}

// setDetails takes amount_details out of doc and into the order, as funds if they have the form of funds.
func (o *order) setDetails(doc document) {
	o.bentDetails = []byte{}
	value, present := doc["amount_details"]
	if !present {
		return
	}
	delete(doc, "amount_details")
	o.bentDetails, _ = json.Marshal(value) // doc was made from JSON
	var set funds
	if json.Unmarshal(o.bentDetails, &set) != nil {
		return
	}
	if same, _ := json.Marshal(set); bytes.Equal(same, o.bentDetails) {
		o.funds, o.bentDetails = set, nil
	}
}

// Document returns a copy of an order as it is stored, amount_details included. Its numbers are json.Number. It sees
// through every fault.
func (g *Gateway) Document(id string) (map[string]any, error) {
	o, err := g.orders.find(id)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.document()
}

// document returns a copy of the order's document with amount_details. The caller holds o.mu.
func (o *order) document() (document, error) {
	return parseDocument(o.answer.Load().with([]string{"amount_details"}))
}
