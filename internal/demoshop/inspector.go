package demoshop

import "time"

// deliveryView is one webhook in the inspector.
type deliveryView struct {
	Event    string
	At       time.Time
	State    word
	Attempts []attempt
	Waiting  bool // to be sent
}

func deliveryViews(t *texts, deliveries []delivery) []deliveryView {
	var views []deliveryView
	for _, d := range deliveries {
		views = append(views, deliveryView{
			Event: d.Event, At: d.At, State: t.deliveryWord(d.State), Attempts: d.Attempts, Waiting: d.State == "waiting",
		})
	}
	return views
}

// deliveryWord has a word for every state of a webhook, also for those of a later release.
func (t *texts) deliveryWord(state string) word {
	label, ok := t.Deliveries[state]
	if !ok {
		return word{state, toneWait}
	}
	tone := map[string]tone{"acknowledged": toneGood, "lost": toneBad, "failed": toneBad}[state]
	if tone == toneNone {
		tone = toneWait
	}
	return word{label, tone}
}

// Good reports whether the receiver took the webhook.
func (a attempt) Good() bool { return a.Status/100 == 2 }
