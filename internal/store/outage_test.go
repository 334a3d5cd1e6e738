package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"webhookd/internal/store"
)

const (
	// answerLimit is how long the gateway waits for the answer to a webhook. Hint gives up before.
	answerLimit = 4 * time.Second
	// leaseOver has every lease run out.
	leaseOver = `update checks set due_at = now() where lease is not null`
)

// TestPromise1_AcknowledgedHintsSurviveACrash pulls the plug while hints come in, and counts after that.
func TestPromise1_AcknowledgedHintsSurviveACrash(t *testing.T) {
	t.Parallel()
	server, database := pg.Server(t)
	b := newHastyBench(t, database, defaultRules())
	acks := &acknowledged{byID: make(map[string]int64), enough: make(chan struct{})}
	in := b.NewIntake(&collector{seen: make(map[string]int)})
	var hints sync.WaitGroup
	for g := range 32 {
		hints.Go(func() { hintUntilItFails(t, in, g%8, acks) })
	}
	<-acks.enough
	if err := server.Crash(); err != nil {
		t.Fatal(err)
	}
	hints.Wait()
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.untilUp(t)
	for id, want := range acks.byID {
		if kept := one[int64](t, b, `select coalesce(max(hints), 0) from checks where order_id = $1`, id); kept < want {
			t.Errorf("%s: %d hints are kept of %d that were acknowledged", id, kept, want)
		}
	}
	// Nobody is left who holds their leases, and they come back.
	b.exec(t, leaseOver)
	due := 0
	for claims := b.claim(t); len(claims) > 0; claims = b.claim(t) {
		due += len(claims)
	}
	if kept := one[int](t, b, `select count(*) from checks`); due != kept || kept < len(acks.byID) {
		t.Errorf("%d orders come back of %d, and %d were acknowledged", due, kept, len(acks.byID))
	}
}

// acknowledged counts the hints that returned nil.
type acknowledged struct {
	mu     sync.Mutex
	byID   map[string]int64
	total  int
	enough chan struct{} // closed when there are many
}

func (a *acknowledged) add(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byID[id]++
	if a.total++; a.total == 500 {
		close(a.enough)
	}
}

// hintUntilItFails records hints of ids that others of the same group hint too.
func hintUntilItFails(t *testing.T, in *store.Intake, group int, acks *acknowledged) {
	for n := 0; ; n++ {
		id := fmt.Sprintf("order-%d-%d", group, n)
		if err := in.Hint(t.Context(), id); err != nil {
			if !store.Unavailable(err) {
				t.Errorf("Hint during a crash: %v, which is not Unavailable", err)
			}
			return
		}
		acks.add(id)
	}
}

// untilUp waits until the pool has got over an outage.
func (b *bench) untilUp(t testing.TB) {
	t.Helper()
	eventually(t, "the database answers", func() bool { return b.Ping(t.Context()) == nil })
}

