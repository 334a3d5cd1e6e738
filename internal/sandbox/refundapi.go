package sandbox

import "net/http"

// refundOrder answers a refund in the shape of [RefundAnswer], with the status 201.
func (g *Gateway) refundOrder(w http.ResponseWriter, r *http.Request) error {
	asked, err := readRequest(w, r, "Refund", nullDescription(g.rules.refund))
	if err != nil {
		return err
	}
	back, err := g.refund(r.PathValue("id"), asked, r.Header.Values("If-Match"))
	if err != nil {
		return err
	}
	made := back.answer.Load()
	switch g.manners.refundAnswer.Load() {
	case AnswerFlat:
		doc, err := parseDocument(made.text)
		if err != nil {
			return err
		}
		return writeObject(w, http.StatusCreated, doc.flatRefund())
	case AnswerOriginalOrder:
		original, err := g.orders.find(back.refund.of)
		if err != nil {
			return err
		}
		now := original.answer.Load()
		writeOrder(w, http.StatusCreated, now, now.text)
		return nil
	default:
		writeOrder(w, http.StatusCreated, made, made.text)
		return nil
	}
}

// nullDescription lets the description be null, the one member for which the contract says so (CONTRACT 2.8), as if it
// were not there.
func nullDescription(r rule) rule {
	return func(path, about string, value any) error {
		given := value.(map[string]any) // the caller has parsed an object
		if reason, present := given["description"]; present && reason == nil {
			delete(given, "description")
		}
		return r(path, about, value)
	}
}

// flatRefund returns a refund order in the flat shape of CONTRACT 2.8.
func (d document) flatRefund() document {
	flat := document{"extra": nil}
	for _, name := range []string{
		"id", "amount", "currency", "created", "modified", "description", "merchant_order_id", "extra",
	} {
		if value, present := d[name]; present {
			flat[name] = value
		}
	}
	switch d.text("status") {
	case statusCompleted:
		flat["status"] = "completed"
	case statusProcessing:
		flat["status"] = "pending"
	default:
		flat["status"] = "failed"
	}
	return flat
}
