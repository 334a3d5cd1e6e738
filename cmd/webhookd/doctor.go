package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// askTimeout bounds each question of the doctor's.
const askTimeout = 5 * time.Second

// verdict is what the doctor thinks of one thing.
type verdict string

const (
	verdictOK   verdict = "ok"
	verdictInfo verdict = "info" // good to know, or not looked at
	verdictWarn verdict = "warn" // it works, but not as well as it could
	verdictFail verdict = "fail" // the service cannot do its work
)

// finding is what came of one check. None holds a secret.
type finding struct {
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	Found   string  `json:"found"`
	Advice  string  `json:"advice,omitempty"` // what to do; empty where there is nothing to do
}

// print writes the finding for people.
func (f finding) print(w io.Writer) {
	fmt.Fprintf(w, "%-5s %-21s %s\n", f.Verdict, f.Check, f.Found)
	if f.Advice != "" {
		fmt.Fprintf(w, "%-27s -> %s\n", "", f.Advice)
	}
}

type doctorCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run looks at all that the service needs, one thing after another, and fails if anything is bad enough that the
// service cannot do its work. It changes nothing.
func (c doctorCommand) Run(w *world) error {
	d := &doctor{world: w}
	if !c.JSON {
		d.show = w.stdout
	}
	d.checkConfig()
	d.checkDatabase()
	d.checkGateway()
	d.checkWebhookAddress()
	d.checkInstance()
	if c.JSON {
		if err := printJSON(w.stdout, d.findings); err != nil {
			return err
		}
	}
	failed := 0
	for _, f := range d.findings {
		if f.Verdict == verdictFail {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("doctor: %d of %d findings are failures", failed, len(d.findings))
	}
	return nil
}

// doctor collects findings.
type doctor struct {
	*world
	show     io.Writer // where each is shown as it is made; nil for nowhere
	findings []finding
}

func (d *doctor) report(check string, v verdict, found, advice string) {
	f := finding{Check: check, Verdict: v, Found: oneLine(found), Advice: advice}
	d.findings = append(d.findings, f)
	if d.show != nil {
		f.print(d.show)
	}
}

// checkConfig reports every problem of the configuration, or everything that is risky about it.
func (d *doctor) checkConfig() {
	const check = "configuration"
	conf, err := loadConfig(d.environ)
	if wrong, ok := errors.AsType[configError](err); ok {
		for _, problem := range wrong.problems {
			d.report(check, verdictFail, problem, "see Configuration in the README")
		}
		return
	}
	if err != nil {
		d.report(check, verdictFail, err.Error(), "")
		return
	}
	d.report(check, verdictOK, "all variables can be used", "")
	for _, warning := range conf.warnings() {
		d.report(check, verdictWarn, warning, "see Configuration in the README")
	}
}

// config returns the configuration if the variables named are good. Otherwise the checks are not made.
func (d *doctor) config(checks []string, needed ...string) (config, bool) {
	conf, err := loadConfig(d.environ, needed...)
	if err != nil {
		d.skip(checks, strings.Join(needed, ", ")+" must be right first")
	}
	return conf, err == nil
}

// skip reports checks that are not made.
func (d *doctor) skip(checks []string, why string) {
	for _, check := range checks {
		d.report(check, verdictInfo, "not looked at: "+why, "")
	}
}

// bounded gives a question its time.
func (d *doctor) bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(d.ctx, askTimeout)
}

// checkInstance asks the service that runs here, if one does.
func (d *doctor) checkInstance() {
	const check = "instance"
	conf, ok := d.config([]string{check}, "ADMIN_ADDR", "LISTEN_ADDR")
	if !ok {
		return
	}
	ctx, cancel := d.bounded()
	defer cancel()
	ready, report, err := askReady(ctx, conf.AdminAddr)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		d.report(check, verdictFail, "the one at ADMIN_ADDR "+conf.AdminAddr+" does not answer",
			"see its log, and restart it")
	case err != nil:
		d.report(check, verdictInfo, "none runs on this machine at ADMIN_ADDR "+conf.AdminAddr, "")
	case !ready:
		d.report(check, verdictFail, "not ready: "+strings.Join(strings.Fields(report), " "),
			"see its log; the checks above may say why")
	default:
		d.report(check, verdictOK, "the one at ADMIN_ADDR "+conf.AdminAddr+" is ready", "")
	}
}

// skew is how far another clock is ahead of this machine's, given what it said between two moments here.
func skew(theirs, before, after time.Time) time.Duration {
	return theirs.Sub(before.Add(after.Sub(before) / 2))
}

// checkClock reports a clock that differs by more than limit.
func (d *doctor) checkClock(check string, ahead, limit time.Duration, advice string) {
	v, found := verdictOK, "agrees with this machine's"
	switch {
	case ahead.Abs() <= limit:
		advice = ""
	case ahead > 0:
		v, found = verdictWarn, ahead.Round(time.Second).String()+" ahead of this machine's"
	default:
		v, found = verdictWarn, (-ahead).Round(time.Second).String()+" behind this machine's"
	}
	d.report(check, v, found, advice)
}