// TestPromise1_WhileTheDatabaseIsDownHintSaysSo has the database away for good reasons and come back.
func TestPromise1_WhileTheDatabaseIsDownHintSaysSo(t *testing.T) {
	t.Parallel()
	server, database := pg.Server(t)
	b := newHastyBench(t, database, defaultRules())
	b.hint(t, anOrder)
	c := b.claimOne(t)
	if err := server.Crash(); err != nil {
		t.Fatal(err)
	}
	in := b.NewIntake(idle{})
	var took durations
	for range 20 {
		start := time.Now()
		err := in.Hint(t.Context(), "lost")
		took.add(time.Since(start))
		if !store.Unavailable(err) {
			t.Errorf("Hint: %v, want Unavailable", err)
		}
	}
	if most := took.median(); most > time.Second {
		t.Errorf("most hints took %v or longer to find that nobody is there", most)
	}
	for what, call := range b.calls(t.Context(), c) {
		if err := call(); !store.Unavailable(err) {
			t.Errorf("%s: %v, want Unavailable", what, err)
		}
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.untilUp(t)
	b.hint(t, "found")
	if out := b.answer(t, c, document(t, fixturePaid)); out.Verdict != store.Changed {
		t.Errorf("outcome %+v", out)
	}
	for what, call := range b.calls(t.Context(), c) {
		if err := call(); err != nil {
			t.Errorf("%s after the outage: %v", what, err)
		}
	}
	b.wantFeed(t, "order.paid")
}

// TestPromise1_WhileTheDatabaseHangsHintSaysSo freezes the database: connections stay open, and nothing answers.
func TestPromise1_WhileTheDatabaseHangsHintSaysSo(t *testing.T) {
	t.Parallel()
	server, database := pg.Server(t)
	b := newHastyBench(t, database, defaultRules())
	in := b.NewIntake(idle{})
	b.hint(t, anOrder)
	c := b.claimOne(t)
	if err := server.Freeze(); err != nil {
		t.Fatal(err)
	}
	var hints sync.WaitGroup
	var took durations
	stagger := time.NewTicker(200 * time.Millisecond) // so that some wait behind a commit that hangs
	defer stagger.Stop()
	for i := range 10 {
		hints.Go(func() {
			start := time.Now()
			err := in.Hint(t.Context(), fmt.Sprintf("frozen-%d", i))
			took.add(time.Since(start))
			if !store.Unavailable(err) {
				t.Errorf("Hint said %v, want Unavailable", err)
			}
		})
		<-stagger.C
	}
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for what, call := range b.calls(short, c) {
		if err := call(); !store.Unavailable(err) {
			t.Errorf("%s: %v, want Unavailable", what, err)
		}
	}
	hints.Wait()
	if most := took.median(); most > answerLimit {
		t.Errorf("most hints took %v or longer, want an answer within %v", most, answerLimit)
	}
	if err := server.Thaw(); err != nil {
		t.Fatal(err)
	}
	b.untilUp(t)
	b.hint(t, "thawed")
	b.answer(t, b.claimAfterAll(t, anOrder), document(t, fixturePaid))
	b.wantFeed(t, "order.paid")
}

// durations are what several tries took. A machine under load may hold up some of them, but not most.
type durations struct {
	mu  sync.Mutex
	all []time.Duration
}

func (d *durations) add(took time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, took)
}

func (d *durations) median() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	slices.Sort(d.all)
	return d.all[len(d.all)/2]
}

// TestWhatIsGivenUpEnds has a hint wait for a lock for longer than anybody waits for it.
func TestWhatIsGivenUpEnds(t *testing.T) {
	t.Parallel()
	b := newHastyBench(t, pg.New(t), defaultRules())
	b.hint(t, anOrder)
	tx, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }() // the database goes with the test
	if _, err := tx.Exec(t.Context(), `select from checks for update`); err != nil {
		t.Fatal(err)
	}
	if err := b.NewIntake(idle{}).Hint(t.Context(), anOrder); !store.Unavailable(err) {
		t.Errorf("Hint: %v, want Unavailable", err)
	}
	const waiting = `select count(*) from pg_stat_activity
		where datname = current_database() and wait_event_type = 'Lock'`
	if n := one[int](t, b, waiting); n != 1 {
		t.Errorf("%d statements wait in the database, want 1", n)
	}
	eventually(t, "the database gives it up too", func() bool { return one[int](t, b, waiting) == 0 })
}

// claimAfterAll claims an order that claims sent to a frozen database may still take first, one after the other, now
// that it moves again.
func (b *bench) claimAfterAll(t testing.TB, id string) store.Claim {
	t.Helper()
	for range 5 {
		b.exec(t, `update checks set due_at = now() - interval '1 hour' where order_id = $1`, id)
		for _, c := range b.claim(t) {
			if c.OrderID == id {
				return c
			}
		}
	}
	t.Fatalf("order %s was made due five times and not claimed", id)
	return store.Claim{}
}

// calls are those that go to the database.
func (b *bench) calls(ctx context.Context, c store.Claim) map[string]func() error {
	return map[string]func() error{
		"Order":         func() error { _, err := b.Order(ctx, anOrder); return err },
		"Orders":        func() error { _, _, err := b.Orders(ctx, store.Filter{}, store.Cursor{}, 10); return err },
		"Events":        func() error { _, err := b.Events(ctx, "", 0, 10); return err },
		"History":       func() error { _, err := b.History(ctx, anOrder, 0, 1000); return err },
		"MerchantOrder": func() error { _, err := b.MerchantOrder(ctx, "ORDER-001"); return err },
		"Standing":      func() error { _, err := b.Standing(ctx, anOrder, 0); return err },
		"ClaimNow":      func() error { _, _, err := b.ClaimNow(ctx, anOrder, 0); return err },
		"ClaimDue":      func() error { _, err := b.ClaimDue(ctx, 1); return err },
		"Register":      func() error { _, err := b.Register(ctx, anOrder, store.Expected{}); return err },
		"Backlog":       func() error { _, err := b.Backlog(ctx); return err },
		"Ping":          func() error { return b.Ping(ctx) },
		"PruneEvents":   func() error { _, _, err := b.PruneEvents(ctx, day); return err },
		"Apply": func() error {
			_, err := b.Apply(ctx, store.Result{Claim: c, Failure: &store.Failure{Code: "x"}})
			return err
		},
	}
}

