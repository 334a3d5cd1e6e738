package main

import "crypto/rand"

// keys are the secrets of one run. They are random, though nothing but this machine is reached, so that a page in the
// browser next door cannot know them.
type keys struct {
	shop         string // webhookd's API key for the shop
	demo         string // and for whoever runs the demo
	webhookToken string // last element of the webhooks' address
}

func newKeys() keys {
	return keys{shop: rand.Text(), demo: rand.Text(), webhookToken: rand.Text()}
}
