package payment

import "time"

// staleAfter bounds how long the gateway may answer from an older copy of an order. An answer with an older
// `modified` is taken for such a copy if it was asked for less than this after the answer we hold; asked for later,
// it means that the gateway's own clock went back, and it is believed.
const staleAfter = 5 * time.Minute

// Version places an answer of the gateway in time.
type Version struct {
	Modified time.Time // the gateway's own mark; zero if the document has none
	Asked    time.Time // no later than the moment the request left, by the database's clock
}

// Relation says how an answer relates to the one already stored.
type Relation int

// The relations. Older answers are dropped; of those, Stale ones came after the stored one was asked for, so the
// gateway has yet to catch up with itself and must be asked again.
const (
	Older Relation = iota
	Stale
	Newer
)

// Compare says whether v may replace stored (DESIGN promise 5: a slow, stale answer cannot undo a newer one).
func (v Version) Compare(stored Version) Relation {
	switch {
	case v.Modified.IsZero() || stored.Modified.IsZero() || v.Modified.Equal(stored.Modified):
		if v.Asked.Before(stored.Asked) {
			return Older
		}
		return Newer
	case v.Modified.After(stored.Modified):
		return Newer
	case v.Asked.Before(stored.Asked):
		return Older
	case v.Asked.Before(stored.Asked.Add(staleAfter)):
		return Stale
	}
	return Newer
}