// TestPromise10_AFrozenReplicaDoesNotStopTheOthers freezes a replica at the worst moment: it holds the feed's row, has
// not committed, and its connection stays open.
func TestPromise10_AFrozenReplicaDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	database := pg.New(t)
	b := newHastyBench(t, database, defaultRules())
	b.hint(t, "theirs", "ours")
	claims := b.claimByID(t)
	frozen, link := newFrozenBench(t, database)
	var stuck sync.WaitGroup
	stuck.Go(func() {
		if _, err := frozen.Apply(t.Context(), answered(claims["theirs"], paid(t, "theirs"))); err == nil {
			t.Error("a frozen replica commits")
		}
	})
	<-link.frozen
	eventually(t, "the other replica gets on", func() bool {
		_, err := b.Apply(t.Context(), answered(claims["ours"], paid(t, "ours")))
		if err != nil && !store.Unavailable(err) {
			t.Fatal(err)
		}
		return err == nil
	})
	stuck.Wait()
	b.wantFeed(t, "order.paid")
	// The order that it was about is not lost.
	b.exec(t, leaseOver)
	b.answer(t, b.claimByID(t)["theirs"], paid(t, "theirs"))
	b.wantFeed(t, "order.paid", "order.paid")
}

// link is a network that freezes once somebody has sent a statement that locks the feed, and its answer is in.
type link struct {
	frozen chan struct{}
	once   sync.Once
	conns  []net.Conn
}

// frozenConn is a connection over it. It never closes, as that of a stopped process does not.
type frozenConn struct {
	net.Conn
	link   *link
	locked bool // the feed's row, by the last statement sent
}

func (c *frozenConn) Write(p []byte) (int, error) {
	select {
	case <-c.link.frozen:
		return len(p), nil // to nobody
	default:
	}
	if c.locked {
		c.link.once.Do(func() { close(c.link.frozen) })
		return len(p), nil
	}
	c.locked = bytes.Contains(p, []byte("head = head +"))
	return c.Conn.Write(p)
}

func (c *frozenConn) Close() error { return nil }

// newFrozenBench is a store that freezes when it has locked the feed.
func newFrozenBench(t testing.TB, database string) (*bench, *link) {
	t.Helper()
	l := &link{frozen: make(chan struct{})}
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 1
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec // the statement's text goes with each call
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		select {
		case <-l.frozen:
			return nil, errors.New("frozen")
		default:
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		l.conns = append(l.conns, conn)
		return &frozenConn{Conn: conn, link: l}, nil
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, conn := range l.conns {
			_ = conn.Close() // the server may have closed it
		}
	})
	return newBenchOn(t, pool, defaultRules()), l
}

func TestUnavailableTellsTheDatabasesConditionFromItsAnswers(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"08006": true, "40001": true, "40P01": true, "53100": true, "53300": true, "57P01": true, "57P03": true,
		"57014": true, "58030": true, "25006": true, "25P03": true, "42P01": true, "42703": true,
		"22P05": false, "23505": false, "28P01": false, "3D000": false, "42P07": false, "42601": false, "25001": false,
		"XX000": false, "": false,
	} {
		err := fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code, Message: strings.ToLower(code)})
		if got := store.Unavailable(err); got != want {
			t.Errorf("Unavailable(SQLSTATE %s) = %t, want %t", code, got, want)
		}
	}
	for err, want := range map[error]bool{
		nil: false, store.ErrNotFound: false, context.Canceled: false, context.DeadlineExceeded: true,
		store.ErrOverloaded: true, net.ErrClosed: true,
	} {
		if got := store.Unavailable(err); got != want {
			t.Errorf("Unavailable(%v) = %t, want %t", err, got, want)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := newBench(t).Order(gone, anOrder); err == nil || store.Unavailable(err) {
		t.Errorf("after the caller has gone: Unavailable is true for %v", err)
	}
}
