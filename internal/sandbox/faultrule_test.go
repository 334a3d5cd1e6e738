package sandbox_test

import (
	"slices"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// broken makes n GETs of an order and says which of them were not answered 200.
func (s *shop) broken(id string, n int) []bool {
	s.t.Helper()
	var failed []bool
	for range n {
		failed = append(failed, s.call("GET", "/v1/orders/"+id+"/", "").status != 200)
	}
	return failed
}

func TestAFaultHappensToAShareOfCalls(t *testing.T) {
	const calls = 400
	run := func(seed uint64) []bool {
		s := newShop(t, sandbox.Config{Seed: seed})
		id := s.order(nil)
		s.g.BreakBy(sandbox.FaultRule{On: sandbox.OpGet, Percent: 30}, sandbox.Refuse(503))
		return s.broken(id, calls)
	}
	first := run(7)
	failed := 0
	for _, f := range first {
		if f {
			failed++
		}
	}
	if failed < calls*20/100 || failed > calls*40/100 {
		t.Errorf("%d of %d calls failed, want about 30 in 100", failed, calls)
	}
	if !slices.Equal(first, run(7)) {
		t.Error("the same seed broke other calls")
	}
	if slices.Equal(first, run(8)) {
		t.Error("another seed broke the same calls")
	}
}

func TestTheDrawsOfAFaultAreItsOwn(t *testing.T) {
	run := func(disturb func(s *shop)) []bool {
		s := newShop(t, sandbox.Config{Seed: 7})
		id := s.order(nil)
		s.g.BreakBy(sandbox.FaultRule{On: sandbox.OpGet, OrderID: id, Percent: 50}, sandbox.Refuse(503))
		disturb(s)
		return s.broken(id, 50)
	}
	alone := run(func(*shop) {})
	among := run(func(s *shop) {
		other := s.order(nil)
		s.g.BreakBy(sandbox.FaultRule{On: sandbox.OpGet, OrderID: other, Percent: 50}, sandbox.Refuse(503))
		s.broken(other, 20)
	})
	if !slices.Equal(alone, among) {
		t.Error("another fault and other calls changed which calls a fault happens to")
	}
}

func TestSeedIsChosenWhenNoneIsGiven(t *testing.T) {
	g := sandbox.New(sandbox.Config{})
	defer g.Close()
	if g.Settings().Seed == 0 {
		t.Error("Settings().Seed is 0: a run could not be repeated")
	}
}

func TestAFaultEndsByTheClock(t *testing.T) {
	clock := sandbox.NewManualClock(noon())
	s := newShop(t, sandbox.Config{Clock: clock})
	id := s.order(nil)
	s.g.BreakBy(sandbox.FaultRule{For: time.Minute}, sandbox.Refuse(500))
	clock.Advance(59 * time.Second)
	if got := s.broken(id, 2); !got[0] || !got[1] {
		t.Error("the fault ended too early")
	}
	if all := s.g.Faults(); len(all) != 1 || !all[0].Until.Equal(noon().Add(time.Minute)) || all[0].Happened != 2 {
		t.Errorf("Faults() = %+v, want one that happened twice and ends at 12:01", all)
	}
	clock.Advance(time.Second)
	s.wantStatus(id, "new")
	if all := s.g.Faults(); len(all) != 0 {
		t.Errorf("Faults() = %+v after its time, want none", all)
	}
}

func TestAFaultOfAnyOperation(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	_, lift := s.g.BreakBy(sandbox.FaultRule{On: sandbox.OpAny}, sandbox.Refuse(500))
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/v1/orders/", minimal},
		{"GET", "/v1/orders/" + id + "/", ""},
		{"GET", "/v1/orders/", ""},
	} {
		if r := s.call(c.method, c.path, c.body); r.status != 500 {
			t.Errorf("%s %s answered %d, want 500", c.method, c.path, r.status)
		}
	}
	lift()
	s.wantStatus(id, "new")
}

func TestFaultsAreListedAndLifted(t *testing.T) {
	s := newShop(t, sandbox.Config{WebhookURL: "http://127.0.0.1:1/"})
	slow, _ := s.g.BreakBy(sandbox.FaultRule{On: sandbox.OpGet, OrderID: "a", Times: 3}, sandbox.Slow(time.Second))
	twice, _ := s.g.BreakWebhooksBy(sandbox.FaultRule{Percent: 5}, sandbox.Duplicate(2))
	s.g.Break(sandbox.OpCreate, "", 1, sandbox.NewFault("mine", nil))
	all := s.g.Faults()
	if len(all) != 3 {
		t.Fatalf("Faults() has %d faults, want 3", len(all))
	}
	for i, want := range []sandbox.StandingFault{
		{
			ID: slow, FaultKind: sandbox.FaultKind{Name: "slow", Delay: time.Second},
			FaultRule: sandbox.FaultRule{On: sandbox.OpGet, OrderID: "a", Times: 3},
		},
		{
			ID: twice, FaultKind: sandbox.FaultKind{Name: "duplicate", Copies: 2},
			FaultRule: sandbox.FaultRule{On: sandbox.OpWebhook, Percent: 5},
		},
		{
			ID: all[2].ID, FaultKind: sandbox.FaultKind{Name: "mine"},
			FaultRule: sandbox.FaultRule{On: sandbox.OpCreate, Times: 1},
		},
	} {
		got := all[i]
		if got.ID != want.ID || got.FaultRule != want.FaultRule || got.FaultKind != want.FaultKind {
			t.Errorf("fault %d is %+v, want %+v", i, got, want)
		}
	}
	if all[0].Left() != 3 || all[1].Left() != 0 {
		t.Errorf("%d and %d are left, want 3 and no limit", all[0].Left(), all[1].Left())
	}
	if !s.g.LiftFault(twice) || s.g.LiftFault(twice) || s.g.LiftFault("") || s.g.LiftFault("fault-99") {
		t.Error("LiftFault did not say whether there was such a fault")
	}
	if all = s.g.Faults(); len(all) != 2 || all[0].ID != slow {
		t.Errorf("Faults() = %+v, want the other two", all)
	}
	s.g.LiftFaults()
	if all = s.g.Faults(); len(all) != 0 {
		t.Errorf("Faults() = %+v after LiftFaults, want none", all)
	}
}
