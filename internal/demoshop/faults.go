package demoshop

import (
	"context"
	"fmt"
	"net/http"
)

// faultsView is the page where things are broken.
type faultsView struct {
	frame
	Parts     parts
	StatePath string
	Done      string // what was done just now
	Failed    bool   // or could not be
	Groups    []faultGroup
	PayTwice  faultText
	Orders    []listedOrder // that can be paid twice
}

type faultGroup struct {
	Title    string
	Faults   []faultView
	PayTwice bool // the button for that is among them
}

type faultView struct {
	Name string
	faultText
}

// maxRepeatable bounds how many orders are offered to be paid twice.
const maxRepeatable = 10

func (s *shop) faults(w http.ResponseWriter, r *http.Request) {
	view := s.newFaultsView(r)
	done := r.URL.Query().Get("done")
	if text, ok := view.T.Faults.All[done]; ok {
		view.Done = fmt.Sprintf(view.T.Faults.Done, text.Button)
	} else if done == faultLiftAll {
		view.Done = view.T.Faults.Lifted
	}
	s.showFaults(w, r, http.StatusOK, view)
}

// breakSomething does what the button says, and comes back to the page.
func (s *shop) breakSomething(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	name := r.PostForm.Get("fault")
	if name == faultPayTwice {
		s.orderAgain(w, r)
		return
	}
	apply := func(ctx context.Context, c *control) error { return c.liftAll(ctx) }
	if name != faultLiftAll {
		f, ok := findFault(name)
		if !ok {
			s.say(w, r, http.StatusUnprocessableEntity, func(m messageTexts) verdictText { return m.Unreadable })
			return
		}
		apply = f.apply
	}
	if err := apply(r.Context(), s.control); err != nil {
		s.log.ErrorContext(r.Context(), "the sandbox did not do as it was told", "fault", name, "err", err)
		view := s.newFaultsView(r)
		view.Failed = true
		s.showFaults(w, r, http.StatusBadGateway, view)
		return
	}
	http.Redirect(w, r, "/faults?done="+name, http.StatusSeeOther)
}

// orderAgain makes a second order of a purchase and sends the customer to pay it.
func (s *shop) orderAgain(w http.ResponseWriter, r *http.Request) {
	first, ok := s.orders.find(r.PostForm.Get("order"))
	if !ok || !first.open() || first.isSecond() {
		s.notFound(w, r)
		return
	}
	o, err := s.place(r.Context(), first.second())
	s.toPayment(w, r, o, err)
}

func (s *shop) newFaultsView(r *http.Request) faultsView {
	v := faultsView{frame: s.frame(r), StatePath: "/faults/state"}
	t := v.T.Faults
	v.Title, v.Here, v.PayTwice = t.Title, "faults", t.All[faultPayTwice]
	v.Groups = []faultGroup{
		{Title: t.Webhooks, Faults: faultViews(t, webhookFaults())},
		{Title: t.Gateway, Faults: faultViews(t, gatewayFaults())},
		{Title: t.Customers, Faults: faultViews(t, otherFaults()), PayTwice: true},
	}
	for _, o := range s.orders.newest(listed) {
		if !o.isSecond() && len(v.Orders) < maxRepeatable {
			v.Orders = append(v.Orders, listedOrder{Key: o.Key, Amount: v.T.money(o.Amount, o.Currency)})
		}
	}
	return v
}

func faultViews(t faultsTexts, faults []fault) []faultView {
	var views []faultView
	for _, f := range faults {
		views = append(views, faultView{f.name, t.All[f.name]})
	}
	return views
}

func (s *shop) showFaults(w http.ResponseWriter, r *http.Request, status int, view faultsView) {
	var err error
	if view.Parts, err = s.activeFaults(r.Context(), view.T); err != nil {
		s.log.ErrorContext(r.Context(), "a page could not be made", "page", "faults-parts", "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	s.render(w, r, status, "faults.html", view)
}

// faultsParts is what changes on the page while it is open.
type faultsParts struct {
	T      *texts
	Known  bool // the sandbox has answered
	Active []activeFaultView
}

type activeFaultView struct{ On, Kind, Left string }

func (s *shop) activeFaults(ctx context.Context, t *texts) (parts, error) {
	active, err := s.control.active(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "it is not known what is broken", "err", err)
	}
	data := faultsParts{T: t, Known: err == nil}
	for _, a := range active {
		view := activeFaultView{On: a.On, Kind: a.Kind}
		if a.Left != nil {
			view.Left = fmt.Sprintf(t.Faults.Left, fmt.Sprint(a.Left))
		}
		data.Active = append(data.Active, view)
	}
	return s.views.parts("faults-parts", data)
}

// faultsState follows the page.
func (s *shop) faultsState(w http.ResponseWriter, r *http.Request) {
	t := s.languages.choose(r)
	s.follow(w, r, func(ctx context.Context) (glance, error) {
		p, err := s.activeFaults(ctx, t)
		return glance{
			answer: liveAnswer{Version: p.Version, HTML: string(p.HTML)},
			await:  func(ctx context.Context) { rest(ctx, askAgain) },
		}, err
	})
}
