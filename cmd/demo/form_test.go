package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestFormsAreReadAsABrowserSendsThem(t *testing.T) {
	const page = `<!doctype html>
		<html lang="en"><head><meta charset="utf-8"><link rel="stylesheet" href="a.css">
		<title>a &amp; b &middot; c</title></head>
		<body><input name="stray" value="x">
		<form action="/search"><input name="q"></form>
		<form method="post" action="/pay?x=1&amp;y=2" novalidate>
			<input type="hidden" name="token" value="&quot;t&quot; &amp; &nbsp;u">
			<input name="amount" value="9.95" required><br>
			<input type="radio" name="method" value="card" checked><input type="radio" name="method" value="wallet">
			<input type="radio" name="outcome" value="yes"><input type="checkbox" name="news" value="1">
			<select name="currency"><option value="EUR">Euro</option><option value="SEK" selected>Krona</option></select>
			<select name="size"><option value="s">S</option><option value="m">M</option></select>
			<input type="submit" name="go" value="Go"><button name="cancel" value="1">Cancel</button><input value="nameless">
		</form></body></html>`
	got, err := readForms(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	want := []form{
		{"/search", "GET", url.Values{"q": {""}}, map[string]bool{"q": true}},
		{"/pay?x=1&y=2", "POST", url.Values{
			"token": {"\"t\" & \u00a0u"}, "amount": {"9.95"}, "method": {"card"}, "currency": {"SEK"}, "size": {"s"},
		}, map[string]bool{
			"token": true, "amount": true, "method": true, "outcome": true, "news": true, "currency": true, "size": true,
		}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(form{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
}

func TestABrokenPageIsAnError(t *testing.T) {
	if _, err := readForms(strings.NewReader(`<form method="post"><input name="a`)); err == nil {
		t.Error("a page that ends within a tag was read")
	}
}
