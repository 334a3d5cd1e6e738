package poller_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

// TestIdle costs a handful of statements a second, and does not drift.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(func(c *poller.Config) { c.SweepInterval, c.SweepWindow = 10*time.Minute, 2*time.Hour })
		start := time.Now()
		stop := b.run(t)
		pass(time.Minute - 1)
		if took := stop(); took != 0 {
			t.Errorf("an idle poller took %s to stop", took)
		}
		for i, r := range b.store.rounds {
			if at := r.at.Sub(start); at != time.Duration(i)*time.Second {
				t.Errorf("round %d is after %s", i, at)
			}
		}
		if n := len(b.store.rounds); n != 60 || b.store.backlogs != 12 || b.store.sweeps != 4 {
			t.Errorf("a minute took %d claims, %d counts and %d looks for a sweep, want 60, 12 and 4",
				n, b.store.backlogs, b.store.sweeps)
		}
	})
}

// TestWake has a webhook's order looked at in the same moment, long before the next tick.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		stop := b.run(t)
		defer stop()
		pass(300 * time.Millisecond)
		start := time.Now()
		b.store.makeDue("order")
		b.Wake()
		synctest.Wait()
		if kept := b.store.results(); len(kept) != 1 || !time.Now().Equal(start) {
			t.Errorf("%d results %s after the wake-up, want 1 at once", len(kept), time.Since(start))
		}
	})
}

// TestAgain looks once more, in the same moment, when a webhook came during the look.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		looks := 0
		b.store.onApply = func(context.Context, store.Result) (store.Outcome, error) {
			if looks++; looks == 1 {
				b.store.makeDue("order")
				return store.Outcome{Again: true}, nil
			}
			return store.Outcome{}, nil
		}
		stop := b.run(t)
		defer stop()
		synctest.Wait() // the first round is over, the next is a second away
		b.store.makeDue("order")
		b.Wake()
		synctest.Wait()
		if kept := b.store.results(); len(kept) != 2 {
			t.Errorf("%d looks at once, want 2", len(kept))
		}
	})
}

// TestRoundsFollowTheRoom: a round takes no more than there is room for, and comes back when there is more.
func TestRoundsFollowTheRoom(t *testing.T) {
	for _, c := range []struct {
		name string
		due  int
		room gateway.Room
		n    int // asked for
		next time.Duration
	}{
		{"nothing is due", 0, gateway.Room{Calls: 4}, 4, time.Second},
		{"less is due than there is room", 3, gateway.Room{Calls: 4}, 4, time.Second},
		{"more is due", 9, gateway.Room{Calls: 4}, 4, 5 * time.Millisecond},
		{"more room than looks may be in hand", 90, gateway.Room{Calls: 100}, 20, 5 * time.Millisecond},
		{"no room for a while", 9, gateway.Room{Wait: 70 * time.Millisecond}, 0, 70 * time.Millisecond},
		{"no room for a moment", 9, gateway.Room{Wait: time.Microsecond}, 0, 5 * time.Millisecond},
		{"no room for long", 9, gateway.Room{Wait: time.Hour}, 0, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.gateway.room = c.room
				b.store.makeDue(numbered(c.due)...)
				next := b.Round(t.Context())
				if got := b.store.rounds[0].n; got != c.n || next != c.next {
					t.Errorf("Round asked for %d and comes back after %s, want %d and %s", got, next, c.n, c.next)
				}
				b.settle(t)
				if got := len(b.store.results()); got != min(c.n, c.due) {
					t.Errorf("%d looks, want %d", got, min(c.n, c.due))
				}
			})
		})
	}
}

// TestNoRoomIsNoBusyLoop wakes the poller a thousand times while the gateway wants to be left alone.
func TestNoRoomIsNoBusyLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gateway.room = gateway.Room{Wait: time.Minute}
		b.store.makeDue(numbered(100)...)
		stop := b.run(t)
		defer stop()
		for range 1000 {
			b.Wake()
			pass(10 * time.Millisecond)
		}
		if n := len(b.store.rounds); n > 11 {
			t.Errorf("ten seconds without room took %d statements", n)
		}
	})
}

// TestReserve gives each place away once.
func TestReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		release := make(chan struct{})
		b.gateway.answer = func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
			<-release
			return &nopayn.Order{}, nil
		}
		reserve := func(n, wantRoom, wantHeard int) {
			t.Helper()
			if room, heard := b.Reserve(n); room != wantRoom || heard != wantHeard {
				t.Errorf("Reserve(%d) gave %d, of them %d for ids only heard of; want %d, %d",
					n, room, heard, wantRoom, wantHeard)
			}
		}
		reserve(4, 4, 4) // of ten, and five that may be spared
		reserve(4, 4, 1)
		reserve(4, 2, 0)
		reserve(4, 0, 0)
		b.Start(nil, 10)
		reserve(100, 10, 5)
		b.Start(claims("a", "b", "c"), 7)
		synctest.Wait() // the three have come to the gateway; it shows them in its room, which here stays as it is
		reserve(100, 10, 5)
		b.Start(claims(numbered(10)...), 0)
		synctest.Wait()
		reserve(100, 7, 5) // thirteen of twenty places are held
		b.Start(nil, 7)
		close(release)
		synctest.Wait()
		if got := len(b.store.results()); got != 13 {
			t.Errorf("%d looks, want 13", got)
		}
		if free := b.free(); free != 20 {
			t.Errorf("%d places are free in the end, want 20", free)
		}
	})
}

