package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// lonelyNetwork is what may be behind an address that leads nowhere from here, and still is right.
const lonelyNetwork = "compare it with the webhook URL in the gateway's dashboard. The gateway may reach it all the " +
	"same: many networks do not let a machine reach itself by its public address (hairpin NAT)"

// checkWebhookAddress posts to the address that the gateway is given, what no webhookd takes for a webhook.
func (d *doctor) checkWebhookAddress() {
	const check = "webhook address"
	conf, ok := d.config([]string{check}, "PUBLIC_URL", "WEBHOOK_TOKENS")
	if !ok {
		return
	}
	if conf.PublicURL == "" {
		d.report(check, verdictInfo, "not looked at: PUBLIC_URL is not set", "")
		return
	}
	path := "/webhooks/costplus"
	if len(conf.WebhookTokens) > 0 {
		path += "/" + conf.WebhookTokens[0].reveal()
	}
	ctx, cancel := d.bounded()
	defer cancel()
	status, code, err := postNoWebhook(ctx, conf.PublicURL+path)
	place := "PUBLIC_URL " + conf.PublicURL
	switch {
	case err != nil:
		d.report(check, verdictWarn, fmt.Sprintf("%s cannot be reached from here: %v", place, err), lonelyNetwork)
	case code == "invalid_webhook", code == "too_many_requests":
		d.report(check, verdictOK, place+" leads to a webhookd that takes our webhooks", "")
	case status == http.StatusNotFound && code == "not_found":
		d.report(check, verdictWarn, place+" leads to a webhookd that does not take our webhooks (HTTP 404)",
			"it knows other WEBHOOK_TOKENS, or a proxy changes the path")
	default:
		d.report(check, verdictWarn, fmt.Sprintf("%s leads to something that is no webhookd (HTTP %d)", place, status),
			lonelyNetwork)
	}
}

// postNoWebhook posts a body that names no order, and returns the status and the problem's code. Its errors do not show
// the URL, which holds a token.
func postNoWebhook(ctx context.Context, to string) (status int, code string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader("{}"))
	if err != nil {
		return 0, "", errors.New("it makes no URL")
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultTransport.RoundTrip(req) // which follows no redirect, as the gateway does not
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return 0, "", err
	}
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(body, &problem) // what is no problem has no code
	return res.StatusCode, problem.Code, nil
}
