package handler_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// Nothing secret that goes in comes out, in an answer or in the log, whatever is wrong with the request.
func TestNothingLeaks(t *testing.T) {
	const canary = "sent-canary-8277e0910d750195"
	answers := map[string]bool{}
	for _, f := range []*fake{newFake(), failing(errors.New(inner))} {
		s := start(t, config(), f)
		for _, a := range []answer{
			s.hook(webhook), s.hook(`{"order_id":"` + canary + `!"}`), s.hook(canary), s.hook(`{"` + canary + `":1}`),
			s.do("POST", "/webhooks/costplus/"+canary, webhook), s.do("GET", "/webhooks/costplus/"+token, ""),
			s.do("POST", "/webhooks/costplus/"+token+"/"+canary, webhook),
			s.do("GET", "/"+canary+"?"+canary+"="+canary, ""),
			s.get("/v1/orders/" + canary + "!"), s.get("/v1/orders?state=" + canary),
			s.get("/v1/orders?limit=" + canary), s.get("/v1/orders?cursor=" + canary),
			s.get("/v1/orders?updated_after=" + canary), s.get("/v1/orders?merchant_order_id=%00" + canary),
			s.get("/v1/orders?settled=" + canary), s.get("/v1/events?after=" + canary),
			s.get("/v1/events?feed=" + strings.Repeat(canary, 9)),
			s.put("/v1/orders/"+id, canary), s.put("/v1/orders/"+id, `{"currency":"`+canary+`"}`),
			s.put("/v1/orders/"+id, `{"amount":"`+canary+`"}`), s.put("/v1/orders/"+id, `["`+canary+`"]`),
			s.put("/v1/orders/"+id, `{"merchant_order_id":"`+canary+`\n"}`),
			s.put("/v1/orders/"+id, `{"webhook_url":"`+canary+`"}`),
			s.do("GET", "/v1/orders", "", "Authorization", "Bearer "+canary),
			s.do("GET", "/v1/orders", "", "Authorization", canary),
			s.do("PUT", "/v1/orders/"+id, "", "Authorization", "Bearer "+reader),
			s.get("/v1/events", "X-Request-Id", canary+"!", "Cookie", canary, "X-Forwarded-For", canary),
		} {
			answers[a.Status] = true
			text := string(a.body)
			for name, values := range a.Header {
				text += name + strings.Join(values, " ")
			}
			wantNone(t, a.Request.Method+" "+a.Request.URL.Path, text, canary, token, reader, writer, cashier, inner)
		}
		wantNone(t, "the log", s.log.String(), canary, token, reader, writer, cashier)
	}
	for _, status := range []int{200, 400, 401, 403, 404, 405, 422, 500, 503} {
		found := false
		for answered := range answers {
			found = found || strings.HasSuffix(answered, http.StatusText(status))
		}
		if !found {
			t.Errorf("no request was answered %d: the test has lost its edge", status)
		}
	}
}

func wantNone(t *testing.T, where, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		// The name of a key is not secret, so the canaries of secrets are told by their end.
		if strings.Contains(text, secret[len(secret)-16:]) {
			t.Errorf("%s holds %q: %s", where, secret, text)
		}
	}
}
