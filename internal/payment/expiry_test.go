package payment_test

import (
	"testing"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// When the last way to pay closes (CONTRACT 1.6, 9.4). Zero stands for unknown.
func TestExpiresAt(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		period string
		after  time.Duration // of creation; 0 if unknown
	}{
		{"PT5M", 5 * time.Minute},
		{"PT15M", 15 * time.Minute},
		{"PT30M", 30 * time.Minute},
		{"PT60M", time.Hour},
		{"PT1H", time.Hour},
		{"P30D", 30 * day},
		{"P0Y0M0DT0H15M0S", 15 * time.Minute},
		{"P7D", 7 * day},
		{"PT1S", time.Second},
		{"P1W", 7 * day},
		{"P365D", 365 * day},
		{"P366D", 366 * day},
		{"", 0},
		{"P", 0},
		{"PT", 0},
		{"PT0S", 0},
		{"-PT30M", 0},
		{"PT30", 0},
		{"30", 0},
		{"half an hour", 0},
		{"pt30m", 0},
		{"P367D", 0},
		{"P2Y", 0},
		{"P292Y", 0},
		{"P293Y", 0},
		{"P99999999999999999999Y", 0},
		{"PT99999999999999999999999H", 0},
	}
	for _, tt := range tests {
		t.Run(tt.period, func(t *testing.T) {
			var want time.Time
			if tt.after > 0 {
				want = created().Add(tt.after)
			}
			got := payment.Assess(order("new", func(o *nopayn.Order) { o.ExpirationPeriod = tt.period })).ExpiresAt
			if !got.Equal(want) {
				t.Errorf("ExpiresAt = %v, want %v", got, want)
			}
		})
	}
}

func TestExpiresAtWithAttempts(t *testing.T) {
	attempt := func(after time.Duration, period string) nopayn.Transaction {
		t := sale("pending")
		t.ExpirationPeriod = period
		if after >= 0 {
			t.Created = created().Add(after)
		}
		return t
	}
	const minute = time.Minute
	tests := []struct {
		name     string
		period   string // of the order
		attempts []nopayn.Transaction
		after    time.Duration
	}{
		{"the order ends later", "PT60M", []nopayn.Transaction{attempt(minute, "PT30M")}, 60 * minute},
		{"the attempt ends later", "PT30M", []nopayn.Transaction{attempt(minute, "PT30M")}, 31 * minute},
		{"a bank transfer", "PT30M", []nopayn.Transaction{attempt(0, "P30D")}, 30 * 24 * 60 * minute},
		{
			"the retry ends last", "PT30M",
			[]nopayn.Transaction{attempt(minute, "PT30M"), attempt(20*minute, "PT30M")},
			50 * minute,
		},
		{
			"the first attempt ends last", "PT30M",
			[]nopayn.Transaction{attempt(minute, "PT50M"), attempt(20*minute, "PT5M")},
			51 * minute,
		},
		{"only the attempt has a period", "", []nopayn.Transaction{attempt(minute, "PT30M")}, 31 * minute},
		{"attempt without a beginning", "", []nopayn.Transaction{attempt(-1, "PT30M")}, 30 * minute},
		{"attempt without a period", "PT30M", []nopayn.Transaction{attempt(40*minute, "")}, 30 * minute},
		{"neither has one", "", []nopayn.Transaction{attempt(minute, "")}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := order("processing", attempts(tt.attempts...))
			o.ExpirationPeriod = tt.period
			var want time.Time
			if tt.after > 0 {
				want = created().Add(tt.after)
			}
			if got := payment.Assess(o).ExpiresAt; !got.Equal(want) {
				t.Errorf("ExpiresAt = %v, want %v", got, want)
			}
		})
	}
}

// Without a beginning there is no end, and an end that RFC 3339 cannot write would spoil every answer that holds it.
func TestExpiresAtOutOfReach(t *testing.T) {
	for name, from := range map[string]time.Time{
		"no creation":       {},
		"end of the record": time.Date(9999, 12, 31, 23, 59, 0, 0, time.UTC),
	} {
		got := payment.Assess(order("new", func(o *nopayn.Order) { o.Created = from })).ExpiresAt
		if !got.IsZero() {
			t.Errorf("%s: ExpiresAt = %v, want none", name, got)
		}
	}
}
