package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhichService lets a server tell who called it, and how.
func TestWhichService(t *testing.T) {
	t.Parallel()
	const other = "another-secret-0123456789"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		w.Write([]byte(`{"detail":"key [` + r.Header.Get("Authorization") + `].","code":"not_found","request_id":"r1"}`))
	}))
	t.Cleanup(server.Close)
	keyFile := filepath.Join(t.TempDir(), "key")
	must(t, os.WriteFile(keyFile, []byte(other+"\n"), 0o600))
	here := "LISTEN_ADDR=" + strings.TrimPrefix(server.URL, "http://")
	keys := "API_KEYS=reader:read:the-reader-0123456789,writer:write:the-writer-0123456789"
	for _, tt := range []struct {
		name    string
		environ []string
		args    string
		key     string
	}{
		{"here, to read", []string{here, keys}, "orders get x", "Bearer the-reader-0123456789"},
		{"here, to write", []string{here, keys}, "orders refresh x", "Bearer the-writer-0123456789"},
		{"here, with another key", []string{here, keys, remoteKey + "=" + other}, "orders get x", "Bearer " + other},
		{"here, without keys", []string{here, "API_AUTH=off"}, "orders get x", ""},
		{"there, without a key", []string{here, keys}, "orders get x --url " + server.URL, ""},
		{
			"there, by the environment",
			[]string{keys, remoteURL + "=" + server.URL + "/", remoteKey + "=" + other},
			"events tail", "Bearer " + other,
		},
		{
			"the flags win",
			[]string{remoteURL + "=http://127.0.0.1:1", remoteKey + "=loses-0123456789"},
			"orders list --url " + server.URL + " --key-file " + keyFile, "Bearer " + other,
		},
		{
			"the key is in a file",
			[]string{remoteURL + "=" + server.URL, remoteKey + "_FILE=" + keyFile},
			"orders list", "Bearer " + other,
		},
	} {
		status, stdout, stderr := invoke(t, tt.environ, strings.Fields(tt.args)...)
		want := "webhookd: key [" + tt.key + "] (not_found, HTTP 404, request r1)\n"
		if status != 1 || stdout != "" || stderr != want {
			t.Errorf("%s: exit status %d, %q, stderr %q, want %q", tt.name, status, stdout, stderr, want)
		}
	}
}

func TestWrongUseOfRemoteCommands(t *testing.T) {
	t.Parallel()
	reader := []string{"LISTEN_ADDR=127.0.0.1:1", "API_KEYS=reader:read:the-reader-0123456789"}
	for _, tt := range []struct {
		args    string
		environ []string
		names   string
	}{
		{"orders refresh x", reader, "no key has the scope write"},
		{"orders get x", nil, "API_KEYS"},
		{"orders get x", []string{"LISTEN_ADDR=127.0.0.1:0", "API_AUTH=off"}, "LISTEN_ADDR"},
		{"orders get x --url ftp://h", nil, "--url"},
		{"orders get x --url http://user:pw@h", nil, "--url"},
		{"orders get x --url http://h --key-file /nowhere/key", nil, "--key-file"},
		{"orders get x --url http://h", []string{remoteKey + "=two words"}, remoteKey},
		{"orders get x --url http://h", []string{remoteKey + "=a", remoteKey + "_FILE=/b"}, remoteKey},
		{"orders get a/b", reader, "order id"},
		{"orders get", reader, "<id>"},
		{"orders list --limit 0", reader, "--limit"},
		{"orders list --updated-after yesterday", reader, "--updated-after"},
		{"orders list --state payd", reader, `--state: "payd" is none of unverified, pending,`},
		{"orders list --state Paid", reader, `"Paid"`},
		{"events tail --after -1", reader, "--after"},
		{"events tail --last -1", reader, "--last"},
		{"events tail --order a/b", reader, "--order"},
		{"events tail --type payd", reader, `--type: "order.payd" is none of order.`},
		{"doctor --fast", nil, "--fast"},
	} {
		status, _, stderr := invoke(t, tt.environ, strings.Fields(tt.args)...)
		if status != 2 || !strings.Contains(stderr, tt.names) || strings.Contains(stderr, "pw") {
			t.Errorf("%s: exit status %d, and stderr does not name %s:\n%s", tt.args, status, tt.names, stderr)
		}
	}
}

func TestKeyOverPlainHTTP(t *testing.T) {
	t.Parallel()
	const warning = "the API key crosses the network unencrypted"
	for key, want := range map[string]bool{"": false, "a-key": true} {
		_, _, stderr := invoke(t, []string{remoteKey + "=" + key}, "orders", "list", "--url", "http://no..host")
		if strings.Contains(stderr, warning) != want || !strings.Contains(stderr, "no answer from http://no..host") {
			t.Errorf("with the key %q: %s", key, stderr)
		}
	}
}

func TestServiceThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		w.Write([]byte("<html>Bad Gateway</html>"))
	}))
	t.Cleanup(proxy.Close)
	for url, want := range map[string]string{
		"http://127.0.0.1:1": "no answer from http://127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused",
		proxy.URL:            "The answer is not webhookd's (no_problem_document, HTTP 502)",
	} {
		status, _, stderr := invoke(t, nil, "orders", "get", "x", "--url", url)
		if status != 1 || stderr != "webhookd: "+want+"\n" {
			t.Errorf("%s: exit status %d, %q", url, status, stderr)
		}
	}
}
