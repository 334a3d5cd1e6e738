package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Each secret holds the word hush, so that a test can look for any of them in any output.
const (
	testDSN   = "postgres://shop:hush-dsn@db.example:5432/webhookd"
	testKey   = "hush-gateway-key"
	testAPI   = "hush:api/secret=1"
	testToken = "hush-token.~_0123"
)

// environ returns a complete valid environment with changes put over it. A change without "=" removes its variable.
func environ(changes ...string) []string {
	all := []string{
		"PATH=/usr/bin",
		"DATABASE_URL=" + testDSN,
		"NOPAYN_API_KEY=" + testKey,
		"NOPAYN_MERCHANT_ID=project-1",
		"API_KEYS=shop:read:" + testAPI,
		"WEBHOOK_TOKENS=" + testToken,
	}
	for _, change := range changes {
		name, _, set := strings.Cut(change, "=")
		all = slices.DeleteFunc(all, func(old string) bool { return strings.HasPrefix(old, name+"=") })
		if set {
			all = append(all, change)
		}
	}
	return all
}

func mustLoad(t *testing.T, changes ...string) config {
	t.Helper()
	c, err := loadConfig(environ(changes...))
	if err != nil {
		t.Fatalf("loadConfig with %q: %v", changes, err)
	}
	return c
}

// mustRefuse returns the lines of the error that the changes lead to.
func mustRefuse(t *testing.T, changes ...string) []string {
	t.Helper()
	_, err := loadConfig(environ(changes...))
	refused, ok := errors.AsType[configError](err)
	if !ok {
		t.Fatalf("loadConfig with %q: error %v, want a configError", changes, err)
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("loadConfig with %q: the error shows a secret: %v", changes, err)
	}
	if lines := strings.Split(err.Error(), "\n"); !slices.Equal(lines, refused.problems) {
		t.Errorf("loadConfig with %q: %d lines for %d problems: %v", changes, len(lines), len(refused.problems), err)
	}
	return refused.problems
}

func TestDefaultsAreTheDocumentedOnesInOrder(t *testing.T) {
	want := []setting{
		{"DATABASE_URL", "[set]", fromEnvironment},
		{"NOPAYN_API_KEY", "[set]", fromEnvironment},
		{"NOPAYN_MERCHANT_ID", "project-1", fromEnvironment},
		{"NOPAYN_BASE_URL", "https://api.nopayn.co.uk", fromDefault},
		{"PUBLIC_URL", "", fromDefault},
		{"LISTEN_ADDR", ":8080", fromDefault},
		{"ADMIN_ADDR", ":9090", fromDefault},
		{"API_KEYS", "shop:read:[set]", fromEnvironment},
		{"API_AUTH", "on", fromDefault},
		{"WEBHOOK_TOKENS", "[1 set]", fromEnvironment},
		{"TRUSTED_PROXIES", "", fromDefault},
		{"WEBHOOK_RATE", "100", fromDefault},
		{"POLL_MIN_AGE", "10m", fromDefault},
		{"POLL_MIN_INTERVAL", "1m", fromDefault},
		{"POLL_MAX_INTERVAL", "6h", fromDefault},
		{"POLL_GIVE_UP", "336h", fromDefault},
		{"SWEEP_INTERVAL", "10m", fromDefault},
		{"SWEEP_WINDOW", "2h", fromDefault},
		{"RECHECK_SETTLED", "24h,168h,720h", fromDefault},
		{"GATEWAY_RPS", "50", fromDefault},
		{"GATEWAY_CONCURRENCY", "32", fromDefault},
		{"GATEWAY_TIMEOUT", "10s", fromDefault},
		{"ALLOW_TEST_ORDERS", "false", fromDefault},
		{"REQUIRE_REGISTRATION", "false", fromDefault},
		{"RETENTION_EVENTS", "0", fromDefault},
		{"RETENTION_ORDERS", "0", fromDefault},
		{"DB_MAX_CONNS", "8", fromDefault},
		{"MIGRATE", "on", fromDefault},
		{"SHUTDOWN_TIMEOUT", "25s", fromDefault},
		{"LOG_LEVEL", "info", fromDefault},
		{"LOG_FORMAT", "json", fromDefault},
	}
	if got := mustLoad(t).rows(); !slices.Equal(got, want) {
		t.Errorf("rows() = %v\nwant     %v", got, want)
	}
}

