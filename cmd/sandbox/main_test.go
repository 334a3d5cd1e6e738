package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestServesUntilTold starts the program on a free port, makes an order as its greeting says, and ends it.
func TestServesUntilTold(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, stdout := io.Pipe()
	var stderr bytes.Buffer
	exit := make(chan int, 1)
	go func() {
		code := start(ctx, []string{"-listen", "127.0.0.1:0", "-key", "my-key"}, stdout, &stderr)
		_ = stdout.Close()
		exit <- code
	}()

	var greeting strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(greeting.String(), "-d '") {
		greeting.WriteString(lines.Text() + "\n")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends as the program closes its output
	base := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(greeting.String())
	body := regexp.MustCompile(`-d '(.*)'`).FindStringSubmatch(greeting.String())
	if base == "" || body == nil || !strings.Contains(greeting.String(), "-u my-key:") {
		t.Fatalf("greeting has no address or example:\n%s%s", greeting.String(), stderr.String())
	}
	req, err := http.NewRequestWithContext(ctx, "POST", base+"/v1/orders/", strings.NewReader(body[1]))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("my-key", "")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusCreated || !strings.Contains(string(answer), `"order_url":"`+base+"/pay/") {
		t.Errorf("the example is answered %d %s, want 201 with a link to %s", res.StatusCode, answer, base)
	}

	cancel()
	select {
	case code := <-exit:
		if code != 0 || stderr.Len() > 0 {
			t.Errorf("exit %d, stderr %q, want 0 and nothing", code, stderr.String())
		}
	case <-time.After(time.Minute):
		t.Fatal("the program did not end")
	}
}

func TestRefusesWrongUse(t *testing.T) {
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"-listen", ":8090"}, []string{"-allow-public"}},
		{[]string{"-listen", "0.0.0.0:0"}, []string{"-allow-public"}},
		{[]string{"-listen", "192.0.2.1:8090"}, []string{"-allow-public"}},
		{[]string{"-listen", "shop.example.com:8090"}, []string{"-allow-public"}},
		{[]string{"-public-url", "https://pay.example.com"}, []string{"-allow-public"}},
		{[]string{"-listen", "8090"}, []string{"-listen"}},
		{[]string{"-key", "", "-webhook-url", "localhost:3000"}, []string{"-key", "-webhook-url"}},
		{[]string{"-public-url", "pay"}, []string{"-public-url"}},
		{[]string{"-nonsense"}, []string{"-nonsense"}},
		{[]string{"extra"}, []string{"extra"}},
		{[]string{"-key", "0123456789abcdef0123456789ABCDEF"}, []string{"-allow-real-key"}},
		{[]string{"-key", "01234567-89ab-cdef-0123-456789abcdef"}, []string{"-allow-real-key"}},
		{[]string{"-fault", "kind=melt"}, []string{"kind must be one of"}},
		{
			[]string{
				"-clock-speed", "-1", "-webhook-attempts", "0", "-webhook-interval", "0s", "-refund-answer", "x",
				"-capture-answer", "y",
			},
			[]string{"-clock-speed", "-webhook-attempts", "-webhook-interval", "-refund-answer", "-capture-answer"},
		},
	} {
		var stdout, stderr bytes.Buffer
		if code := start(t.Context(), c.args, &stdout, &stderr); code != exitMisuse {
			t.Errorf("%v: exit %d, want %d", c.args, code, exitMisuse)
		}
		for _, want := range c.says {
			if !strings.Contains(stderr.String(), want) {
				t.Errorf("%v: stderr %q lacks %q", c.args, stderr.String(), want)
			}
		}
	}
}

func TestTakesPublicAddressesWhenTold(t *testing.T) {
	args := []string{"-listen", "0.0.0.0:8090", "-public-url", "https://pay.example.com", "-allow-public"}
	if _, err := parse(args, io.Discard); err != nil {
		t.Error(err)
	}
	for _, listen := range []string{"localhost:8090", "[::1]:8090", "127.0.0.2:8090"} {
		if _, err := parse([]string{"-listen", listen}, io.Discard); err != nil {
			t.Errorf("loopback %s: %v", listen, err)
		}
	}
}

// TestDoesAsItIsTold starts the program with faults, a script and other answers, and drives it by its control.
func TestDoesAsItIsTold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "script.json")
	script := `{"steps":[{"at":"0s","fault":{"kind":"unauthorized","on":"list"}},{"at":"1h","lift":"all"}]}`
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	base, end := startProgram(t, "-listen", "127.0.0.1:0", "-clock-speed", "0", "-script", file, "-seed", "7",
		"-fault", "kind=status,on=search,status=503", "-refund-answer", "flat", "-capture-answer", "empty",
		"-strict-200", "-transaction-events", "-webhook-attempts", "3", "-webhook-interval", "1s", "-production")
	state := get(t, base+"/sandbox/state")
	for _, want := range []string{
		`"kind": "unauthorized"`, `"on": "search"`, `"seed": 7`, `"strict_200": true`, `"transaction_events": true`,
		`"attempts": 3`, `"interval": "1s"`, `"production": true`, `"speed": 0`,
	} {
		if !strings.Contains(state, want) {
			t.Errorf("the state lacks %s", want)
		}
	}
	if page := get(t, base+"/"); !strings.Contains(page, "A payment gateway for your desk") {
		t.Error("the first page does not explain the sandbox")
	}
	advance, err := http.Post(base+"/sandbox/clock", "application/json", strings.NewReader(`{"advance":"1h"}`))
	if err != nil {
		t.Fatal(err)
	}
	advance.Body.Close()
	if state := get(t, base+"/sandbox/state"); strings.Contains(state, "unauthorized") {
		t.Error("an hour later the script has not lifted its fault")
	}
	end()
}

func TestAScriptThatCannotRunIsRefusedAtStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "script.json")
	if err := os.WriteFile(file, []byte(`{"steps":[{"at":"0s"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, file + ".not"} {
		var stdout, stderr bytes.Buffer
		code := start(t.Context(), []string{"-listen", "127.0.0.1:0", "-script", path}, &stdout, &stderr)
		if code != exitFailed || !strings.Contains(stderr.String(), "-script") {
			t.Errorf("%s: exit %d, stderr %q", path, code, stderr.String())
		}
	}
}

// startProgram starts the program and returns where it is, and what ends it.
func startProgram(t *testing.T, args ...string) (base string, end func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	out, stdout := io.Pipe()
	var stderr bytes.Buffer
	exit := make(chan int, 1)
	go func() {
		code := start(ctx, args, stdout, &stderr)
		_ = stdout.Close()
		exit <- code
	}()
	lines := bufio.NewScanner(out)
	for base == "" && lines.Scan() {
		base = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends as the program closes its output
	end = func() {
		cancel()
		if code := <-exit; code != 0 {
			t.Errorf("exit %d, stderr %s", code, stderr.String())
		}
	}
	if base == "" {
		end()
		t.Fatal("the program does not say where it is")
	}
	return base, end
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, res.Status, err)
	}
	return string(body)
}

func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := start(t.Context(), []string{"-h"}, &stdout, &stderr)
	if code != 0 || !strings.Contains(stderr.String(), "-webhook-url") {
		t.Errorf("-h: exit %d, stderr %q, want 0 and the flags", code, stderr.String())
	}
}

func TestCannotListen(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := start(t.Context(), []string{"-listen", "127.0.0.1:1234567"}, &stdout, &stderr); code != exitFailed {
		t.Errorf("impossible port: exit %d, want %d", code, exitFailed)
	}
}
