package nopayn_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"webhookd/internal/nopayn"
)

func TestNewRefusesEveryProblemAtOnce(t *testing.T) {
	const secret = "s3cr3t"
	_, err := nopayn.New(nopayn.Config{
		APIKey: " \n", MerchantID: "\t", BaseURL: "https://user:" + secret + "@gateway.test", UserAgent: "a\r\nb",
	})
	if err == nil {
		t.Fatal("New accepted it")
	}
	for _, field := range []string{"APIKey", "MerchantID", "BaseURL", "UserAgent"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("error does not name %s: %v", field, err)
		}
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("error quotes a secret: %v", err)
	}
}

func TestNewRefusesBaseURL(t *testing.T) {
	const secret = "s3cr3t"
	for _, base := range []string{
		secret + ".gateway.test",
		"//gateway.test/" + secret,
		"ftp://gateway.test/" + secret,
		"https:" + secret,
		"https:///" + secret,
		"https://:443/" + secret,
		"https://" + secret + "@gateway.test",
		"https://gateway.test/?key=" + secret,
		"https://gateway.test/v1?",
		"https://gateway.test/#" + secret,
		"https://gateway.test/#",
		"https://gateway.test/%zz" + secret,
		"https://gateway.test:port" + secret,
	} {
		_, err := nopayn.New(nopayn.Config{APIKey: canary, MerchantID: "m", BaseURL: base})
		if err == nil {
			t.Errorf("New accepted BaseURL %q", base)
			continue
		}
		if text := err.Error(); !strings.Contains(text, "BaseURL") || strings.Contains(text, secret) ||
			strings.Contains(text, canary) {
			t.Errorf("BaseURL %q: error %q, want one that names the field and shows no value", base, text)
		}
	}
}

func TestBaseURLForms(t *testing.T) {
	tests := map[string]string{
		"":                                  "https://api.nopayn.co.uk/v1/orders/o-1/",
		"https://gateway.test":              "https://gateway.test/v1/orders/o-1/",
		" https://gateway.test/ ":           "https://gateway.test/v1/orders/o-1/",
		"https://gateway.test/v1":           "https://gateway.test/v1/orders/o-1/",
		"https://gateway.test/v1//":         "https://gateway.test/v1/orders/o-1/",
		"https://gateway.test//v1/":         "https://gateway.test/v1/orders/o-1/",
		"http://127.0.0.1:8081/sandbox/v1/": "http://127.0.0.1:8081/sandbox/v1/orders/o-1/",
		"HTTPS://gateway.test/a%2Fb":        "https://gateway.test/a%2Fb/v1/orders/o-1/",
		"https://gateway.test/apiv1":        "https://gateway.test/apiv1/v1/orders/o-1/",
	}
	for base, want := range tests {
		t.Run(base, func(t *testing.T) {
			var got string
			c := dial(t, nopayn.Config{BaseURL: base, HTTPClient: respond(func(r *http.Request) (*http.Response, error) {
				got = r.URL.String()
				return answer(http.StatusOK, string(minimal(""))), nil
			})})
			if _, err := c.GetOrder(t.Context(), "o-1"); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("asked %s, want %s", got, want)
			}
		})
	}
}

func TestNewTrimsTheKey(t *testing.T) {
	var key string
	c := dial(t, nopayn.Config{APIKey: " hunter2\n", HTTPClient: respond(func(r *http.Request) (*http.Response, error) {
		key = r.Header.Get("Authorization")
		return answer(http.StatusOK, string(minimal(""))), nil
	})})
	if _, err := c.GetOrder(t.Context(), "o-1"); err != nil {
		t.Fatal(err)
	}
	if want := "Basic aHVudGVyMjo="; key != want { // the vendor's own sample, CONTRACT 1.2
		t.Errorf("Authorization = %q, want %q", key, want)
	}
}

func TestNewLeavesTheGivenClientAlone(t *testing.T) {
	given := &http.Client{}
	dial(t, nopayn.Config{HTTPClient: given})
	if given.CheckRedirect != nil {
		t.Error("New changed the client it was given")
	}
}

func TestClientDoesNotPrintItsKey(t *testing.T) {
	c := dial(t, nopayn.Config{})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, c) + fmt.Sprintf(verb, *c); strings.Contains(text, canary) {
			t.Errorf("%s prints the key: %s", verb, text)
		}
	}
}
