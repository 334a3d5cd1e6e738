package main

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// form is a form of a page, as it would be sent untouched.
type form struct {
	action string // may be relative
	method string // in capitals
	values url.Values
	names  map[string]bool // of all fields, also of those that send nothing as they are
}

// has reports whether the form has all these fields.
func (f form) has(typed map[string]string) bool {
	for name := range typed {
		if !f.names[name] {
			return false
		}
	}
	return true
}

// readForms returns the forms of an HTML page. It is a reader for well-kept pages: the elements must be closed as HTML
// wants it, and scripts must not be in the page.
func readForms(page io.Reader) ([]form, error) {
	d := xml.NewDecoder(page)
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var forms []form
	selection := "" // name of the select that we are in
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return forms, nil
		}
		if err != nil {
			return nil, err
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		tag := attributes(element)
		switch {
		case element.Name.Local == "form":
			method := strings.ToUpper(tag["method"])
			if method == "" {
				method = http.MethodGet
			}
			forms = append(forms, form{tag["action"], method, url.Values{}, map[string]bool{}})
		case len(forms) == 0:
		case element.Name.Local == "select":
			selection = tag["name"]
			forms[len(forms)-1].names[selection] = true
		case element.Name.Local == "option":
			forms[len(forms)-1].option(selection, tag)
		case element.Name.Local == "input":
			forms[len(forms)-1].input(tag)
		}
	}
}

func attributes(e xml.StartElement) map[string]string {
	tag := map[string]string{}
	for _, a := range e.Attr {
		tag[a.Name.Local] = a.Value
	}
	return tag
}

// input adds a field. Buttons send nothing unless they are pressed, and choices nothing unless they are made.
func (f form) input(tag map[string]string) {
	name, kind := tag["name"], strings.ToLower(tag["type"])
	if name == "" || kind == "submit" || kind == "button" || kind == "image" {
		return
	}
	f.names[name] = true
	_, checked := tag["checked"]
	if (kind == "radio" || kind == "checkbox") && !checked {
		return
	}
	f.values.Add(name, tag["value"])
}

// option adds what a select sends: the option that is selected, else its first.
func (f form) option(name string, tag map[string]string) {
	_, selected := tag["selected"]
	if selected || !f.values.Has(name) {
		f.values.Set(name, tag["value"])
	}
}