func TestDefaultsAreUnderstood(t *testing.T) {
	got := mustLoad(t)
	got.settings = nil
	want := config{
		DatabaseURL:        newSecret(testDSN),
		NopaynAPIKey:       newSecret(testKey),
		NopaynMerchantID:   "project-1",
		NopaynBaseURL:      "https://api.nopayn.co.uk",
		ListenAddr:         ":8080",
		AdminAddr:          ":9090",
		APIKeys:            apiKeys{{Name: "shop", Scopes: []scope{scopeRead}, Secret: newSecret(testAPI)}},
		APIAuth:            true,
		WebhookTokens:      webhookTokens{newSecret(testToken)},
		WebhookRate:        100,
		PollMinAge:         10 * time.Minute,
		PollMinInterval:    time.Minute,
		PollMaxInterval:    6 * time.Hour,
		PollGiveUp:         336 * time.Hour,
		SweepInterval:      10 * time.Minute,
		SweepWindow:        2 * time.Hour,
		RecheckSettled:     ages{24 * time.Hour, 168 * time.Hour, 720 * time.Hour},
		GatewayRPS:         50,
		GatewayConcurrency: 32,
		GatewayTimeout:     10 * time.Second,
		DBMaxConns:         8,
		Migrate:            true,
		ShutdownTimeout:    25 * time.Second,
		LogLevel:           slog.LevelInfo,
		LogFormat:          "json",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("loadConfig = %+v\nwant         %+v\n(or a secret, which is not shown)", got, want)
	}
}

func TestEveryVariableIsCheckedInOrder(t *testing.T) {
	var declared, checked []string
	for v := range variables() {
		declared = append(declared, v.name)
	}
	for _, c := range (config{}).checks() {
		checked = append(checked, c.variable)
	}
	if !slices.Equal(declared, checked) {
		t.Errorf("checks() covers %v\nwant            %v", checked, declared)
	}
}

