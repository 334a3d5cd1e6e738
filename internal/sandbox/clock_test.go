package sandbox_test

import (
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/sandbox"
)

// noon is where the clocks of these tests begin.
func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// notes collects times, from any goroutine.
type notes struct {
	mu  sync.Mutex
	all []time.Duration
}

func (n *notes) add(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, d)
}

// settled returns what was noted so far, once nothing is going on any more.
func (n *notes) settled() []time.Duration {
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.all)
}

func TestSpeedClockRunsFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := sandbox.NewSpeedClock(noon(), 60)
		<-time.After(10 * time.Second)
		if got := clock.Now().Sub(noon()); got != 10*time.Minute {
			t.Errorf("after 10s at speed 60 the clock moved by %v, want 10m", got)
		}
		if clock.Speed() != 60 {
			t.Errorf("Speed() = %v, want 60", clock.Speed())
		}
	})
}

func TestSpeedClockKeepsItsTimersWhenTheSpeedChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		clock := sandbox.NewSpeedClock(noon(), 1)
		var rung notes
		note := func() { rung.add(time.Since(start)) }
		clock.AfterFunc(time.Hour, note)
		clock.AfterFunc(10*time.Minute, note)
		stop := clock.AfterFunc(30*time.Minute, note)
		<-time.After(time.Minute)
		clock.SetSpeed(60) // 9 minutes are left to the first: 9 seconds
		<-time.After(10 * time.Second)
		clock.SetSpeed(0) // at 11 minutes
		<-time.After(time.Hour)
		if !stop() || stop() {
			t.Error("stop did not say true once and then false")
		}
		clock.SetSpeed(0.5) // 49 minutes are left to the last: 98 minutes
		<-time.After(98*time.Minute + time.Second)
		want := []time.Duration{
			time.Minute + 9*time.Second,
			time.Minute + 10*time.Second + time.Hour + 98*time.Minute,
		}
		if got := rung.settled(); !slices.Equal(got, want) {
			t.Errorf("timers rang after %v, want %v", got, want)
		}
	})
}

func TestSpeedClockAdvanced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := sandbox.NewSpeedClock(noon(), 2)
		var rung notes
		note := func() { rung.add(clock.Now().Sub(noon())) }
		clock.AfterFunc(time.Hour, note)
		clock.AfterFunc(time.Minute, func() {
			note()
			clock.AfterFunc(time.Minute, note) // falls due within the same Advance
		})
		clock.Advance(10 * time.Minute)
		if got, want := rung.settled(), []time.Duration{time.Minute, 2 * time.Minute}; !slices.Equal(got, want) {
			t.Errorf("within Advance the timers rang at %v, want %v", got, want)
		}
		<-time.After(25*time.Minute - time.Nanosecond) // 50 minutes are left: 25 minutes
		if got := rung.settled(); len(got) != 2 {
			t.Fatalf("timers rang at %v, the last too early", got)
		}
		<-time.After(time.Nanosecond)
		if got := rung.settled(); len(got) != 3 || got[2] != time.Hour {
			t.Errorf("timers rang at %v, want the last at 1h", got)
		}
	})
}

func TestSpeedClockTakesOnlyPossibleSpeeds(t *testing.T) {
	for given, want := range map[float64]float64{
		-1: 0, 0: 0, 0.5: 0.5, sandbox.MaxSpeed: sandbox.MaxSpeed,
		sandbox.MaxSpeed + 1: sandbox.MaxSpeed, math.Inf(1): sandbox.MaxSpeed, math.NaN(): 0,
	} {
		clock := sandbox.NewSpeedClock(noon(), given)
		if got := clock.Speed(); got != want {
			t.Errorf("a clock at speed %v runs at %v, want %v", given, got, want)
		}
	}
}

func TestOrdersExpireByTheSpeedClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := sandbox.New(sandbox.Config{Clock: sandbox.NewSpeedClock(noon(), 60)})
		defer g.Close()
		id, err := g.Create(map[string]any{"amount": 1295, "currency": "EUR", "expiration_period": "PT30M"})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(30 * time.Second)
		synctest.Wait()
		doc, err := g.Document(id)
		if err != nil || doc["status"] != "expired" || doc["completed"] != "2026-03-02T12:30:00.000000+00:00" {
			t.Errorf("after 30 minutes of the clock the order is %v since %v, %v, want expired at 12:30",
				doc["status"], doc["completed"], err)
		}
	})
}

func TestManualClockCanBeAdvancedByWhatItCalls(t *testing.T) {
	clock := sandbox.NewManualClock(noon())
	clock.AfterFunc(time.Minute, func() { clock.Advance(time.Hour) })
	clock.Advance(2 * time.Minute)
	if got := clock.Now().Sub(noon()); got != time.Hour+time.Minute {
		t.Errorf("the clock moved by %v, want 1h1m", got)
	}
}
