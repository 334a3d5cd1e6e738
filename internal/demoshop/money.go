package demoshop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// moneyView is the part of an order's page where its money is moved.
type moneyView struct {
	Turn        int    // which move of this order the forms are for: sent twice, it is still one
	Refund      bool   // is possible, as are the other two
	Capture     bool   // or void
	Left        string // what may be given back, at most
	OnItsWay    string // what is being given back, and webhookd has yet to see; empty if there is nothing
	Amount      string // proposed to give back
	AmountWrong string
	Done        []moveView // newest first
}

// moveView is a move that was asked for.
type moveView struct {
	Title, Text string
	Tone        tone
	At          time.Time
}

// refundForm is the form as it was filled in; the zero value is one that was not.
type refundForm struct{ Amount, Wrong string }

func newMoneyView(t *texts, o placedOrder, f finding, form refundForm) moneyView {
	may := o.scope(f.order)
	v := moneyView{
		Turn: len(o.Moves), Refund: may.Refundable > 0, Capture: may.Reserved > 0,
		Left: t.money(may.Refundable, o.Currency), Amount: t.plain(may.Refundable, o.Currency), AmountWrong: form.Wrong,
	}
	if refunding := o.refunding(f.order); f.known && refunding > 0 {
		v.OnItsWay = t.money(refunding, o.Currency)
	}
	if form.Wrong != "" {
		v.Amount = form.Amount
	}
	for i := len(o.Moves) - 1; i >= 0; i-- {
		m := o.Moves[i]
		text, tone := t.outcomeText(m.Outcome)
		v.Done = append(v.Done, moveView{Title: t.moveText(m, o.Currency), Text: text, Tone: tone, At: m.At})
	}
	return v
}

// moveTimeout bounds all that is done to move money. It goes on when the customer has left.
const moveTimeout = 40 * time.Second

// moveMoney returns what answers the form for moves of this kind. The customer comes back to the order's page, which
// says what came of it.
func (s *shop) moveMoney(kind moveKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o, ok := s.requestedOrder(w, r)
		if !ok || !s.readForm(w, r) {
			return
		}
		defer s.turns.take(o.Key)()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), moveTimeout)
		defer cancel()
		if o, ok = s.orders.find(o.Key); !ok { // again, since somebody else may have had the turn
			s.notFound(w, r)
			return
		}
		s.moveOnce(w, r.WithContext(ctx), o, kind)
	}
}

// moveOnce moves the money, if this turn of the order was not used already.
func (s *shop) moveOnce(w http.ResponseWriter, r *http.Request, o placedOrder, kind moveKind) {
	turn, err := strconv.Atoi(r.PostForm.Get("turn"))
	if err != nil || turn < 0 || turn > len(o.Moves) {
		s.say(w, r, http.StatusUnprocessableEntity, func(m messageTexts) verdictText { return m.Unreadable })
		return
	}
	f := s.lookUp(r.Context(), o)
	wanted, form := s.wantedMove(r, o, f, kind, turn)
	switch {
	case form.Wrong != "":
		s.showOrder(w, r, http.StatusUnprocessableEntity, o, f, form)
	case turn < len(o.Moves) && !o.Moves[turn].sameWish(wanted):
		s.say(w, r, http.StatusConflict, func(m messageTexts) verdictText { return m.Moved })
	case turn < len(o.Moves):
		http.Redirect(w, r, orderPath(o.Key)+"#money", http.StatusSeeOther)
	case !f.known:
		s.say(w, r, http.StatusBadGateway, func(m messageTexts) verdictText { return m.NoMoney })
	case !o.scope(f.order).allows(wanted):
		s.say(w, r, http.StatusConflict, func(m messageTexts) verdictText { return m.NotOffered })
	default:
		s.carryOut(r.Context(), o, wanted)
		http.Redirect(w, r, orderPath(o.Key)+"#money", http.StatusSeeOther)
	}
}

// wantedMove reads the form. What is wrong with the amount of a refund, it says in the form that it returns.
func (s *shop) wantedMove(r *http.Request, o placedOrder, f finding, kind moveKind, turn int) (move, refundForm) {
	m := move{Kind: kind, Refunded: f.order.RefundedAmount, At: time.Now(), Outcome: outcomeSent}
	may := o.scope(f.order)
	if kind != moveRefund {
		m.Amount = f.order.Amount
		return m, refundForm{}
	}
	t := s.languages.choose(r)
	form := refundForm{Amount: r.PostForm.Get("amount")}
	var err error
	if m.Amount, err = t.parseAmount(form.Amount, o.Currency); err != nil {
		form.Wrong = err.Error()
		return m, form
	}
	if turn == len(o.Moves) && may.Refundable > 0 && m.Amount > may.Refundable {
		form.Wrong = fmt.Sprintf(t.Money.TooMuch, t.money(may.Refundable, o.Currency))
	}
	return m, form
}

// carryOut asks for the move once, and notes what came of it. It is noted before it is sent: whatever happens then, it
// is not sent again.
func (s *shop) carryOut(ctx context.Context, o placedOrder, m move) {
	turn := len(o.Moves)
	s.orders.put(o.withMove(turn, m))
	err := s.till.move(ctx, movement{
		Key: fmt.Sprintf("%s-%s-%d", o.Key, m.Kind, turn), OrderID: o.GatewayID, Kind: m.Kind, Amount: m.Amount,
		Description: s.languages[0].Money.Description,
	})
	m.At = time.Now() // a check before this may not know of it
	switch {
	case err == nil:
		m.Outcome = outcomeDone
	case errors.Is(err, errRefused):
		m.Outcome = outcomeRefused
	default:
		m.Outcome = outcomeUnsure
	}
	if err != nil {
		s.log.ErrorContext(ctx, "money was not moved, or nobody knows", "reference", o.Ref, "outcome", m.Outcome, "err", err)
	}
	s.orders.put(o.withMove(turn, m))
}
