package poller_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/pgdev/pgtest"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

var pg = pgtest.Template{Migrate: func(ctx context.Context, url string) error {
	_, err := store.Migrate(ctx, url)
	return err
}}

func TestMain(m *testing.M) {
	status := pg.Main(m)
	if err := goleak.Find(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// The outcomes of calls as the client gives them. What the gateway says in them must get nowhere.
const gatewayText = "Jane Doe owes us"

var (
	errNoRoute    = &nopayn.TransportError{Operation: "get_order", Err: errors.New("no route to host")}
	errUnreadable = &nopayn.ResponseError{Operation: "get_order", Err: errors.New("id: not a string")}
)

func refusal(status int) error {
	return &nopayn.APIError{Operation: "get_order", StatusCode: status, Message: gatewayText, Body: []byte(gatewayText)}
}

// memory is a store in memory: what is due, and what came of it. Its hooks, where set, come first.
type memory struct {
	onClaim      func(ctx context.Context) error
	onApply      func(ctx context.Context, r store.Result) (store.Outcome, error)
	onClaimSweep func(ctx context.Context) (store.Sweep, bool, error)
	onSwept      func(ctx context.Context) (int, error)
	onPrune      func(ctx context.Context, kind string, keep time.Duration) (int, bool, error)
	onBacklog    func() error
	onStanding   func() error
	backlog      store.Backlog

	mu       sync.Mutex
	checks   map[string]*check
	due      []string
	rounds   []round
	kept     []store.Result
	swept    []swept
	sweeps   int
	backlogs int
}

// check is how an id stands with Standing and ClaimNow.
type check struct {
	checkedAt time.Time
	leased    time.Time // until then; the zero time if nobody looks
}

func (k *check) underWay() bool { return time.Now().Before(k.leased) }

func (k *check) fresh(maxAge time.Duration) bool {
	return !k.checkedAt.IsZero() && time.Since(k.checkedAt) < maxAge
}

// check is that of an id, made if there was none. m.mu must be held.
func (m *memory) check(id string) *check {
	if m.checks == nil {
		m.checks = map[string]*check{}
	}
	if m.checks[id] == nil {
		m.checks[id] = &check{}
	}
	return m.checks[id]
}

// set says how an id stands.
func (m *memory) set(id string, k check) {
	m.mu.Lock()
	defer m.mu.Unlock()
	*m.check(id) = k
}

func (m *memory) Standing(_ context.Context, id string, maxAge time.Duration) (store.Standing, error) {
	if m.onStanding != nil {
		if err := m.onStanding(); err != nil {
			return store.Standing{}, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.check(id)
	return store.Standing{CheckedAt: k.checkedAt, Fresh: k.fresh(maxAge), UnderWay: k.underWay()}, nil
}

func (m *memory) ClaimNow(_ context.Context, id string, maxAge time.Duration) (store.Claim, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.check(id)
	if k.underWay() || k.fresh(maxAge) {
		return store.Claim{}, false, nil
	}
	k.leased = time.Now().Add(20 * time.Second)
	return store.Claim{OrderID: id, Cause: "refresh"}, true, nil
}

// round is one ClaimDue.
type round struct {
	at    time.Time
	n     int
	taken int
}

// swept is one Swept.
type swept struct {
	ids     string
	covered time.Time
}

func (m *memory) ClaimDue(ctx context.Context, n int) ([]store.Claim, error) {
	r := round{at: time.Now(), n: n}
	m.mu.Lock()
	hook := m.onClaim
	m.mu.Unlock()
	if hook != nil {
		if err := hook(ctx); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r.taken = min(n, len(m.due))
	m.rounds = append(m.rounds, r)
	taken := claims(m.due[:r.taken]...)
	m.due = m.due[r.taken:]
	return taken, nil
}

func (m *memory) Apply(ctx context.Context, r store.Result) (store.Outcome, error) {
	if m.onApply != nil {
		o, err := m.onApply(ctx, r)
		if err != nil {
			return o, err
		}
		m.keep(r)
		return o, nil
	}
	m.keep(r)
	return store.Outcome{Verdict: store.Unchanged}, nil
}

func (m *memory) keep(r store.Result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = append(m.kept, r)
	k := m.check(r.Claim.OrderID)
	k.leased = time.Time{}
	if r.Order != nil {
		k.checkedAt = time.Now()
	}
}

func (m *memory) ClaimSweep(ctx context.Context, _, _, _ time.Duration) (store.Sweep, bool, error) {
	m.mu.Lock()
	m.sweeps++
	m.mu.Unlock()
	if m.onClaimSweep == nil {
		return store.Sweep{}, false, nil
	}
	return m.onClaimSweep(ctx)
}

func (m *memory) Swept(ctx context.Context, listed []store.Listed, covered time.Time) (int, error) {
	if m.onSwept != nil {
		if _, err := m.onSwept(ctx); err != nil {
			return 0, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for _, l := range listed {
		ids = append(ids, l.OrderID)
	}
	m.swept = append(m.swept, swept{strings.Join(ids, " "), covered})
	return len(listed), nil
}

func (m *memory) PruneEvents(ctx context.Context, keep time.Duration) (int, bool, error) {
	return m.onPrune(ctx, "events", keep)
}

func (m *memory) PruneOrders(ctx context.Context, keep time.Duration) (int, bool, error) {
	return m.onPrune(ctx, "orders", keep)
}

func (m *memory) Backlog(context.Context) (store.Backlog, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.backlogs++
	if m.onBacklog != nil {
		return store.Backlog{}, m.onBacklog()
	}
	return m.backlog, nil
}

// makeDue makes orders due.
func (m *memory) makeDue(ids ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.due = append(m.due, ids...)
}

// breaks has every claim end as hook says, from now on; nil mends it.
func (m *memory) breaks(hook func(ctx context.Context) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onClaim = hook
}

// results lists what was kept so far.
func (m *memory) results() []store.Result {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.kept)
}

// claims makes claims as a webhook's statement would.
func claims(ids ...string) []store.Claim {
	all := make([]store.Claim, len(ids))
	for i, id := range ids {
		all[i] = store.Claim{OrderID: id, Cause: "webhook"}
	}
	return all
}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("order-%d", i+1)
	}
	return ids
}

// counter is a gateway that answers as the test says. Without an answer it knows every order as new.
type counter struct {
	room   gateway.Room
	answer func(ctx context.Context, id string, fields ...nopayn.Field) (*nopayn.Order, error)
	list   func(since, until time.Time) ([]nopayn.Order, error)

	mu    sync.Mutex
	asked []string
}

func (g *counter) Order(ctx context.Context, id string, fields ...nopayn.Field) (gateway.Answer, error) {
	g.mu.Lock()
	g.asked = append(g.asked, id)
	g.mu.Unlock()
	sent := time.Now()
	if g.answer == nil {
		return gateway.Answer{Order: &nopayn.Order{ID: id, Status: nopayn.StatusNew}, Sent: sent}, nil
	}
	o, err := g.answer(ctx, id, fields...)
	return gateway.Answer{Order: o, Sent: sent}, err
}

func (g *counter) Orders(_ context.Context, since, until time.Time) ([]nopayn.Order, error) {
	return g.list(since, until)
}

func (g *counter) Room() gateway.Room {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.room
}

func (g *counter) setRoom(r gateway.Room) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.room = r
}

func (g *counter) calls() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.asked)
}

// logbook collects log lines.
type logbook struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(line)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}

