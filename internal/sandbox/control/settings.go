package control

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"webhookd/internal/sandbox"
)

// maxFailing is the most refunds that are told to fail at once.
const maxFailing = 1_000_000

// settingsView is how a gateway behaves. Those of its members that can be set have the same names there.
type settingsView struct {
	ProjectID       string                `json:"project_id"`
	MerchantID      string                `json:"merchant_id"`
	Production      bool                  `json:"production"`
	PublicURL       string                `json:"public_url"`
	WebhookURL      string                `json:"webhook_url,omitempty"`
	Webhooks        webhookView           `json:"webhooks"`
	Seed            uint64                `json:"seed"`
	RefundAnswer    sandbox.RefundAnswer  `json:"refund_answer"`
	CaptureAnswer   sandbox.CaptureAnswer `json:"capture_answer"`
	RefundDelay     string                `json:"refund_delay"`
	FailRefunds     int                   `json:"fail_refunds"`
	SeveralCaptures bool                  `json:"several_captures"`
}

type webhookView struct {
	FirstTimeout      string `json:"first_timeout"`
	Timeout           string `json:"timeout"`
	Attempts          int    `json:"attempts"`
	Interval          string `json:"interval"`
	Strict200         bool   `json:"strict_200"`
	TransactionEvents bool   `json:"transaction_events"`
}

func viewSettings(s sandbox.Settings) settingsView {
	return settingsView{
		ProjectID: s.ProjectID, MerchantID: s.MerchantID, Production: s.Production,
		PublicURL: s.PublicURL, WebhookURL: s.WebhookURL, Seed: s.Seed,
		Webhooks: webhookView{
			FirstTimeout: s.Webhooks.FirstTimeout.String(), Timeout: s.Webhooks.Timeout.String(),
			Attempts: s.Webhooks.Attempts, Interval: s.Webhooks.Interval.String(),
			Strict200: s.Webhooks.Strict200, TransactionEvents: s.Webhooks.TransactionEvents,
		},
		RefundAnswer: s.RefundAnswer, CaptureAnswer: s.CaptureAnswer, RefundDelay: s.RefundDelay.String(),
		FailRefunds: s.FailingRefunds, SeveralCaptures: s.SeveralCaptures,
	}
}

func (c *control) settingsRoutes(r chi.Router) {
	r.Get("/sandbox/settings", serve(c.showSettings))
	r.Post("/sandbox/settings", serve(c.changeSettings))
}

func (c *control) showSettings(*http.Request) (int, any, error) {
	return http.StatusOK, viewSettings(c.gateway.Settings()), nil
}

// changeSettings sets what the body names and leaves the rest as it is.
func (c *control) changeSettings(r *http.Request) (int, any, error) {
	asked, err := readMembers(r)
	if err != nil {
		return 0, nil, err
	}
	set := readSettings(c.gateway, asked)
	if err := asked.end(); err != nil {
		return 0, nil, err
	}
	set()
	return c.showSettings(r)
}

// readSettings returns what sets the members that are there.
func readSettings(g *sandbox.Gateway, asked *members) (set func()) {
	refundAnswer := readChoice(asked, "refund_answer", sandbox.RefundAnswers())
	captureAnswer := readChoice(asked, "capture_answer", sandbox.CaptureAnswers())
	refundDelay := asked.period("refund_delay", 0)
	failRefunds := asked.integer("fail_refunds", 0, maxFailing, 0)
	return func() {
		if asked.has("refund_answer") {
			g.SetRefundAnswer(refundAnswer)
		}
		if asked.has("capture_answer") {
			g.SetCaptureAnswer(captureAnswer)
		}
		if asked.has("refund_delay") {
			g.SetRefundDelay(refundDelay)
		}
		if asked.has("fail_refunds") {
			g.FailRefunds(int(failRefunds))
		}
	}
}

// readChoice returns a member that is one of these texts, "" when it is absent.
func readChoice[T ~string](asked *members, name string, from []T) T {
	choice := T(asked.text(name))
	if asked.has(name) && !asked.wrong(name) && !slices.Contains(from, choice) {
		asked.refuse(name, "must be one of %s", strings.Join(quoted(from), ", "))
	}
	return choice
}

func quoted[T ~string](texts []T) []string {
	var all []string
	for _, t := range texts {
		all = append(all, fmt.Sprintf("%q", t))
	}
	return all
}
