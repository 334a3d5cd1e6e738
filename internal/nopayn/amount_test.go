package nopayn_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"webhookd/internal/nopayn"
)

// TestMoneyWalk reads every amount from 0.01 to 20.00 in every currency of the SDKs and of the demos, and writes it
// back. A float goes wrong on 137 of them (CONTRACT 4.7 W25).
func TestMoneyWalk(t *testing.T) {
	for _, currency := range []string{"EUR", "GBP", "USD", "NOK", "SEK", "DKK"} {
		for minor := int64(1); minor <= 2000; minor++ {
			text := fmt.Sprintf("%d.%02d", minor/100, minor%100)
			for _, typed := range []string{text, strings.Replace(text, ".", ",", 1), " " + text + "\t"} {
				if got, err := nopayn.ParseAmount(typed, currency); err != nil || got != minor {
					t.Fatalf("ParseAmount(%q, %s) = %d, %v, want %d", typed, currency, got, err, minor)
				}
			}
			if got := nopayn.FormatAmount(minor, currency); got != text {
				t.Fatalf("FormatAmount(%d, %s) = %q, want %q", minor, currency, got, text)
			}
		}
	}
}

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		text, currency string
		want           int64 // below 0: refused
	}{
		{"9.95", "EUR", 995},
		{"9.9", "EUR", 990},
		{"9", "EUR", 900},
		{"0.01", "EUR", 1},
		{"0", "EUR", 0},
		{"007.50", "EUR", 750},
		{"92233720368547758.07", "EUR", math.MaxInt64},
		{"92233720368547758.08", "EUR", -1},
		{"500", "JPY", 500},
		{"500.5", "JPY", -1},
		{"500.", "JPY", -1},
		{"1.234", "KWD", 1234},
		{"1.2345", "KWD", -1},
		{"1.2345", "CLF", 12345},
		{"500", "jpy", 500},
		{"500.5", "jpy", -1},
		{"1.234", "Kwd", 1234},
		{"9.95", "eur", 995},
		{"9.955", "EUR", -1},
		{"9.", "EUR", -1},
		{".95", "EUR", -1},
		{"", "EUR", -1},
		{" ", "EUR", -1},
		{"-1", "EUR", -1},
		{"+1", "EUR", -1},
		{"1e2", "EUR", -1},
		{"1,234.50", "EUR", -1},
		{"1.234,50", "EUR", -1},
		{"1 234", "EUR", -1},
		{"٣", "EUR", -1},
		{"0x10", "EUR", -1},
		{"1_000", "EUR", -1},
		{"€5", "EUR", -1},
		{"NaN", "EUR", -1},
	} {
		got, err := nopayn.ParseAmount(c.text, c.currency)
		if c.want < 0 {
			if !errors.Is(err, nopayn.ErrAmount) {
				t.Errorf("ParseAmount(%q, %s) = %d, %v, want ErrAmount", c.text, c.currency, got, err)
			}
		} else if err != nil || got != c.want {
			t.Errorf("ParseAmount(%q, %s) = %d, %v, want %d", c.text, c.currency, got, err, c.want)
		}
	}
}

func TestParseAmountSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]error{
		"9.955": nopayn.ErrAmountTooExact, "99999999999999999999": nopayn.ErrAmountTooLarge, "nine": nopayn.ErrAmount,
	} {
		if _, err := nopayn.ParseAmount(text, "EUR"); !errors.Is(err, want) || !errors.Is(err, nopayn.ErrAmount) {
			t.Errorf("ParseAmount(%s): %v, want %v", text, err, want)
		}
	}
}

func TestFormatAmount(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{0, "EUR", "0.00"},
		{5, "EUR", "0.05"},
		{-5, "EUR", "-0.05"},
		{math.MaxInt64, "EUR", "92233720368547758.07"},
		{math.MinInt64, "EUR", "-92233720368547758.08"},
		{500, "JPY", "500"},
		{-500, "JPY", "-500"},
		{5, "KWD", "0.005"},
		{12345, "CLF", "1.2345"},
		{500, "jpy", "500"},
		{5, "kwd", "0.005"},
	} {
		if got := nopayn.FormatAmount(c.minor, c.currency); got != c.want {
			t.Errorf("FormatAmount(%d, %s) = %q, want %q", c.minor, c.currency, got, c.want)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	f.Add("12.95", "EUR")
	f.Add("1,234", "KWD")
	f.Fuzz(func(t *testing.T, text, currency string) {
		minor, err := nopayn.ParseAmount(text, currency)
		if err != nil {
			return
		}
		if again, err := nopayn.ParseAmount(nopayn.FormatAmount(minor, currency), currency); err != nil || again != minor {
			t.Errorf("%q is %d, which is written and read as %d, %v", text, minor, again, err)
		}
	})
}
