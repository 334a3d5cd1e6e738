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
func wordFor(state string) word {
	known := map[string]word{
		"unverified":         {"Not confirmed yet", toneWait},
		"pending":            {"Waiting for payment", toneWait},
		"failed":             {"Payment failed", toneBad},
		"authorized":         {"Money reserved", toneWait},
		"partially_captured": {"Paid in part", toneWait},
		"paid":               {"Paid", toneGood},
		"partially_refunded": {"Refunded in part", toneNone},
		"refunded":           {"Refunded", toneNone},
		"charged_back":       {"Charged back", toneBad},
		"voided":             {"Reservation released", toneNone},
		"cancelled":          {"Cancelled", toneNone},
		"expired":            {"Expired", toneNone},
		"reversal":           {"Money sent back", toneNone},
		"not_found":          {"Unknown to the gateway", toneBad},
	}
	if w, ok := known[state]; ok {
		return w
	}
	return word{"Not clear yet", toneWait}
}

// word is the order's state, which is no good news as long as something speaks against shipping.
func (o verifiedOrder) word() word {
	if o.State == "paid" && !o.Fulfillable {
		return word{"Paid, held back", toneWait}
	}
	return wordFor(o.State)
}

// verdict is what the shop tells its customer about an order.
type verdict struct {
	Tone  tone
	Title string
	Text  string

	payable bool // the customer may pay, if that is not done already
	failed  bool // the customer has to pay once more
	held    bool // paid, or on the way to it, and something speaks against shipping
}

// judge puts into words what webhookd found. Only its own "fulfillable" lets goods leave; every other state, and every
// doubt, does not.
func judge(f finding) verdict {
	switch {
	case !f.known:
		return verdict{
			Tone: toneWait, Title: "We cannot tell yet",
			Text: "We do not reach our payment desk at the moment. If you have paid, your payment is not lost.",
		}
	case f.order.Fulfillable:
		return verdict{
			Tone: toneGood, Title: "Paid. Thank you!",
			Text: "The gateway has confirmed your payment, and nothing speaks against shipping.",
		}
	}
	switch f.order.State {
	case "", "unverified":
		return verdict{
			Tone: toneWait, Title: "Waiting for the gateway", payable: true,
			Text: "Nobody has confirmed a payment yet. If you have paid, this takes a few seconds.",
		}
	case "pending":
		return verdict{
			Tone: toneWait, Title: "Waiting for your payment", payable: true,
			Text: "The gateway had none when webhookd last asked. If you have paid, this takes a few seconds.",
		}
	case "failed":
		if f.order.Settled {
			return verdict{
				Tone: toneBad, Title: "The payment did not go through",
				Text: "No money was taken, and the time to try again is over.",
			}
		}
		return verdict{
			Tone: toneBad, Title: "The payment did not go through", failed: true,
			Text: "No money was taken. You can try again with the same or another card.",
		}
	case "cancelled":
		return verdict{Title: "The payment was cancelled", Text: "Nothing was paid, and nothing will be shipped."}
	case "expired":
		return verdict{Title: "The time to pay is over", Text: "Nothing was paid, and nothing will be shipped."}
	case "paid":
		return verdict{
			Tone: toneWait, Title: "Paid, but held back", held: true,
			Text: "The gateway has confirmed your payment. Before the goods may leave, a person has to look at this:",
		}
	case "authorized", "partially_captured":
		return verdict{
			Tone: toneWait, Title: "Your money is reserved", held: true,
			Text: "The goods leave once it is taken in full. What speaks against it:",
		}
	}
	return verdict{
		Tone: wordFor(f.order.State).Tone, Title: wordFor(f.order.State).Label, held: true,
		Text: "Nothing will be shipped as things are. What speaks against it:",
	}
}

// hold is one reason why the goods stay.
type hold struct{ Code, Text string }

// holdText says in words what a hold means. One that is not known speaks for itself.
func holdText(code string) string {
	return map[string]string{
		"unverified":         "The gateway has not confirmed the order.",
		"not_paid":           "No money was taken.",
		"authorized_only":    "The money is reserved, not taken.",
		"partially_captured": "Only a part of the money was taken.",
		"amount_mismatch":    "The amount is not the one we asked for.",
		"currency_mismatch":  "The currency is not the one we asked for.",
		"reference_mismatch": "The payment belongs to another order.",
		"unregistered":       "The shop never said that the order is its own.",
		"is_refund":          "This order moves money back.",
		"refunded":           "Money was paid back.",
		"charged_back":       "The bank has taken the money back.",
		"voided":             "The reservation was released.",
		"test_order":         "It was paid with play money.",
		"paid_twice":         "The same purchase was paid before.",
		"unknown_status":     "The gateway says something that we do not understand.",
	}[code]
}

// word says what an event tells: most are named for the state that they led to.
func (e orderEvent) word() word {
	switch e.Type {
	case "order.changed":
		return word{"The gateway has news", toneNone}
	case "order.mismatch":
		return word{"Not what the shop expects", toneBad}
	case "order.anomaly":
		return word{"The gateway took something back", toneBad}
	case "order.stuck":
		return word{"Open for too long", toneBad}
	}
	return wordFor(e.Snapshot.State)
}

// sourceText says what made webhookd look.
func sourceText(source string) string {
	text := map[string]string{
		"webhook":   "verified after a webhook",
		"poll":      "found by webhookd's own poll",
		"sweep":     "found in the gateway's list",
		"refresh":   "asked for",
		"operation": "verified after an operation",
	}[source]
	if text == "" {
		return source
	}
	return text
}
