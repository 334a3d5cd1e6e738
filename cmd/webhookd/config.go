package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// config is the service's whole configuration, one field a variable, in the order of the documentation.
// Printing it in any way shows no secret.
type config struct {
	DatabaseURL      secret `env:"DATABASE_URL"`
	NopaynAPIKey     secret `env:"NOPAYN_API_KEY"`
	NopaynMerchantID string `env:"NOPAYN_MERCHANT_ID"`
	NopaynBaseURL    string `env:"NOPAYN_BASE_URL" envDefault:"https://api.nopayn.co.uk"` // no /v1, no final slash
	PublicURL        string `env:"PUBLIC_URL"`                                            // no final slash; empty = none
	ListenAddr       string `env:"LISTEN_ADDR" envDefault:":8080"`
	AdminAddr        string `env:"ADMIN_ADDR" envDefault:":9090"`

	APIKeys        apiKeys       `env:"API_KEYS"`
	APIAuth        onOff         `env:"API_AUTH" envDefault:"on"` // off: APIKeys is to be ignored
	WebhookTokens  webhookTokens `env:"WEBHOOK_TOKENS"`
	TrustedProxies proxies       `env:"TRUSTED_PROXIES"`
	WebhookRate    int           `env:"WEBHOOK_RATE" envDefault:"100"` // a source and second; 0 = no limit

	PollMinAge      time.Duration `env:"POLL_MIN_AGE" envDefault:"10m"`
	PollMinInterval time.Duration `env:"POLL_MIN_INTERVAL" envDefault:"1m"`
	PollMaxInterval time.Duration `env:"POLL_MAX_INTERVAL" envDefault:"6h"`
	PollGiveUp      time.Duration `env:"POLL_GIVE_UP" envDefault:"336h"`                         // 0 = never
	SweepInterval   time.Duration `env:"SWEEP_INTERVAL" envDefault:"10m"`                        // 0 = off
	SweepWindow     time.Duration `env:"SWEEP_WINDOW" envDefault:"2h"`                           // 0 = off
	RecheckSettled  ages          `env:"RECHECK_SETTLED" envDefault:"24h,168h,720h" emptyIs:"0"` // empty = off

	GatewayRPS         float64       `env:"GATEWAY_RPS" envDefault:"50"` // calls a second; 0.5 = one in two seconds
	GatewayConcurrency int           `env:"GATEWAY_CONCURRENCY" envDefault:"32"`
	GatewayTimeout     time.Duration `env:"GATEWAY_TIMEOUT" envDefault:"10s"`

	AllowTestOrders     bool          `env:"ALLOW_TEST_ORDERS" envDefault:"false"`
	RequireRegistration bool          `env:"REQUIRE_REGISTRATION" envDefault:"false"`
	RetentionEvents     time.Duration `env:"RETENTION_EVENTS" envDefault:"0"` // 0 = kept
	RetentionOrders     time.Duration `env:"RETENTION_ORDERS" envDefault:"0"` // 0 = kept

	DBMaxConns      int32         `env:"DB_MAX_CONNS" envDefault:"8"`
	Migrate         onOff         `env:"MIGRATE" envDefault:"on"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"25s"`
	LogLevel        slog.Level    `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat       string        `env:"LOG_FORMAT" envDefault:"json"` // json or text

	settings []setting // what rows returns
	unknown  []string  // names that look like misspelt variables
}

// configError is everything that is wrong with a configuration: wrong use, exit status 2.
type configError struct {
	problems []string // each names its variable, what is wrong and what is expected; none holds a secret
}

// Error returns one problem a line.
func (e configError) Error() string { return strings.Join(e.problems, "\n") }

// loadConfig reads the configuration from an environment in the form of [os.Environ], and from the files that its
// *_FILE variables name. All that is wrong is reported at once, as a configError. A command that needs some variables
// only names them, and is then not troubled by what is wrong with others.
func loadConfig(environ []string, needed ...string) (config, error) {
	environment := env.ToMap(environ)
	readings := lookUp(environment)
	var c config
	misread, err := c.parse(readings)
	if err != nil {
		return config{}, err
	}
	var problems []string
	for _, check := range c.checks() {
		if len(needed) > 0 && !slices.Contains(needed, check.variable) {
			continue
		}
		r := readings[check.variable]
		switch wrong := misread[check.variable]; {
		case r.problem != "":
			problems = append(problems, r.problem)
		case wrong != "":
			problems = append(problems, check.problem(wrong))
		case !check.ok:
			problems = append(problems, check.problem(r.misfit()))
		}
	}
	if len(problems) > 0 {
		return config{}, configError{problems}
	}
	c.NopaynBaseURL = withoutVersion(c.NopaynBaseURL)
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	c.settings = c.describe(readings)
	c.unknown = unknownNames(environment)
	return c, nil
}

// parse fills c. It returns what is wrong with each variable that it could not understand, by name.
func (c *config) parse(readings map[string]reading) (map[string]string, error) {
	// Our variables and no others: for a list of structs the library takes a name such as 0_X for an element, and
	// would add an empty key to the list.
	texts := map[string]string{}
	names := map[string]string{} // by field, as the library's errors name the field
	for name, r := range readings {
		names[r.field] = name
		if r.text != "" {
			texts[name] = r.text
		}
	}
	err := env.ParseWithOptions(c, env.Options{Environment: texts})
	all, ok := errors.AsType[env.AggregateError](err)
	if err != nil && !ok {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	misread := map[string]string{}
	for _, err := range all.Errors {
		bad, ok := errors.AsType[env.ParseError](err)
		if !ok {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		name := names[bad.Name]
		misread[name] = readings[name].misfit()
		if why, ok := errors.AsType[reason](bad.Err); ok {
			misread[name] = why.Error()
		}
	}
	return misread, nil
}
