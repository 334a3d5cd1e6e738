package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"
)

const browserTimeout = 15 * time.Second

// browser does what a customer's does, without the screen: it keeps cookies, follows redirects and fills in the forms
// of the page it is at.
type browser struct {
	client *http.Client
	at     *url.URL // the page it has come to
	forms  []form
}

func newBrowser() (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &browser{client: &http.Client{Jar: jar, Timeout: browserTimeout}}, nil
}

// open goes to an address.
func (b *browser) open(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return b.visit(req)
}

// submit fills in the form of the page that has all these fields, and sends it. Fields not named stay as they are.
func (b *browser) submit(ctx context.Context, typed map[string]string) error {
	i := slices.IndexFunc(b.forms, func(f form) bool { return f.has(typed) })
	if i < 0 {
		return fmt.Errorf("the page %s has no form for what is to be filled in", b.at.Path)
	}
	f := b.forms[i]
	if f.method != http.MethodPost {
		return errors.New("the form is not sent by POST, and no other was expected")
	}
	for name, value := range typed {
		f.values.Set(name, value)
	}
	to, err := b.at.Parse(f.action)
	if err != nil {
		return fmt.Errorf("the form of the page %s leads nowhere: %w", b.at.Path, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader(f.values.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", b.at.Scheme+"://"+b.at.Host)
	return b.visit(req)
}

// visit sends the request, follows where it leads, and reads the page there.
func (b *browser) visit(req *http.Request) error {
	res, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: answered %s", req.Method, req.URL.Path, res.Status)
	}
	forms, err := readForms(http.MaxBytesReader(nil, res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the page %s: %w", res.Request.URL.Path, err)
	}
	b.at, b.forms = res.Request.URL, forms
	return nil
}
