package main

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

const (
	remoteURL = "WEBHOOKD_URL"
	remoteKey = "WEBHOOKD_API_KEY"
)

// remote says which webhookd a command speaks to, and as whom: without URL the one that this environment configures, on
// this machine, with the first of its keys that has the scope. Such a key is sent to no other. A key is never the value
// of a flag, where every user of the machine could see it.
type remote struct {
	URL     string `name:"url" placeholder:"URL" help:"Which webhookd; or WEBHOOKD_URL. By default that of LISTEN_ADDR."`
	KeyFile string `placeholder:"PATH" help:"File with the API key; or WEBHOOKD_API_KEY. By default one of API_KEYS."`
}

// connect returns a client with a key that has the scope. Nothing is sent yet.
func (r remote) connect(w *world, needed scope) (*client, error) {
	environment := env.ToMap(w.environ)
	base := strings.TrimRight(cmp.Or(r.URL, environment[remoteURL]), "/")
	key, err := r.key(environment)
	if err != nil {
		return nil, err
	}
	if base == "" {
		return r.connectHere(w, key, needed)
	}
	if !isWebURL(base) {
		problem := "--url or " + remoteURL + ": expected an http or https URL without password or query"
		return nil, configError{[]string{problem}}
	}
	if key.reveal() != "" && isPlainRemote(base) {
		fmt.Fprintln(w.stderr, "warning: the URL is plain http: the API key crosses the network unencrypted")
	}
	return newClient(base, key), nil
}

// connectHere is connect for the webhookd that this environment configures. Its keys are for no other.
func (r remote) connectHere(w *world, key secret, needed scope) (*client, error) {
	conf, err := loadConfig(w.environ, "LISTEN_ADDR", "API_AUTH", "API_KEYS")
	if err != nil {
		return nil, err
	}
	addr, err := onThisMachine(conf.ListenAddr)
	if err != nil {
		return nil, configError{[]string{"LISTEN_ADDR: " + err.Error() + "; expected --url or " + remoteURL}}
	}
	if key.reveal() == "" && bool(conf.APIAuth) {
		i := slices.IndexFunc(conf.APIKeys, func(k apiKey) bool { return slices.Contains(k.Scopes, needed) })
		if i < 0 {
			problem := fmt.Sprintf("API_KEYS: no key has the scope %s; expected one, or --key-file", needed)
			return nil, configError{[]string{problem}}
		}
		key = conf.APIKeys[i].Secret
	}
	return newClient("http://"+addr, key), nil
}

// key returns the key that was given for this command, or an empty one.
func (r remote) key(environment map[string]string) (secret, error) {
	given := variable{name: remoteKey, isSecret: true}.lookUp(environment)
	name := remoteKey
	if r.KeyFile != "" {
		name = "--key-file"
		text, err := readValueFile(r.KeyFile)
		if err != nil {
			return secret{}, configError{[]string{fmt.Sprintf("%s: %v", name, err)}}
		}
		given = reading{text: text}
	}
	switch {
	case given.problem != "":
		return secret{}, configError{[]string{given.problem}}
	case given.text != "" && !isVisible(given.text):
		return secret{}, configError{[]string{name + ": expected an API key without spaces"}}
	}
	return newSecret(given.text), nil
}

// onThisMachine returns where a program on this machine reaches what listens on addr.
func onThisMachine(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if port == "0" {
		return "", reason("leaves the port to the system, so that it cannot be known here")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}
