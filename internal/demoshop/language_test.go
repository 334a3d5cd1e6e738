package demoshop_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"webhookd/internal/demoshop"
)

// leaves lists all texts of a table by their place in it.
func leaves(v reflect.Value, at string, out map[string]string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), at+"."+v.Type().Field(i).Name, out)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			leaves(v.MapIndex(key), at+"."+key.String(), out)
		}
	case reflect.String:
		out[at] = v.String()
	}
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	tables := map[string]map[string]string{}
	for lang, table := range demoshop.Texts() {
		tables[lang] = map[string]string{}
		leaves(reflect.ValueOf(table), "", tables[lang])
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	english := tables["en"]
	if len(tables) != 2 || len(english) < 150 {
		t.Fatalf("%d languages, and %d English texts", len(tables), len(english))
	}
	for lang, table := range tables {
		for at, want := range english {
			got, there := table[at]
			if !there || strings.TrimSpace(got) == "" {
				t.Errorf("%s lacks %s", lang, at)
			}
			if a, b := verbs.FindAllString(want, -1), verbs.FindAllString(got, -1); fmt.Sprint(a) != fmt.Sprint(b) {
				t.Errorf("%s has verbs %v at %s, English %v", lang, b, at, a)
			}
		}
		if len(table) != len(english) {
			t.Errorf("%s has %d texts, English %d", lang, len(table), len(english))
		}
	}
}

// TestTemplatesHoldNoWords leaves no text of a template outside the tables, but for names that are the same everywhere.
func TestTemplatesHoldNoWords(t *testing.T) {
	files, err := filepath.Glob("page/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	action := regexp.MustCompile(`(?s)\{\{.*?\}\}|<[^>]*>|&[a-z]+;`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range regexp.MustCompile(`\pL{2,}`).FindAllString(action.ReplaceAllString(string(text), " "), -1) {
			t.Errorf("%s says %q by itself", file, word)
		}
	}
}

func TestTheLanguageIsChosenAndKept(t *testing.T) {
	s := newStreet(t)
	italian := func(a answer) bool { return strings.Contains(a.body, `<html lang="it"`) }
	if italian(s.get(t, "/")) {
		t.Error("the shop speaks Italian to whoever asked for nothing")
	}
	if !italian(s.get(t, "/?lang=it")) || !italian(s.get(t, "/orders")) {
		t.Error("Italian is not spoken, or not kept for the next page")
	}
	if italian(s.get(t, "/?lang=xx&lang=en")) == italian(s.get(t, "/?lang=en")) {
		t.Error("an unknown language changes something")
	}
}