// said counts the lines with a text.
func (l *logbook) said(text string) int { return strings.Count(l.String(), text) }

// bench is a poller on fakes.
type bench struct {
	*poller.Poller
	store   *memory
	gateway *counter
	logs    *logbook
	reg     *prometheus.Registry
}

func newBench(edits ...func(*poller.Config)) *bench {
	c := poller.Config{Concurrency: 10, Lease: 20 * time.Second}
	for _, edit := range edits {
		edit(&c)
	}
	b := &bench{
		store: &memory{}, gateway: &counter{room: gateway.Room{Calls: 10, Spare: 5}}, logs: &logbook{},
		reg: prometheus.NewRegistry(),
	}
	b.Poller = poller.New(b.store, b.gateway, c, slog.New(slog.NewTextHandler(b.logs, nil)), b.reg)
	return b
}

// run runs the poller. stop ends it and says how long that took.
func (b *bench) run(t *testing.T) (stop func() time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.Run(ctx)
	}()
	return func() time.Duration {
		start := time.Now()
		cancel()
		<-ended
		return time.Since(start)
	}
}

// look makes one order due and looks at it, from its claim to the end.
func (b *bench) look(t *testing.T, id string) {
	t.Helper()
	b.store.makeDue(id)
	b.Round(t.Context())
	b.settle(t)
}

// settle waits until no look is in hand.
func (b *bench) settle(t *testing.T) {
	t.Helper()
	for start := time.Now(); b.free() < 20; pass(time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatalf("%d looks are in hand for ever", 20-b.free())
		}
	}
}

// free is how many places there are.
func (b *bench) free() int {
	room := b.gateway.Room()
	b.gateway.setRoom(gateway.Room{Calls: 1000, Spare: 1000})
	n, _ := b.Reserve(1000)
	b.Start(nil, n)
	b.gateway.setRoom(room)
	return n
}

// figure reads a figure of the poller.
func (b *bench) figure(t *testing.T, name string, labels ...string) float64 {
	t.Helper()
	return figureOf(t, b.reg, name, labels...)
}

// figureOf reads a counter, a gauge or the count of a histogram; labels are name and value in turn.
func figureOf(t *testing.T, reg *prometheus.Registry, name string, labels ...string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			matches := len(m.GetLabel()) == len(labels)/2
			for i, l := range m.GetLabel() {
				matches = matches && l.GetName() == labels[2*i] && l.GetValue() == labels[2*i+1]
			}
			if matches {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return 0
}

// pass lets fake time pass.
func pass(d time.Duration) { <-time.After(d) }

// frozen is a database that does not answer.
func frozen(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
