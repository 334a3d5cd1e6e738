package nopayn

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const (
	defaultBaseURL   = "https://api.nopayn.co.uk"
	defaultUserAgent = "webhookd"
)

// Config is what a Client is made of. APIKey and MerchantID are required.
type Config struct {
	// APIKey authenticates every request. White space around it is dropped (CONTRACT 4.7, W24); its form is not
	// checked, since there are several.
	APIKey string

	// MerchantID is demanded as the official SDKs do, to catch a half-filled configuration. It is never sent
	// (CONTRACT 1.2).
	MerchantID string

	// BaseURL is where the API is, with or without the final /v1 and trailing slashes. The default is
	// https://api.nopayn.co.uk.
	BaseURL string

	// HTTPClient sends the requests. It is copied, and the copy follows no redirects. Without one, a client with a
	// connection pool of its own and no time limit is used.
	HTTPClient *http.Client

	// Secrets are further texts that no error may hold. The gateway knows some, as those in the webhooks' URL, and may
	// send them back.
	Secrets []string

	// UserAgent is sent with every request. The default is webhookd.
	UserAgent string

	// Retry is how often a read is tried again. The default is never.
	Retry Retry
}

// New checks cfg and makes a client of it; it sends nothing. The error is a [*ValidationError] that lists every
// problem, each naming its field and none showing a value.
func New(cfg Config) (*Client, error) {
	key := strings.TrimSpace(cfg.APIKey)
	base, problem := parseBaseURL(cfg.BaseURL)
	err := check("new", func(f *findings) {
		if key == "" {
			f.refuse("APIKey", "is blank")
		}
		if strings.TrimSpace(cfg.MerchantID) == "" {
			f.refuse("MerchantID", "is blank")
		}
		if problem != "" {
			f.refuse("BaseURL", problem)
		}
		if strings.ContainsFunc(cfg.UserAgent, unicode.IsControl) {
			f.refuse("UserAgent", "holds a control character")
		}
		if cfg.Retry.Attempts < 0 || cfg.Retry.Base < 0 || cfg.Retry.Max < 0 {
			f.refuse("Retry", "holds a negative number")
		}
	})
	if err != nil {
		return nil, err
	}
	agent := cfg.UserAgent
	if agent == "" {
		agent = defaultUserAgent
	}
	login := newCredentials(key, cfg.Secrets)
	return &Client{
		base:        base,
		agent:       agent,
		http:        withoutRedirects(cfg.HTTPClient),
		retry:       cfg.Retry.withDefaults(),
		credentials: func() credentials { return login },
	}, nil
}

// parseBaseURL gives the URL in front of /v1, without a trailing slash, or says what is wrong with text. It never
// quotes text, which may hold a password.
func parseBaseURL(text string) (base, problem string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return defaultBaseURL, ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", "is not a URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return "", "does not begin with https:// or http://"
	case u.Hostname() == "":
		return "", "has no host"
	case u.User != nil:
		return "", "holds a user or password"
	case strings.ContainsAny(text, "?#"):
		return "", "holds a query or fragment"
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	path = strings.TrimRight(strings.TrimSuffix(path, "/v1"), "/")
	return u.Scheme + "://" + u.Host + path, ""
}

// credentials is the API key, in the forms in which it is used, and what else is secret.
type credentials struct {
	key    string
	basic  string   // CONTRACT 1.2: Basic, the key as user and no password
	others []string // Config.Secrets
}

func newCredentials(key string, others []string) credentials {
	c := credentials{key: key, basic: base64.StdEncoding.EncodeToString([]byte(key + ":"))}
	for _, text := range others {
		if text != "" {
			c.others = append(c.others, text)
		}
	}
	return c
}

// secrets are the forms of the key that no error may hold, the other secrets, and what else is given.
func (c credentials) secrets(more []string) secrets {
	return newSecrets(slices.Concat([]string{c.key, c.basic}, c.others, more)...)
}
