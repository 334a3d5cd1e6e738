package sandbox

import (
	"math"
	"strconv"
	"time"
)

// payView is what the page shows of an order.
type payView struct {
	Path, CancelPath string
	Amount           string
	Description      string
	Reference        string
	Status           string
	Notice           string // why the last attempt failed
	Payable          bool
	Reserved         bool // completed, but the money is not taken
	BackURL          string
	Expires          time.Time
	SecondsLeft      int
	Left             string // for people; empty when the order never expires
	Methods          []methodView
	Chosen           string
	Cards            []cardView
	Form             cardForm
	Errors           cardErrors
}

type methodView struct {
	Name, Title string
	Chosen      bool
}

type cardView struct {
	Brand, Number, Digits, Outcome string
	Declined                       bool
}

// view returns the page of an order with a method chosen; one that is not offered gives way to the first that is.
func (p *hostedPage) view(doc document, chosen string, form cardForm) payView {
	id := doc.text("id")
	v := payView{
		Path:        pagePath(id),
		CancelPath:  "/pay/" + id + "/cancel/",
		Amount:      money(doc.integer("amount"), doc.text("currency")),
		Description: doc.text("description"),
		Reference:   doc.text("merchant_order_id"),
		Status:      doc.text("status"),
		Payable:     doc.payable(),
		BackURL:     doc.shopURL(),
		Form:        form,
	}
	if o, err := p.gateway.orders.find(id); err == nil && !o.expires.IsZero() {
		v.Expires = o.expires.UTC()
		left := max(0, o.expires.Sub(p.gateway.clock.Now()))
		v.SecondsLeft, v.Left = int(math.Ceil(left.Seconds())), span(left)
	}
	if tx := doc.authorization(); tx != nil {
		v.Reserved = tx["is_capturable"] == true
	}
	for _, text := range doc.list("customer_messages") {
		v.Notice, _ = text.(string)
	}
	for _, m := range doc.offered() {
		v.Methods = append(v.Methods, methodView{m.name, m.title, m.name == chosen})
	}
	v.choose(chosen)
	for _, c := range testCards() {
		if !c.hidden {
			v.Cards = append(v.Cards, cardView{c.title, c.grouped(), c.number, c.outcome(), c.decline != nil})
		}
	}
	return v
}

// choose marks the method the customer has chosen, or the first one.
func (v *payView) choose(name string) {
	if len(v.Methods) == 0 {
		return
	}
	at := 0
	for i, m := range v.Methods {
		if m.Name == name {
			at = i
		}
	}
	v.Methods[at].Chosen = true
	v.Chosen = v.Methods[at].Name
}

// span writes a duration for people, in its largest unit.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return strconv.Itoa(int(d.Hours()/24)) + " days"
	case d >= 2*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " hours"
	default:
		return strconv.Itoa(int(d.Minutes())) + " min"
	}
}