func TestGoodValues(t *testing.T) {
	for _, tt := range []struct {
		set  string
		got  func(config) any
		want any
	}{
		{
			"DATABASE_URL=postgres://u:p@a:5432,b:5433/d?target_session_attrs=read-write",
			func(c config) any { return c.DatabaseURL.reveal() },
			"postgres://u:p@a:5432,b:5433/d?target_session_attrs=read-write",
		},
		{
			"DATABASE_URL=postgresql://a/d?pool_max_conns=3",
			func(c config) any { return c.DatabaseURL.reveal() }, "postgresql://a/d?pool_max_conns=3",
		},
		{
			"DATABASE_URL=host=a,b user=u password=x://y dbname=d",
			func(c config) any { return c.DatabaseURL.reveal() }, "host=a,b user=u password=x://y dbname=d",
		},
		{"NOPAYN_API_KEY=0123456789abcdef", func(c config) any { return c.NopaynAPIKey.reveal() }, "0123456789abcdef"},
		{"NOPAYN_MERCHANT_ID=proj_1", func(c config) any { return c.NopaynMerchantID }, "proj_1"},
		{"NOPAYN_BASE_URL=https://gw.example/v1/", func(c config) any { return c.NopaynBaseURL }, "https://gw.example"},
		{"NOPAYN_BASE_URL=https://gw.example/v1", func(c config) any { return c.NopaynBaseURL }, "https://gw.example"},
		{"NOPAYN_BASE_URL=https://gw.example/", func(c config) any { return c.NopaynBaseURL }, "https://gw.example"},
		{"NOPAYN_BASE_URL=http://[::1]:81/a/v1", func(c config) any { return c.NopaynBaseURL }, "http://[::1]:81/a"},
		{"PUBLIC_URL=https://shop.example/pay/", func(c config) any { return c.PublicURL }, "https://shop.example/pay"},
		{"PUBLIC_URL=", func(c config) any { return c.PublicURL }, ""},
		{"LISTEN_ADDR=[::1]:0", func(c config) any { return c.ListenAddr }, "[::1]:0"},
		{"ADMIN_ADDR=localhost:65535", func(c config) any { return c.AdminAddr }, "localhost:65535"},
		{"API_AUTH=off", func(c config) any { return c.APIAuth }, onOff(false)},
		{
			"WEBHOOK_TOKENS=aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb", func(c config) any { return c.WebhookTokens },
			webhookTokens{newSecret("aaaaaaaaaaaaaaaa"), newSecret("bbbbbbbbbbbbbbbb")},
		},
		{
			"TRUSTED_PROXIES=10.1.2.3/8, 192.0.2.7,::ffff:192.0.2.8,2001:db8::1,2001:db8::/32",
			func(c config) any { return c.TrustedProxies },
			proxies{
				netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"),
				netip.MustParsePrefix("192.0.2.8/32"), netip.MustParsePrefix("2001:db8::1/128"),
				netip.MustParsePrefix("2001:db8::/32"),
			},
		},
		{"WEBHOOK_RATE=0", func(c config) any { return c.WebhookRate }, 0},
		{"POLL_MIN_AGE=0", func(c config) any { return c.PollMinAge }, time.Duration(0)},
		{"POLL_MIN_INTERVAL=6h", func(c config) any { return c.PollMinInterval }, 6 * time.Hour},
		{"POLL_MAX_INTERVAL=1m", func(c config) any { return c.PollMaxInterval }, time.Minute},
		{"POLL_GIVE_UP=0s", func(c config) any { return c.PollGiveUp }, time.Duration(0)},
		{"SWEEP_INTERVAL=0", func(c config) any { return c.SweepInterval }, time.Duration(0)},
		{"SWEEP_WINDOW=0", func(c config) any { return c.SweepWindow }, time.Duration(0)},
		{"RECHECK_SETTLED=1h, 2h", func(c config) any { return c.RecheckSettled }, ages{time.Hour, 2 * time.Hour}},
		{"RECHECK_SETTLED=0s", func(c config) any { return len(c.RecheckSettled) }, 0},
		{"RECHECK_SETTLED=", func(c config) any { return len(c.RecheckSettled) }, 0},
		{"GATEWAY_RPS=0.5", func(c config) any { return c.GatewayRPS }, 0.5},
		{"GATEWAY_CONCURRENCY=1", func(c config) any { return c.GatewayConcurrency }, 1},
		{"GATEWAY_TIMEOUT=5m", func(c config) any { return c.GatewayTimeout }, 5 * time.Minute},
		{"ALLOW_TEST_ORDERS=true", func(c config) any { return c.AllowTestOrders }, true},
		{"REQUIRE_REGISTRATION=1", func(c config) any { return c.RequireRegistration }, true},
		{"RETENTION_EVENTS=720h", func(c config) any { return c.RetentionEvents }, 720 * time.Hour},
		{"RETENTION_ORDERS=8760h", func(c config) any { return c.RetentionOrders }, 8760 * time.Hour},
		{"DB_MAX_CONNS=2", func(c config) any { return c.DBMaxConns }, int32(2)},
		{"DB_MAX_CONNS=", func(c config) any { return c.DBMaxConns }, int32(8)},
		{"MIGRATE=off", func(c config) any { return c.Migrate }, onOff(false)},
		{"SHUTDOWN_TIMEOUT=1ms", func(c config) any { return c.ShutdownTimeout }, time.Millisecond},
		{"LOG_LEVEL=DEBUG", func(c config) any { return c.LogLevel }, slog.LevelDebug},
		{"LOG_FORMAT=text", func(c config) any { return c.LogFormat }, "text"},
	} {
		t.Run(tt.set, func(t *testing.T) {
			if got := tt.got(mustLoad(t, tt.set)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestBadValues(t *testing.T) {
	for variable, values := range map[string][]string{
		"DATABASE_URL": {
			"", "hush", "postgres://u:hush/x@h/d", "postgres://u:hush@h:x/d", "host=h port=hush",
			"postgres://u:hush%zz@h/d", "mysql://u:hush@h/d?x=1", `"postgres://u:hush@h/d?sslmode=disable"`,
		},
		"NOPAYN_API_KEY":     {"", "hush key", "hush\n", "hush:", "hüsh-hush"},
		"NOPAYN_MERCHANT_ID": {"", "project 1", "project\t1"},
		"NOPAYN_BASE_URL": {
			"api.nopayn.co.uk", "//gw.example", "ftp://gw.example", "https://", "https://:443",
			"https://u:hush@gw.example", "https://gw.example?key=hush", "https://gw.example/#hush",
			"https://gw.example:70000", "https://gw.example:x", "https:gw.example", "https:///v1", "https//u:hush@gw",
		},
		"PUBLIC_URL":      {"/pay", "shop.example", "https://shop.example/?", "https://u:hush@shop.example", "%"},
		"LISTEN_ADDR":     {"8080", "localhost", ":http", ":70000", "a b:80", "http://h:80", ":-1", "u:hush@h:80"},
		"ADMIN_ADDR":      {"9090", ":", ":8080", "h/x:80"},
		"API_AUTH":        {"true", "ON", "no"},
		"WEBHOOK_TOKENS":  {"hush", "hush-hush-hush/1", "hush-hush-hush-1,", "hush-hush-hush-1,hush-hush-hush-1"},
		"TRUSTED_PROXIES": {"proxy", "10.0.0.0/33", "10.0.0.0/8,", "fe80::1%eth0", "::ffff:10.0.0.0/104", "10.0.0.0/"},
		"WEBHOOK_RATE":    {"-1", "1.5", "1000001", "many", "99999999999"},

		"POLL_MIN_AGE":      {"-1s", "10", "ten"},
		"POLL_MIN_INTERVAL": {"0", "-1m", "1", "1d"},
		"POLL_MAX_INTERVAL": {"0", "59s", "-1h", "6"},
		"POLL_GIVE_UP":      {"-1h", "14d"},
		"SWEEP_INTERVAL":    {"-1m", "10"},
		"SWEEP_WINDOW":      {"-1m", "2"},
		"RECHECK_SETTLED":   {"24h,24h", "48h,24h", "0,24h", "-1h", "24h,", ",", "1d"},

		"GATEWAY_RPS":          {"0", "-1", "NaN", "Inf", "10001", "fast"},
		"GATEWAY_CONCURRENCY":  {"0", "1001", "2.5"},
		"GATEWAY_TIMEOUT":      {"0", "-1s", "5m1s", "10"},
		"ALLOW_TEST_ORDERS":    {"yes", "on", "2"},
		"REQUIRE_REGISTRATION": {"yes", "off"},
		"RETENTION_EVENTS":     {"-1h", "30", "30d"},
		"RETENTION_ORDERS":     {"-1h", "30"},
		"DB_MAX_CONNS":         {"1", "0", "-4", "10001", "x"},
		"MIGRATE":              {"false", "Off"},
		"SHUTDOWN_TIMEOUT":     {"0", "-1s", "25"},
		"LOG_LEVEL":            {"loud", "warning", "7"},
		"LOG_FORMAT":           {"JSON", "xml"},
	} {
		for _, value := range values {
			t.Run(variable+"="+value, func(t *testing.T) {
				problems := mustRefuse(t, variable+"="+value)
				if len(problems) != 1 || !strings.HasPrefix(problems[0], variable+": ") ||
					!strings.Contains(problems[0], "; expected ") {
					t.Errorf("problems %q, want one: %s: ...; expected ...", problems, variable)
				}
			})
		}
	}
}

func TestProblemsAreReadable(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, tt := range []struct{ set, want string }{
		{"DATABASE_URL", "DATABASE_URL: is not set; expected a Postgres URL (postgres://...) or keyword=value string"},
		{"POLL_MIN_AGE=ten", `POLL_MIN_AGE: "ten" cannot be used; expected a duration of 0 or more, such as 10m`},
		{"MIGRATE=false", `MIGRATE: "false" is neither on nor off; expected on or off`},
		{"LOG_FORMAT=" + long, `LOG_FORMAT: "` + long[:60] + `"... cannot be used; expected json or text`},
		{
			"LOG_FORMAT=" + testDSN,
			"LOG_FORMAT: the value (not shown, since it may hold a password) cannot be used; expected json or text",
		},
		{"RECHECK_SETTLED=48h,24h", `RECHECK_SETTLED: "24h" is not longer than what stands before it; ` +
			"expected ascending durations separated by commas, such as 24h,168h,720h, or 0 for off"},
	} {
		if problems := mustRefuse(t, tt.set); !slices.Equal(problems, []string{tt.want}) {
			t.Errorf("with %s: %q\nwant %q", tt.set, problems, tt.want)
		}
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	problems := mustRefuse(t, "DATABASE_URL", "NOPAYN_API_KEY=hush hush", "API_KEYS=shop:admin:"+testAPI,
		"POLL_MIN_INTERVAL=soon", "DB_MAX_CONNS=1", "LOG_LEVEL_FILE=/nowhere/level", "MIGRATE=maybe")
	var named []string
	for _, p := range problems {
		name, _, _ := strings.Cut(p, ":")
		named = append(named, name)
	}
	want := []string{
		"DATABASE_URL", "NOPAYN_API_KEY", "API_KEYS", "POLL_MIN_INTERVAL", "DB_MAX_CONNS", "MIGRATE",
		"LOG_LEVEL_FILE",
	}
	if !slices.Equal(named, want) {
		t.Errorf("problems with %v, want %v:\n%s", named, want, strings.Join(problems, "\n"))
	}
}

func TestAPIKeys(t *testing.T) {
	const a, b = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"
	for _, tt := range []struct{ text, want string }{
		{"shop:read:" + a, "shop:read:[set]"},
		{"shop:write:" + a, "shop:read+write:[set]"},
		{"shop:money:" + a, "shop:read+money:[set]"},
		{"shop:money+write:" + a, "shop:read+write+money:[set]"},
		{"shop:read+read:" + a, "shop:read:[set]"},
		{"s-1_A:read:" + a + ", ops:money:" + b, "s-1_A:read:[set],ops:read+money:[set]"},
		{strings.Repeat("n", 64) + ":read:" + a, strings.Repeat("n", 64) + ":read:[set]"},
	} {
		c := mustLoad(t, "API_KEYS="+tt.text)
		if got := c.APIKeys.mask(); got != tt.want {
			t.Errorf("API_KEYS=%s: %s, want %s", tt.text, got, tt.want)
		}
	}
	if got := mustLoad(t, "API_KEYS=s:read::a:b:"+a+":").APIKeys[0].Secret.reveal(); got != ":a:b:"+a+":" {
		t.Errorf("secret with colons read as %q", got)
	}
}

func TestBadAPIKeys(t *testing.T) {
	const good = "ops:read:hush-hush-hush-1"
	for text, want := range map[string]string{
		"":                                   "is not set",
		",":                                  "entry 1 is empty",
		good + ",":                           "entry 2 is empty",
		"hush-hush-hush-1":                   "entry 1 has no three parts",
		"shop:hush-hush-hush-1":              "entry 1 has no three parts",
		":read:hush-hush-hush-1":             "entry 1 has a name",
		"a b:read:hush-hush-hush-1":          "entry 1 has a name",
		strings.Repeat("n", 65) + ":read:x":  "entry 1 has a name",
		"hush-hush-hush-1:read:shop":         "entry 1 has a secret shorter than 16 characters",
		"shop::hush-hush-hush-1":             "entry 1 has a scope",
		"shop:Read:hush-hush-hush-1":         "entry 1 has a scope",
		"shop:read+hush:hush-hush-hush-1":    "entry 1 has a scope",
		"shop:read+:hush-hush-hush-1":        "entry 1 has a scope",
		"shop:read:hush-hush-hush-":          "entry 1 has a secret shorter than 16 characters",
		"shop:read:hush hush hush-1":         "entry 1 has a secret with a space",
		"shop:read:hush-hush-hush-ü":         "entry 1 has a secret with a space",
		good + ",ops:read:hush-hush-hush-2":  "entry 2 has the name of entry 1",
		good + ",shop:read:hush-hush-hush-1": "entry 2 has the secret of entry 1",
	} {
		problems := mustRefuse(t, "API_KEYS="+text)
		if len(problems) != 1 || !strings.HasPrefix(problems[0], "API_KEYS: "+want) {
			t.Errorf("API_KEYS=%s: %q, want %q", text, problems, want)
		}
	}
}

func TestNoKeyIsFineOnlyWithoutAuth(t *testing.T) {
	mustRefuse(t, "API_KEYS")
	if c := mustLoad(t, "API_KEYS", "API_AUTH=off"); len(c.APIKeys) != 0 || bool(c.APIAuth) {
		t.Errorf("keys %v, auth %v; want none, off", c.APIKeys, c.APIAuth)
	}
}

// The configuration library takes names that begin with a number for elements of a list of structs.
func TestForeignVariablesAddNoKey(t *testing.T) {
	c := mustLoad(t, "0_NAME=x", "0_=x", "1_SECRET=y", "2_=z")
	if len(c.APIKeys) != 1 || len(c.WebhookTokens) != 1 || len(c.TrustedProxies) != 0 {
		t.Errorf("keys %v, tokens %v, proxies %v; want 1, 1, 0", c.APIKeys, c.WebhookTokens, c.TrustedProxies)
	}
}

func TestTheProcessEnvironmentIsNotRead(t *testing.T) {
	t.Setenv("POLL_MIN_AGE", "99h")
	t.Setenv("POLL_TYPO", "1")
	c := mustLoad(t)
	if c.PollMinAge != 10*time.Minute || len(c.warnings()) != 0 {
		t.Errorf("POLL_MIN_AGE %v, warnings %q; want 10m and none", c.PollMinAge, c.warnings())
	}
}

func TestValuesFromFiles(t *testing.T) {
	dir := t.TempDir()
	var changes []string
	for name, content := range map[string]string{
		"DATABASE_URL":   testDSN + "\n",
		"NOPAYN_API_KEY": testKey + "\r\n",
		"API_KEYS":       "shop:read:" + testAPI + ",\nops:money:hush-hush-hush-2\n",
		"WEBHOOK_TOKENS": testToken,
		"LOG_LEVEL":      "warn\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		changes = append(changes, name+"=", name+"_FILE="+path) // empty counts as not set
	}
	c := mustLoad(t, changes...)
	if c.DatabaseURL.reveal() != testDSN || c.NopaynAPIKey.reveal() != testKey || c.LogLevel != slog.LevelWarn ||
		c.WebhookTokens[0].reveal() != testToken || c.APIKeys.mask() != "shop:read:[set],ops:read+money:[set]" {
		t.Errorf("loadConfig = %+v, want the content of the files", c)
	}
	for _, s := range c.rows() {
		if inFile := slices.Contains(changes, s.Variable+"="); inFile != (s.From == fromFile) {
			t.Errorf("%s comes from %s", s.Variable, s.From)
		}
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	empty, large, good := filepath.Join(dir, "empty"), filepath.Join(dir, "large"), filepath.Join(dir, "good")
	for path, content := range map[string]string{
		empty: "\n", large: strings.Repeat("hush", maxValueFile/4) + "\n", good: testToken,
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		changes []string
		want    string
	}{
		{
			[]string{"API_KEYS", "API_KEYS_FILE=" + dir + "/none"},
			fmt.Sprintf("API_KEYS_FILE: cannot read %q: no such file or directory; expected", dir+"/none"),
		},
		{
			[]string{"DATABASE_URL", "DATABASE_URL_FILE=" + dir},
			fmt.Sprintf("DATABASE_URL_FILE: cannot read %q: is a directory; expected", dir),
		},
		{
			[]string{"API_KEYS", "API_KEYS_FILE=" + empty},
			fmt.Sprintf("API_KEYS_FILE: cannot read %q: it is empty; expected", empty),
		},
		{
			[]string{"WEBHOOK_TOKENS", "WEBHOOK_TOKENS_FILE=" + large},
			fmt.Sprintf("WEBHOOK_TOKENS_FILE: cannot read %q: it is larger than 65536 bytes; expected", large),
		},
		{[]string{"API_KEYS", "API_KEYS_FILE=shop:read:" + testAPI}, "API_KEYS_FILE: cannot read the file it names"},
		{[]string{"WEBHOOK_TOKENS_FILE=" + good}, "WEBHOOK_TOKENS: is set, and so is WEBHOOK_TOKENS_FILE; expected"},
	} {
		problems := mustRefuse(t, tt.changes...)
		if len(problems) != 1 || !strings.HasPrefix(problems[0], tt.want) {
			t.Errorf("with %q: %q\nwant %q", tt.changes, problems, tt.want)
		}
	}
}

func TestNothingShowsASecret(t *testing.T) {
	c := mustLoad(t, "API_KEYS=shop:read:"+testAPI+",ops:money:hush-hush-hush-2")
	shown := map[string]string{"warnings": fmt.Sprint(c.warnings()), "rows": fmt.Sprint(c.rows())}
	hidden := struct{ inner config }{c} // fmt calls no method behind an unexported field
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		shown[verb] = fmt.Sprintf(verb+verb+verb, c, &c, c.APIKeys) + fmt.Sprintf(verb, c.NopaynAPIKey)
		shown["behind a field "+verb] = fmt.Sprintf(verb, hidden)
	}
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	shown["json"] = string(encoded)
	var text, jsonLog, table bytes.Buffer
	for _, log := range []*slog.Logger{
		slog.New(slog.NewTextHandler(&text, nil)), slog.New(slog.NewJSONHandler(&jsonLog, nil)),
	} {
		log.Info("starting", "config", c, "pointer", &c, "key", c.NopaynAPIKey, "keys", c.APIKeys, "hidden", hidden)
	}
	if err := c.print(&table); err != nil {
		t.Fatal(err)
	}
	shown["text log"], shown["json log"], shown["print"] = text.String(), jsonLog.String(), table.String()

	for where, output := range shown {
		for _, bad := range []string{"hush", fmt.Sprintf("%x", "hush"), fmt.Sprintf("%X", "hush"), "104 117 115 104"} {
			if strings.Contains(output, bad) {
				t.Errorf("%s shows a secret: %s", where, output)
			}
		}
	}
	for _, where := range []string{"json", "text log", "json log", "print", "%v", "rows"} {
		if !strings.Contains(shown[where], "[set]") || !strings.Contains(shown[where], "project-1") {
			t.Errorf("%s does not show what may be shown: %s", where, shown[where])
		}
	}
}

func TestPrint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(testKey), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	c := mustLoad(t, "NOPAYN_API_KEY", "NOPAYN_API_KEY_FILE="+path, "API_KEYS=shop:write:"+testAPI)
	if err := c.print(&out); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	for i, want := range map[int]string{
		0: "VARIABLE VALUE FROM",
		1: "DATABASE_URL [set] environment",
		2: "NOPAYN_API_KEY [set] file",
		5: "PUBLIC_URL - default",
		8: "API_KEYS shop:read+write:[set] environment",
	} {
		if got[i] != want {
			t.Errorf("line %d = %q, want %q", i, got[i], want)
		}
	}
	if err := c.print(brokenWriter{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("print to a broken writer: %v, want its error", err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWarnings(t *testing.T) {
	const open = "API_AUTH=off: whoever reaches LISTEN_ADDR can read every order and move money"
	misspelt := func(name string) string {
		return name + " is set, but webhookd knows no such variable: is it misspelt?"
	}
	for _, tt := range []struct {
		changes []string
		want    []string
	}{
		{nil, nil},
		{[]string{"API_AUTH=off"}, []string{open, "API_KEYS is set but not used, because of API_AUTH=off"}},
		{[]string{"API_AUTH=off", "API_KEYS"}, []string{open}},
		{[]string{"WEBHOOK_TOKENS"}, []string{"WEBHOOK_TOKENS is not set: anybody can post webhooks, which changes " +
			"no order but uses up calls to the gateway"}},
		{
			[]string{"NOPAYN_BASE_URL=http://gw.example/v1"},
			[]string{"NOPAYN_BASE_URL is plain http: the API key crosses the network unencrypted"},
		},
		{[]string{"NOPAYN_BASE_URL=http://127.0.0.2:81", "PUBLIC_URL=http://localhost:80"}, nil},
		{[]string{"NOPAYN_BASE_URL=http://[::1]:81", "PUBLIC_URL=https://shop.example"}, nil},
		{
			[]string{"PUBLIC_URL=http://10.0.0.1"},
			[]string{"PUBLIC_URL is plain http: webhooks and their token cross the network unencrypted"},
		},
		{[]string{"TRUSTED_PROXIES=10.0.0.0/8,::/0"}, []string{"TRUSTED_PROXIES holds a range of all addresses: " +
			"clients can choose the address they are counted by"}},
		{[]string{"SWEEP_WINDOW=5m"}, []string{"SWEEP_WINDOW is shorter than SWEEP_INTERVAL: orders created " +
			"between two sweeps can be missed"}},
		{[]string{"SWEEP_WINDOW=0"}, nil},
		{
			[]string{"ALLOW_TEST_ORDERS=true"},
			[]string{"ALLOW_TEST_ORDERS=true: test orders, for which nobody paid, can be fulfillable"},
		},
		{
			[]string{
				"POLL_MINAGE=1m", "NOPAYN_KEY=hush", "GATEWAY_TIMOUT=1s", "WEBHOOK_TOKEN=hush", "SWEEP_X=1",
				"RETENTION_DAYS=3",
			},
			[]string{
				misspelt("GATEWAY_TIMOUT"), misspelt("NOPAYN_KEY"), misspelt("POLL_MINAGE"),
				misspelt("RETENTION_DAYS"), misspelt("SWEEP_X"), misspelt("WEBHOOK_TOKEN"),
			},
		},
		// Somebody else's: another prefix, and what Kubernetes sets for Services called gateway and webhook-shop.
		{[]string{
			"POLLUTION=1", "WEBHOOKD_X=1", "GATEWAY_SERVICE_HOST=10.0.0.1", "GATEWAY_SERVICE_PORT=80",
			"GATEWAY_SERVICE_PORT_HTTP=80", "GATEWAY_PORT=tcp://10.0.0.1:80", "GATEWAY_PORT_80_TCP=x",
			"WEBHOOK_SHOP_PORT_80_TCP_ADDR=10.0.0.1",
		}, nil},
	} {
		if got := mustLoad(t, tt.changes...).warnings(); !slices.Equal(got, tt.want) {
			t.Errorf("with %q: warnings %q\nwant %q", tt.changes, got, tt.want)
		}
	}
}
