package demoshop

// tone is how good the news is.
type tone string

const (
	toneNone tone = ""
	toneGood tone = "good"
	toneWait tone = "wait"
	toneBad  tone = "bad"
)

// word is one of webhookd's states in a word or two.
type word struct {
	Label string
	Tone  tone
}

// wordFor has a word for every state, also for those of a later release.
func (t *texts) wordFor(state string) word {
	label, ok := t.States[state]
	if !ok {
		return word{t.Verdicts.Unclear, toneWait}
	}
	return word{label, stateTone(state)}
}

func stateTone(state string) tone {
	switch state {
	case "paid":
		return toneGood
	case "failed", "charged_back", "not_found":
		return toneBad
	case "partially_refunded", "refunded", "voided", "cancelled", "expired", "reversal":
		return toneNone
	}
	return toneWait
}

// orderWord is the order's state, which is no good news as long as something speaks against shipping.
func (t *texts) orderWord(o verifiedOrder) word {
	if o.State == "paid" && !o.Fulfillable {
		return word{t.Verdicts.PaidHeld, toneWait}
	}
	return t.wordFor(o.State)
}

// eventWord says what an event tells: most are named for the state that they led to.
func (t *texts) eventWord(e orderEvent) word {
	label, ok := t.Events[e.Type]
	switch {
	case !ok:
		return t.wordFor(e.Snapshot.State)
	case e.Type == "order.changed":
		return word{label, toneNone}
	}
	return word{label, toneBad}
}

// sourceText says what made webhookd look.
func (t *texts) sourceText(source string) string {
	if text, ok := t.Sources[source]; ok {
		return text
	}
	return source
}

// verdict is what the shop tells its customer about an order.
type verdict struct {
	verdictText
	Tone  tone
	State string // for programs: webhookd's, or unreachable

	payable bool // the customer may pay, if that is not done already
	failed  bool // the customer has to pay once more
	held    bool // paid, or on the way to it, and something speaks against shipping
}

// judge puts into words what webhookd found. Only its own "fulfillable" lets goods leave; every other state, and every
// doubt, does not.
func (t *texts) judge(f finding) verdict {
	say := t.Verdicts
	switch {
	case !f.known:
		return verdict{verdictText: say.Unreachable, Tone: toneWait, State: "unreachable"}
	case f.order.Fulfillable:
		return verdict{verdictText: say.Shippable, Tone: toneGood, State: f.order.State}
	}
	v := verdict{Tone: stateTone(f.order.State), State: f.order.State}
	switch f.order.State {
	case "", "unverified":
		v.verdictText, v.State, v.payable = say.Unverified, "unverified", true
	case "pending":
		v.verdictText, v.payable = say.Pending, true
	case "failed":
		v.verdictText, v.failed = say.Failed, !f.order.Settled
		if f.order.Settled {
			v.verdictText = say.FailedForGood
		}
	case "cancelled":
		v.verdictText = say.Cancelled
	case "expired":
		v.verdictText = say.Expired
	case "paid":
		v.verdictText, v.Tone, v.held = say.Held, toneWait, true
	case "authorized", "partially_captured":
		v.verdictText, v.held = say.Reserved, true
	default:
		v.verdictText, v.held = verdictText{t.wordFor(f.order.State).Label, say.Else}, true
	}
	return v
}

// giveBack tells of a refund that webhookd has yet to see. Until it has, nothing leaves, though it says that goods may.
func (t *texts) giveBack(v verdict) verdict {
	v.verdictText, v.Tone = t.Verdicts.Refunding, toneWait
	return v
}

// hold is one reason why the goods stay.
type hold struct{ Code, Text string }
