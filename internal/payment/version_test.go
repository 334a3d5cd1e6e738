package payment_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"webhookd/internal/payment"
)

// version is an answer with a mark of so many seconds, asked for after so many; a mark of -1 is none.
func version(modified, asked int) payment.Version {
	v := payment.Version{Asked: created().Add(time.Duration(asked) * time.Second)}
	if modified >= 0 {
		v.Modified = created().Add(time.Duration(modified) * time.Second)
	}
	return v
}

// Promise 5: a slow or stale answer cannot undo a newer one.
func TestVersionCompare(t *testing.T) {
	const none = -1
	tests := []struct {
		name      string
		v, stored payment.Version
		want      payment.Relation
	}{
		{"newer mark, asked later", version(20, 30), version(10, 15), payment.Newer},
		{"newer mark, asked earlier: the one stored was stale", version(20, 21), version(10, 22), payment.Newer},
		{"newer mark, asked at once", version(20, 21), version(10, 21), payment.Newer},
		{
			"newer mark by a nanosecond",
			payment.Version{Modified: created().Add(1), Asked: created()},
			payment.Version{Modified: created(), Asked: created()},
			payment.Newer,
		},
		{"older mark, asked earlier: slow", version(10, 15), version(20, 21), payment.Older},
		{"older mark, asked at once: stale", version(10, 21), version(20, 21), payment.Stale},
		{"older mark, asked later: stale", version(10, 30), version(20, 21), payment.Stale},
		{"older mark, asked 299 seconds later: stale", version(10, 21+299), version(20, 21), payment.Stale},
		{
			"older mark, asked five minutes later: the gateway's clock went back", version(10, 21+300), version(20, 21),
			payment.Newer,
		},
		{"same mark, asked later", version(10, 20), version(10, 15), payment.Newer},
		{"same mark, asked at once: the same answer again", version(10, 15), version(10, 15), payment.Newer},
		{"same mark, asked earlier", version(10, 15), version(10, 20), payment.Older},
		{
			"same mark in another zone",
			payment.Version{Modified: created().In(time.FixedZone("", 3600)), Asked: after(0)},
			payment.Version{Modified: created(), Asked: after(1)},
			payment.Older,
		},
		{"no marks, asked later", version(none, 20), version(none, 15), payment.Newer},
		{"no marks, asked earlier", version(none, 15), version(none, 20), payment.Older},
		{"only the stored one has a mark, asked later", version(none, 20), version(10, 15), payment.Newer},
		{"only the stored one has a mark, asked earlier", version(none, 15), version(10, 20), payment.Older},
		{"only the new one has a mark, asked later", version(10, 20), version(none, 15), payment.Newer},
		{"only the new one has a mark, asked earlier", version(10, 15), version(none, 20), payment.Older},
		{"nothing stored", version(10, 15), payment.Version{}, payment.Newer},
		{"nothing at all", payment.Version{}, payment.Version{}, payment.Newer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.v.Compare(tt.stored); got != tt.want {
				t.Errorf("%v.Compare(%v) = %d, want %d", tt.v, tt.stored, got, tt.want)
			}
		})
	}
}

// Of two answers asked for within five minutes of each other, one at most may replace the other; if it may not, then the
// other way round it may. Only the very same answer may replace itself.
func TestVersionCompareIsAntisymmetric(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) payment.Version {
		return version(rapid.IntRange(-1, 5).Draw(t, "modified"), rapid.IntRange(0, 59).Draw(t, "asked"))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		forth, back := a.Compare(b) == payment.Newer, b.Compare(a) == payment.Newer
		unordered := a.Asked.Equal(b.Asked) &&
			(a.Modified.Equal(b.Modified) || a.Modified.IsZero() || b.Modified.IsZero())
		if unordered && (!forth || !back) {
			t.Fatalf("%v and %v say the same of time, and do not replace each other", a, b)
		}
		if !unordered && forth == back {
			t.Fatalf("%v and %v replace each other: %t", a, b, forth)
		}
	})
}

// replay applies answers in the order in which they come and gives the one that stays.
func replay(answers []payment.Version) payment.Version {
	stored := answers[0]
	for _, v := range answers[1:] {
		if v.Compare(stored) == payment.Newer {
			stored = v
		}
	}
	return stored
}

// In whatever order answers with growing marks come in, once or several times, the newest stays: if they were asked
// for in that order, however far apart, or in any order within a minute.
func TestVersionReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		askedInOrder := rapid.Bool().Draw(t, "asked in order")
		var answers []payment.Version
		modified, asked := 0, 0
		for range rapid.IntRange(1, 8).Draw(t, "answers") {
			modified += rapid.IntRange(1, 4000).Draw(t, "modified after")
			if askedInOrder {
				asked += rapid.IntRange(0, 4000).Draw(t, "asked after")
			} else {
				asked = rapid.IntRange(0, 59).Draw(t, "asked")
			}
			answers = append(answers, version(modified, asked))
		}
		newest := answers[len(answers)-1]
		again := rapid.SliceOfN(rapid.SampledFrom(answers), 0, 8).Draw(t, "again")
		arrivals := rapid.Permutation(append(slices.Clone(answers), again...)).Draw(t, "arrivals")
		if got := replay(arrivals); got != newest {
			t.Fatalf("%v stays, want %v", got, newest)
		}
	})
}

// Without marks, the answer asked for last stays.
func TestVersionReplayWithoutMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asked := rapid.SliceOfNDistinct(rapid.IntRange(0, 4000), 1, 8, rapid.ID[int]).Draw(t, "asked")
		answers := make([]payment.Version, len(asked))
		for i, s := range asked {
			answers[i] = version(-1, s)
		}
		if got, want := replay(answers), version(-1, slices.Max(asked)); got != want {
			t.Fatalf("%v stays, want %v", got, want)
		}
	})
}
