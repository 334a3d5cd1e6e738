package sandbox

// Settings is how a Gateway behaves, with every default filled in. It holds no key.
type Settings struct {
	ProjectID  string
	MerchantID string
	Production bool
	PublicURL  string
	WebhookURL string // empty when orders that name none send none
	Webhooks   WebhookRules
	Seed       uint64
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
	}
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
