package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"time"

	"webhookd/internal/sandbox"
	"webhookd/internal/sandbox/control"
)

// options are the command line.
type options struct {
	listen       string
	key          string
	webhookURL   string
	publicURL    string
	allowPublic  bool
	allowRealKey bool
	verbose      bool

	production        bool
	clockSpeed        float64
	seed              uint64
	strict200         bool
	transactionEvents bool
	webhookAttempts   int
	webhookInterval   time.Duration
	refundAnswer      string
	captureAnswer     string
	refundDelay       time.Duration
	severalCaptures   bool
	faults            []control.Fault
	script            string // file
}

// flags declares the command line.
func (o *options) flags() *flag.FlagSet {
	f := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.listen, "listen", "127.0.0.1:8090", "`address` to listen on; port 0 takes a free one")
	f.StringVar(&o.key, "key", sandbox.DefaultAPIKey, "API `key` that shops must send")
	f.StringVar(&o.webhookURL, "webhook-url", "", "`URL` for the webhooks of orders that name none")
	f.StringVar(&o.publicURL, "public-url", "", "`URL` that payment links begin with (default: the listening address)")
	f.BoolVar(&o.allowPublic, "allow-public", false, "allow addresses that others can reach")
	f.BoolVar(&o.allowRealKey, "allow-real-key", false, "allow a key that looks like one that charges cards")
	f.BoolVar(&o.verbose, "v", false, "log every order that changes")
	f.BoolVar(&o.production, "production", false, "behave as for a production website: test cards are declined")
	f.Float64Var(&o.clockSpeed, "clock-speed", 1, "how many seconds of the gateway's clock pass in a `real` one; 0 stops it")
	f.Uint64Var(&o.seed, "seed", 0, "`number` that the chance of faults begins with (default: a random one)")
	f.BoolVar(&o.strict200, "strict-200", false, "only status 200 acknowledges a webhook, in the place of any 2xx")
	f.BoolVar(&o.transactionEvents, "transaction-events", false, "send the webhook transaction_status_changed too")
	f.IntVar(&o.webhookAttempts, "webhook-attempts", 11, "how `often` a webhook is tried")
	f.DurationVar(&o.webhookInterval, "webhook-interval", 2*time.Minute, "`time` between two attempts, by that clock")
	f.StringVar(&o.refundAnswer, "refund-answer", string(sandbox.AnswerRefundOrder),
		"`shape` of the answer to a refund: "+words(sandbox.RefundAnswers()))
	f.StringVar(&o.captureAnswer, "capture-answer", string(sandbox.AnswerOrder),
		"`shape` of the answer to a capture or void: "+words(sandbox.CaptureAnswers()))
	f.DurationVar(&o.refundDelay, "refund-delay", 0, "`time` that a refund is under way, by that clock; 0 completes it at once")
	f.BoolVar(&o.severalCaptures, "several-captures", false, "leave what a capture does not take reserved, for further ones")
	f.Func("fault", "break something from the start, as kind=status,on=get,percent=30; may be repeated", o.addFault)
	f.StringVar(&o.script, "script", "", "`file` with a script of faults, webhooks and movements of the clock")
	return f
}

func (o *options) addFault(short string) error {
	fault, err := control.ParseFault(short)
	o.faults = append(o.faults, fault)
	return err
}

// words lists what a flag may be.
func words[T ~string](all []T) string {
	text := ""
	for i, w := range all {
		if i > 0 {
			text += ", "
		}
		text += string(w)
	}
	return text
}

// parse reads and checks the command line, and reports all its mistakes at once.
func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := o.flags()
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			f.SetOutput(stderr)
			f.Usage()
		}
		return options{}, fmt.Errorf("%w: %w", errMisuse, err)
	}
	if err := errors.Join(o.check(), noArguments(f)); err != nil {
		return options{}, fmt.Errorf("%w: %w", errMisuse, err)
	}
	return o, nil
}

func noArguments(f *flag.FlagSet) error {
	if f.NArg() == 0 {
		return nil
	}
	return fmt.Errorf("unexpected argument %q", f.Arg(0))
}

func (o options) check() error {
	var wrong []error
	if o.key == "" {
		wrong = append(wrong, errors.New("-key must not be empty"))
	}
	if sandbox.LooksReal(o.key) && !o.allowRealKey {
		wrong = append(wrong, errors.New("-key looks real: make one up, or say -allow-real-key too"))
	}
	wrong = append(wrong, o.checkListen(), o.checkPublicURL())
	if o.webhookURL != "" && !webURL(o.webhookURL) {
		wrong = append(wrong, errors.New("-webhook-url must begin with http:// or https://"))
	}
	if o.clockSpeed < 0 || o.clockSpeed > sandbox.MaxSpeed {
		wrong = append(wrong, fmt.Errorf("-clock-speed must be from 0 to %d", sandbox.MaxSpeed))
	}
	if o.webhookAttempts < 1 {
		wrong = append(wrong, errors.New("-webhook-attempts must be at least 1"))
	}
	if o.webhookInterval <= 0 {
		wrong = append(wrong, errors.New("-webhook-interval must be longer than nothing"))
	}
	if !slices.Contains(sandbox.RefundAnswers(), sandbox.RefundAnswer(o.refundAnswer)) {
		wrong = append(wrong, errors.New("-refund-answer must be one of "+words(sandbox.RefundAnswers())))
	}
	if !slices.Contains(sandbox.CaptureAnswers(), sandbox.CaptureAnswer(o.captureAnswer)) {
		wrong = append(wrong, errors.New("-capture-answer must be one of "+words(sandbox.CaptureAnswers())))
	}
	return errors.Join(wrong...)
}

func (o options) checkListen() error {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	if !o.allowPublic && !loopback(host) {
		return fmt.Errorf("-listen %s can be reached by others: say -allow-public too", o.listen)
	}
	return nil
}

func (o options) checkPublicURL() error {
	if o.publicURL == "" {
		return nil
	}
	u, err := url.Parse(o.publicURL)
	if err != nil || !webURL(o.publicURL) {
		return errors.New("-public-url must begin with http:// or https://")
	}
	if !o.allowPublic && !loopback(u.Hostname()) {
		return fmt.Errorf("-public-url %s can be reached by others: say -allow-public too", o.publicURL)
	}
	return nil
}

// loopback reports whether only this machine reaches host.
func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
