package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// maxValueFile bounds what is read from the file that a NAME_FILE variable names, in bytes.
const maxValueFile = 64 << 10

// source says where a variable's value comes from.
type source string

const (
	fromDefault     source = "default"
	fromEnvironment source = "environment"
	fromFile        source = "file"
)

// variable is one of the service's environment variables, as the tags of a [config] field declare it.
type variable struct {
	name      string
	field     string // of config
	index     []int  // of the field
	byDefault string
	emptyIs   string // the value that NAME= stands for; the default where it is empty
	isSecret  bool
}

// masker is a type of value that is never shown: its mask stands in for it.
type masker interface{ mask() string }

// variables yields every variable in the order of the fields, which is that of the documentation.
func variables() iter.Seq[variable] {
	return func(yield func(variable) bool) {
		for field := range reflect.TypeFor[config]().Fields() {
			name, tagged := field.Tag.Lookup("env")
			if !tagged {
				continue
			}
			v := variable{
				name:      name,
				field:     field.Name,
				index:     field.Index,
				byDefault: field.Tag.Get("envDefault"),
				emptyIs:   field.Tag.Get("emptyIs"),
				isSecret:  field.Type.Implements(reflect.TypeFor[masker]()),
			}
			if !yield(v) {
				return
			}
		}
	}
}

// reading is the text that was found for one variable, not yet understood.
type reading struct {
	variable
	text    string
	from    source
	problem string // a whole line about why there is no text; never the text itself
}

// misfit says what is wrong with the text where no more is known than that it does not fit.
func (r reading) misfit() string {
	switch {
	case r.text == "":
		return "is not set"
	case r.isSecret:
		return "its value cannot be used"
	}
	return quoted(r.text) + " cannot be used"
}

// lookUp finds the text of every variable, by name. A variable that is set but empty counts as not set, because
// compose files and charts pass on what they do not know in that way.
func lookUp(environment map[string]string) map[string]reading {
	readings := map[string]reading{}
	for v := range variables() {
		readings[v.name] = v.lookUp(environment)
	}
	return readings
}

func (v variable) lookUp(environment map[string]string) reading {
	text, isSet := environment[v.name]
	path := environment[v.name+"_FILE"]
	switch {
	case text != "" && path != "":
		both := fmt.Sprintf("%s: is set, and so is %s_FILE; expected one of the two", v.name, v.name)
		return reading{variable: v, problem: both}
	case path != "":
		text, err := readValueFile(path)
		if err != nil {
			unread := fmt.Sprintf("%s_FILE: %v; expected the path of a file that holds %s", v.name, err, v.name)
			return reading{variable: v, problem: unread}
		}
		return reading{variable: v, text: text, from: fromFile}
	case text != "":
		return reading{variable: v, text: text, from: fromEnvironment}
	case isSet && v.emptyIs != "":
		return reading{variable: v, text: v.emptyIs, from: fromEnvironment}
	}
	return reading{variable: v, text: v.byDefault, from: fromDefault}
}

// readValueFile returns the content of a file without the line ends at its end. Its errors hold no content.
func readValueFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fileError(path, err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxValueFile+1))
	if err != nil {
		return "", fileError(path, err)
	}
	text := strings.TrimRight(string(content), "\r\n")
	switch {
	case len(content) > maxValueFile:
		return "", fileError(path, reason(fmt.Sprintf("it is larger than %d bytes", maxValueFile)))
	case text == "":
		return "", fileError(path, reason("it is empty"))
	}
	return text, nil
}

// fileError names the path, unless it does not look like one: then it may be the value itself, given under the wrong
// name.
func fileError(path string, err error) error {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err // the outer one holds the path
	}
	if !filepath.IsAbs(path) && !strings.HasPrefix(path, ".") {
		return fmt.Errorf("cannot read the file it names (not shown, as it begins with neither / nor .): %w", err)
	}
	return fmt.Errorf("cannot read %q: %w", path, err)
}

// unknownNames returns, sorted, the names that look like a misspelling of ours: they begin as ours do and are none.
// Other names belong to somebody else, since an environment is shared.
func unknownNames(environment map[string]string) []string {
	known := map[string]bool{}
	for v := range variables() {
		known[v.name] = true
		known[v.name+"_FILE"] = true
	}
	// Kubernetes sets these for every Service of the namespace, and one may well be called "gateway".
	serviceLink := regexp.MustCompile(`_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$`)
	ours := regexp.MustCompile(`^(WEBHOOK|POLL|SWEEP|GATEWAY|NOPAYN|RETENTION)_`)
	var unknown []string
	for name := range environment {
		if ours.MatchString(name) && !known[name] && !serviceLink.MatchString(name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}
