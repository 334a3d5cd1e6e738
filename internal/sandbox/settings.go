package sandbox

import (
	"slices"
	"time"
)

// Settings is how a Gateway behaves, with every default filled in. It holds no key.
type Settings struct {
	ProjectID  string
	MerchantID string
	Production bool
	PublicURL  string
	WebhookURL string // empty when orders that name none send none
	Webhooks   WebhookRules
	Seed       uint64

	RefundAnswer    RefundAnswer
	CaptureAnswer   CaptureAnswer
	RefundDelay     time.Duration // 0 when refunds are completed at once
	FailingRefunds  int           // how many of the next refunds fail
	SeveralCaptures bool
}

// Settings returns how the gateway behaves at present.
func (g *Gateway) Settings() Settings {
	return Settings{
		ProjectID:  g.projectID,
		MerchantID: g.merchantID,
		Production: g.production,
		PublicURL:  *g.publicURL.Load(),
		WebhookURL: g.courier.defaultURL,
		Webhooks:   g.courier.rules,
		Seed:       g.seed,

		RefundAnswer:    knownOrFirst(g.manners.refundAnswer.Load(), RefundAnswers()),
		CaptureAnswer:   knownOrFirst(g.manners.captureAnswer.Load(), CaptureAnswers()),
		RefundDelay:     time.Duration(g.manners.refundDelay.Load()),
		FailingRefunds:  int(g.manners.failingRefunds.Load()),
		SeveralCaptures: g.severalCaptures,
	}
}

// knownOrFirst returns the value if it is one of known, else the first of those.
func knownOrFirst[T comparable](value any, known []T) T {
	if v, ok := value.(T); ok && slices.Contains(known, v) {
		return v
	}
	return known[0]
}

// Clock returns the clock the gateway goes by.
func (g *Gateway) Clock() Clock { return g.clock }

// OrderIDs returns the ids of all orders, refunds and chargebacks included, the oldest first.
func (g *Gateway) OrderIDs() []string {
	var ids []string
	for _, o := range g.orders.all() {
		ids = append(ids, o.id)
	}
	return ids
}
