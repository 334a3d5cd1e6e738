package control

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"webhookd/internal/nopayn"
	"webhookd/internal/sandbox"
)

//go:embed page
var pageFiles embed.FS

// contentPolicy lets the page load its own style and icon, and nothing else.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'"

// maxListed is how many of the newest orders the page lists.
const maxListed = 20

// page explains the sandbox to people.
type page struct{ views *template.Template }

func newPage() *page {
	return &page{template.Must(template.ParseFS(pageFiles, "page/*.html"))}
}

func (c *control) pageRoutes(r chi.Router) {
	assets, err := fs.Sub(pageFiles, "page/assets")
	if err != nil { // cannot be: the folder is embedded
		panic(err)
	}
	r.Get("/", c.showPage)
	r.Get("/sandbox", c.showPage)
	r.Get("/sandbox/assets/*", http.StripPrefix("/sandbox/assets/", http.FileServerFS(assets)).ServeHTTP)
}

// pageView is what the page shows.
type pageView struct {
	Base     string // scheme and host
	Key      string
	Hidden   bool // the key is not shown
	Settings settingsView
	Clock    clockView
	Cards    []sandbox.TestCard
	Webhook  []kindView
	API      []kindView
	On       string
	Active   []faultView
	Orders   []orderLine // newest first
}

// kindView is a kind of fault.
type kindView struct{ Name, About, Takes string }

func viewKinds(kinds []faultKind) []kindView {
	var views []kindView
	for _, k := range kinds {
		views = append(views, kindView{k.name, k.about, k.takes})
	}
	return views
}

// orderLine is one order of the list.
type orderLine struct {
	ID, Reference, Status, Amount, Currency string
	Created                                 string
	PayURL                                  string // empty once there is nothing to pay
	Paid, Failed                            bool
}

func (c *control) showPage(w http.ResponseWriter, _ *http.Request) {
	settings := c.gateway.Settings()
	v := pageView{
		Base: settings.PublicURL, Key: c.options.Key, Hidden: sandbox.LooksReal(c.options.Key),
		Settings: viewSettings(settings), Clock: viewClock(c.gateway.Clock()),
		Cards: sandbox.TestCards(), Webhook: viewKinds(webhookKinds()), API: viewKinds(apiKinds()), On: shortNames(),
		Active: viewFaults(c.gateway.Faults()), Orders: c.newestOrders(),
	}
	if v.Hidden {
		v.Key = "YOUR-KEY"
	}
	var text bytes.Buffer
	if err := c.page.views.ExecuteTemplate(&text, "sandbox.html", v); err != nil {
		writeProblem(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", contentPolicy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = text.WriteTo(w) // fails only when the reader has left
}

func (c *control) newestOrders() []orderLine {
	ids := c.gateway.OrderIDs()
	var lines []orderLine
	for i := len(ids) - 1; i >= 0 && len(lines) < maxListed; i-- {
		if doc, err := c.gateway.Document(ids[i]); err == nil {
			lines = append(lines, newOrderLine(ids[i], doc))
		}
	}
	return lines
}

func newOrderLine(id string, doc map[string]any) orderLine {
	l := orderLine{
		ID: id, Reference: textOf(doc["merchant_order_id"]), Status: textOf(doc["status"]),
		Currency: textOf(doc["currency"]),
	}
	if amount, ok := doc["amount"].(json.Number); ok {
		minor, _ := amount.Int64() // 0 for one that was bent out of form
		l.Amount = nopayn.FormatAmount(minor, l.Currency)
	}
	if at, err := time.Parse(time.RFC3339, textOf(doc["created"])); err == nil {
		l.Created = at.UTC().Format("15:04:05")
	}
	switch l.Status {
	case "completed":
		l.Paid = true
	case "error", "cancelled", "expired":
		l.Failed = true
	}
	if l.Status == "new" || l.Status == "processing" || l.Status == "error" {
		l.PayURL = textOf(doc["order_url"])
	}
	return l
}

// textOf is a member's text; a lever may have made it something else.
func textOf(member any) string {
	s, _ := member.(string)
	return s
}
