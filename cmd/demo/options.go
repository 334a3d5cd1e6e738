package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// options are the flags.
type options struct {
	once  bool   // tell the story and stop
	quiet bool   // the logs go to a file
	dir   string // keeps the database; empty means the usual folder, or with once none at all
}

// parseOptions reads the flags. If help is asked for it is written to stderr, and the error is [flag.ErrHelp].
func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.once, "once", false,
		"order, pay, lose a webhook, check what webhookd makes of it, and stop; on free ports and a throw-away database")
	flags.BoolVar(&o.quiet, "quiet", false, "write the logs to a file")
	flags.StringVar(&o.dir, "dir", "", "`folder` that keeps the database (default: webhookd-demo in the user's cache)")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stderr)
		flags.Usage()
		return options{}, err
	case err != nil:
		return options{}, err
	case flags.NArg() > 0:
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.once && o.dir != "":
		return options{}, errors.New("-once keeps nothing, so it goes without -dir")
	}
	return o, nil
}
