package sandbox

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// frame is what is around every page.
type frame struct {
	Lang   string
	W      words
	Title  string
	Banner string
}

func (p *hostedPage) frame(l language, title string) frame {
	f := frame{Lang: l.tag, W: l.words, Title: title, Banner: l.words.Test}
	if p.gateway.production {
		f.Banner = l.words.Production
	}
	return f
}

// messageView is a page that says one thing.
type messageView struct {
	frame
	Text string
}

// summary is what the pages tell of the order itself.
type summary struct {
	Amount      string
	Shop        string // its host; empty when the order names none
	Description string
	Reference   string
	Lines       []lineView
	Countdown   *countdown // nil when the order never expires
}

type lineView struct {
	Name, Price string
}

// countdown is the time that is left to pay.
type countdown struct {
	Seconds int
	Speed   float64 // of the gateway's clock against the browser's
	Text    string  // for people
	End     string  // for people
	Expires string  // of RFC 3339
}

// payView is what the payment page shows of an order.
type payView struct {
	frame
	summary
	Path, CancelPath string
	FormID           string
	Status           string
	Notice           string // why the last attempt failed
	Payable          bool
	Reserved         bool   // completed, but the money is not taken
	Challenge        string // path of the open one; empty when there is none
	BackURL          string
	Methods          []methodView
	Chosen           string
	Brands           []string
	Cards            []cardGroup
	Form             cardForm
	Errors           cardErrors
}

type methodView struct {
	Name, Title string
	Note        string // that it cannot be tried; empty for cards
	Chosen      bool
}

// cardGroup is test cards whose banks answer alike.
type cardGroup struct {
	Title string
	Kind  string // paid, declined or asks
	Cards []cardView
}

type cardView struct {
	Brand, Number, Digits string
	Outcomes              []string
}

// view returns the page of an order with a method chosen; one that is not offered gives way to the first that is.
func (p *hostedPage) view(doc document, chosen string, form cardForm) payView {
	id, l := doc.text("id"), doc.language()
	v := payView{
		summary:    p.summary(doc, l),
		Path:       pagePath(id),
		CancelPath: "/pay/" + id + "/cancel/",
		FormID:     newID(),
		Status:     doc.text("status"),
		Payable:    doc.payable(),
		BackURL:    doc.shopURL(),
		Brands:     []string{"Visa", "Mastercard", "Amex", "Diners", "Discover"},
		Form:       form,
	}
	if tx := doc.authorization(); tx != nil {
		v.Reserved = tx["is_capturable"] == true
	}
	v.frame = p.frame(l, v.title(&l.words))
	if c, open := p.gateway.openChallenge(id); open {
		v.Challenge = challengePath(id, c.transaction)
	}
	for _, text := range doc.list("customer_messages") {
		v.Notice, _ = text.(string)
	}
	for _, m := range doc.offered() {
		v.Methods = append(v.Methods, m.view(chosen, &l.words))
	}
	v.choose(chosen)
	if v.Payable && !p.gateway.production {
		v.Cards = cardGroups(&l.words)
	}
	return v
}

// title returns the title of the page in the order's state.
func (v *payView) title(w *words) string {
	switch {
	case v.Payable:
		return fmt.Sprintf(w.Pay, v.Amount)
	case v.Status == statusCompleted && v.Reserved:
		return w.Reserved
	case v.Status == statusCompleted:
		return w.Complete
	case v.Status == statusCancelled:
		return w.Cancelled
	case v.Status == statusExpired:
		return w.Expired
	default:
		return w.Strange
	}
}

func (m method) view(chosen string, w *words) methodView {
	if m.name == methodCard {
		return methodView{Name: m.name, Title: w.Card, Chosen: m.name == chosen}
	}
	return methodView{m.name, m.title, fmt.Sprintf(w.NoWallet, m.title), m.name == chosen}
}

// choose marks the method the customer has chosen, or the first one.
func (v *payView) choose(name string) {
	if len(v.Methods) == 0 {
		return
	}
	at := max(0, slices.IndexFunc(v.Methods, func(m methodView) bool { return m.Name == name }))
	v.Methods[at].Chosen = true
	v.Chosen = v.Methods[at].Name
}

func (p *hostedPage) summary(doc document, l language) summary {
	s := summary{
		Amount:      l.money(doc.integer("amount"), doc.text("currency")),
		Shop:        doc.shopHost(),
		Description: doc.text("description"),
		Reference:   doc.text("merchant_order_id"),
	}
	for _, member := range doc.list("order_lines") {
		if line, ok := member.(map[string]any); ok {
			s.Lines = append(s.Lines, document(line).lineView(l, doc.text("currency")))
		}
	}
	if o, err := p.gateway.orders.find(doc.text("id")); err == nil && !o.expires.IsZero() {
		left := max(0, o.expires.Sub(p.gateway.clock.Now()))
		s.Countdown = &countdown{
			Seconds: int(math.Ceil(left.Seconds())),
			Speed:   p.speed(),
			Text:    l.span(left),
			End:     fmt.Sprintf(l.words.Until, l.moment(o.expires)),
			Expires: o.expires.UTC().Format(time.RFC3339),
		}
	}
	return s
}

// speed returns how fast the gateway's clock goes, if it can say so.
func (p *hostedPage) speed() float64 {
	if clock, ok := p.gateway.clock.(interface{ Speed() float64 }); ok {
		return clock.Speed()
	}
	return 1
}

// lineView shows an order line: the amount of one is its price, with VAT (CONTRACT 2.3).
func (d document) lineView(l language, currency string) lineView {
	if own := d.text("currency"); own != "" {
		currency = own
	}
	v := lineView{d.text("name"), l.money(d.integer("amount"), currency)}
	if n := d.integer("quantity"); n != 1 {
		v.Price = strconv.FormatInt(n, 10) + noBreak + "×" + noBreak + v.Price
	}
	return v
}

// shopHost returns the host the customer came from, as far as the order tells.
func (d document) shopHost() string {
	for _, name := range []string{"return_url", "failure_url"} {
		if u, err := url.Parse(d.text(name)); err == nil && u.Host != "" {
			return u.Host
		}
	}
	return ""
}

// cardGroups returns the test cards as the page lists them.
func cardGroups(w *words) []cardGroup {
	paid := cardGroup{Title: w.Paid, Kind: "paid"}
	declined := cardGroup{Title: w.Declined, Kind: "declined"}
	asks := cardGroup{Title: w.AsksForCode, Kind: "asks"}
	for _, c := range testCards() {
		v := cardView{c.title, c.grouped(), c.number, c.outcomes(w)}
		switch {
		case c.hidden:
		case c.decline != nil:
			declined.Cards = append(declined.Cards, v)
		case c.codes != nil:
			asks.Cards = append(asks.Cards, v)
		default:
			v.Outcomes = nil // the group says it
			paid.Cards = append(paid.Cards, v)
		}
	}
	return []cardGroup{paid, asks, declined}
}
