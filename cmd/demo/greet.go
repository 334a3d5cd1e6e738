package main

import (
	"fmt"
	"io"

	"webhookd/internal/sandbox"
)

// greet says where everything is.
func (c *cast) greet(w io.Writer) {
	fmt.Fprintf(w, `
  Everything runs on this machine, and no money moves.

    Shop        %[1]s
                order, and pay with the test card 4111 1111 1111 1111
    Break it    %[1]s/faults
                lose webhooks, stop the gateway, pay twice, and see that webhookd copes
    Gateway     %[2]s
                the sandbox: its manual, payment page and control; its API key is %[3]s
    webhookd    %[4]s/v1
                orders, their history and the feed
    Admin       %[5]s/metrics
                also /readyz?verbose and /version
    Database    kept in %[6]s

  Follow the feed:

    curl -H 'Authorization: Bearer %[7]s' '%[4]s/v1/events?after=0'

  Ctrl-C stops everything.

`, c.places.shop.url(), c.places.gateway.url(), sandbox.DefaultAPIKey, c.places.service.url(), c.places.admin.url(),
		c.kept, c.keys.demo)
}