// TestPlacesComeBack after claims that failed or brought nothing.
func TestPlacesComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		for range 5 {
			b.Round(t.Context())
		}
		b.store.breaks(func(context.Context) error { return errors.New("no database") })
		for range 5 {
			b.Round(t.Context())
		}
		if free := b.free(); free != 20 {
			t.Errorf("%d places are free, want 20", free)
		}
	})
}

// TestDatabaseHangs under a round: it gives up, the log says so once, and LastRound tells.
func TestDatabaseHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		stop := b.run(t)
		defer stop()
		pass(10*time.Second + time.Millisecond)
		last := b.LastRound()
		if age := time.Since(last); age > time.Second {
			t.Errorf("the last round is %s ago", age)
		}
		b.store.breaks(frozen)
		start := time.Now()
		b.Round(t.Context())
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("a round on a database that hangs took %s, want 5s", took)
		}
		pass(time.Minute)
		if got := b.LastRound(); got.After(start) {
			t.Errorf("LastRound is %s after the database hung", got.Sub(start))
		}
		b.store.breaks(nil)
		pass(10 * time.Second)
		if age := time.Since(b.LastRound()); age > time.Second {
			t.Errorf("the last round is %s ago although the database is back", age)
		}
		if down, up := b.logs.said("cannot claim due orders"), b.logs.said("can be claimed again"); down != 1 || up != 1 {
			t.Errorf("the log tells %d times of the failure and %d times of its end, want once each", down, up)
		}
	})
}

// TestLastRoundWithoutRoom follows the database, not the loop, while the gateway is closed.
func TestLastRoundWithoutRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gateway.room = gateway.Room{Wait: time.Hour}
		stop := b.run(t)
		defer stop()
		pass(time.Minute)
		if age := time.Since(b.LastRound()); age > time.Second {
			t.Errorf("the last round is %s ago although the database answers", age)
		}
		b.store.breaks(func(context.Context) error { return errors.New("read-only") })
		pass(time.Minute)
		if age := time.Since(b.LastRound()); age < 59*time.Second {
			t.Errorf("the last round is %s ago although the database has failed for a minute", age)
		}
	})
}

// TestLastRoundWithFullHands: looks that cannot be stored hold all places, and the poller does not count as well.
func TestLastRoundWithFullHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.store.makeDue(numbered(1000)...)
		b.store.onApply = func(ctx context.Context, _ store.Result) (store.Outcome, error) {
			return store.Outcome{}, frozen(ctx)
		}
		stop := b.run(t)
		pass(100 * time.Millisecond) // twenty looks are in hand
		b.store.breaks(frozen)
		pass(time.Minute)
		if age := time.Since(b.LastRound()); age < 59*time.Second {
			t.Errorf("the last round is %s ago although the database hangs", age)
		}
		stop()
	})
}

// TestStopFinishesLooks that are in hand, and stores them.
func TestStopFinishesLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gateway.answer = func(ctx context.Context, _ string, _ ...nopayn.Field) (*nopayn.Order, error) {
			select {
			case <-time.After(5 * time.Second):
				return &nopayn.Order{}, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		b.store.makeDue(numbered(7)...)
		stop := b.run(t)
		pass(2 * time.Second)
		if took := stop(); took != 3*time.Second {
			t.Errorf("Run returned after %s, want the three seconds that the looks took", took)
		}
		if kept := b.store.results(); len(kept) != 7 || kept[0].Order == nil {
			t.Errorf("%d results were stored, want 7", len(kept))
		}
		if room, heard := b.Reserve(5); room != 0 || heard != 0 {
			t.Errorf("Reserve after the stop gave %d, %d", room, heard)
		}
		b.Start(nil, 0)
		b.Wake()
	})
}

// TestStopWaitsForReservations that a webhook's commit has under way.
func TestStopWaitsForReservations(t *testing.T) {
	for _, c := range []struct {
		name   string
		claims []store.Claim
	}{
		{"used", claims("a", "b", "c")},
		{"used in part", claims("a")},
		{"given back", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				stop := b.run(t)
				room, _ := b.Reserve(3)
				time.AfterFunc(2*time.Second, func() { b.Start(c.claims, room-len(c.claims)) })
				if took := stop(); took != 2*time.Second {
					t.Errorf("Run returned %s after the stop, want 2s", took)
				}
				if got := len(b.store.results()); got != len(c.claims) {
					t.Errorf("%d looks, want %d", got, len(c.claims))
				}
			})
		})
	}
}

// TestStopLosesNoClaims: a claim under way is not cut short, since its orders would lie idle until their lease is over.
func TestStopLosesNoClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.store.makeDue("order")
		b.store.onClaim = func(ctx context.Context) error {
			pass(time.Second)
			return ctx.Err()
		}
		stop := b.run(t)
		synctest.Wait()
		stop()
		if got := len(b.store.results()); got != 1 {
			t.Errorf("%d results were stored of the order that was being claimed", got)
		}
		if n := len(b.store.rounds); n != 1 {
			t.Errorf("%d rounds, want no other one after the stop", n)
		}
	})
}
