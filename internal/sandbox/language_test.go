package sandbox_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

func TestEveryLanguageSaysEverything(t *testing.T) {
	all := sandbox.Words()
	if len(all) != 8 {
		t.Fatalf("%d languages, want 8", len(all))
	}
	verb := regexp.MustCompile(`%.`)
	english := reflect.ValueOf(all["en"])
	for tag, words := range all {
		said := reflect.ValueOf(words)
		for _, f := range reflect.VisibleFields(said.Type()) {
			switch text := said.FieldByIndex(f.Index); text.Kind() {
			case reflect.String:
				if strings.TrimSpace(text.String()) == "" {
					t.Errorf("%s: %s is empty", tag, f.Name)
				}
				got := strings.Join(verb.FindAllString(text.String(), -1), " ")
				want := strings.Join(verb.FindAllString(english.FieldByIndex(f.Index).String(), -1), " ")
				if got != want {
					t.Errorf("%s: %s has the places %q, English has %q", tag, f.Name, got, want)
				}
			case reflect.Array:
				for i := range text.Len() {
					if text.Index(i).String() == "" {
						t.Errorf("%s: %s has an empty place %d", tag, f.Name, i)
					}
				}
			case reflect.Struct: // its fields are visible too
			default:
				t.Errorf("%s: %s is no text", tag, f.Name)
			}
		}
	}
}

func TestPageSpeaksTheLanguageOfTheOrder(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	for _, c := range []struct {
		locale, lang, button, until string
	}{
		{"", "en", "Pay €1,234.50", "until 2 Mar, 09:45 UTC"},
		{"en-GB", "en", "Pay €1,234.50", "until 2 Mar, 09:45 UTC"},
		{"es-ES", "en", "Pay €1,234.50", "until 2 Mar, 09:45 UTC"},
		{"it-IT", "it", "Paga 1.234,50\u00a0€", "fino al 2 mar, 09:45 UTC"},
		{"de-AT", "de", "1.234,50\u00a0€ bezahlen", "bis 2. März, 09:45 UTC"},
		{"nl-BE", "nl", "€\u00a01.234,50 betalen", "tot 2 mrt, 09:45 UTC"},
		{"nl_NL", "nl", "€\u00a01.234,50 betalen", "tot 2 mrt, 09:45 UTC"},
		{"fr-BE", "fr", "Payer 1\u00a0234,50\u00a0€", "jusqu’au 2 mars à 09:45 UTC"},
		{"sv-SE", "sv", "Betala 1\u00a0234,50\u00a0€", "till 2 mars 09:45 UTC"},
		{"no-NO", "nb", "Betal 1\u00a0234,50\u00a0€", "til 2. mars, kl. 09:45 UTC"},
		{"nn", "nb", "Betal 1\u00a0234,50\u00a0€", "til 2. mars, kl. 09:45 UTC"},
		{"da-DK", "da", "Betal 1.234,50\u00a0€", "til 2. mar. kl. 09:45 UTC"},
	} {
		fields := map[string]any{"amount": 123450}
		if c.locale != "" {
			fields["locale"] = c.locale
		}
		page := s.call("GET", pagePath(s.order(fields)), "")
		for _, want := range []string{`<html lang="` + c.lang + `">`, c.button + "</button>", c.until} {
			if !strings.Contains(page.text, want) {
				t.Errorf("%s: page lacks %q", c.locale, want)
			}
		}
	}
}

func TestKronerAreKrAtHome(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, c := range []struct {
		locale, currency, want string
	}{
		{"sv-SE", "SEK", "12,95\u00a0kr"},
		{"sv-SE", "NOK", "12,95\u00a0NOK"},
		{"no-NO", "NOK", "12,95\u00a0kr"},
		{"da-DK", "DKK", "12,95\u00a0kr"},
		{"en-GB", "DKK", "DKK\u00a012.95"},
	} {
		page := s.call("GET", pagePath(s.order(map[string]any{"locale": c.locale, "currency": c.currency})), "")
		if !strings.Contains(page.text, `<h1 class="amount">`+c.want+`</h1>`) {
			t.Errorf("page in %s of %s lacks %s", c.locale, c.currency, c.want)
		}
	}
}

func TestCustomersAreToldInTheirLanguage(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(map[string]any{"locale": "it-IT"})
	s.do(s.g.Pay(id, sandbox.CardInsufficientFunds))
	const want = "I fondi di questa carta non bastano."
	doc := s.read(id)
	tx := doc["transactions"].([]any)[0].(map[string]any)
	if message, _ := tx["customer_message"].(string); !strings.HasPrefix(message, want) {
		t.Errorf("customer_message is %q, want %q", message, want)
	}
	if page := s.call("GET", pagePath(id), ""); !strings.Contains(page.text, want) {
		t.Errorf("page lacks %q", want)
	}
	// The scheme's phrase is for machines and the shop, and stays as it is.
	if got := tx["outcomes"].(map[string]any)["processing"].(map[string]any)["response_code_description"]; got !=
		"Insufficient funds" {
		t.Errorf("response_code_description is %v", got)
	}
}
