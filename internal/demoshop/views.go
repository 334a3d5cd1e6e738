package demoshop

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// frame is what every page has.
type frame struct {
	T         *texts
	Title     string
	Here      string // product, orders or faults: which of the links at the top leads to this page
	Home      string // path of the page in another language; empty if that is its own address
	Languages []languageLink
	Faulty    bool   // there is a page to break things
	Refresh   int    // seconds until the browser asks again, if it runs no script; 0 is never
	RefreshTo string // path to ask for
}

type languageLink struct {
	Code, Name string // the name in the language itself
	Chosen     bool
}

// frame returns the frame of the page that is asked for, in the customer's language.
func (s *shop) frame(r *http.Request) frame {
	f := frame{T: s.languages.choose(r), Faulty: s.control != nil}
	for _, t := range s.languages {
		f.Languages = append(f.Languages, languageLink{Code: t.Lang, Name: t.LangName, Chosen: t == f.T})
	}
	return f
}

// views are the pages' templates.
type views struct{ all *template.Template }

func newViews() views {
	words := template.FuncMap{"clock": clock, "stamp": stamp, "inc": func(i int) int { return i + 1 }}
	return views{template.Must(template.New("").Funcs(words).ParseFS(pageFiles, "page/*.html"))}
}

// clock writes the time of a day. The pages need no script, so they cannot know where the customer is.
func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// stamp writes a time for programs.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// render answers with a page. It is made in memory first, so that a page that fails is none.
func (s *shop) render(w http.ResponseWriter, r *http.Request, status int, view string, data any) {
	var page bytes.Buffer
	if err := s.views.all.ExecuteTemplate(&page, view, data); err != nil {
		s.log.ErrorContext(r.Context(), "a page could not be made", "page", view, "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // fails only when the customer has left
}

// parts are the parts of a page that change while it is open.
type parts struct {
	HTML    template.HTML
	Version string // differs when the parts do
}

// parts makes the parts of a page.
func (v views) parts(view string, data any) (parts, error) {
	var page bytes.Buffer
	if err := v.all.ExecuteTemplate(&page, view, data); err != nil {
		return parts{}, err
	}
	sum := sha256.Sum256(page.Bytes())
	// A template has made it, and escaped what it was given.
	return parts{HTML: template.HTML(page.String()), Version: hex.EncodeToString(sum[:8])}, nil
}

// assets serves the style, the script and the pictures, and no list of them.
func (s *shop) assets() http.Handler {
	files, err := fs.Sub(pageFiles, "page/assets")
	if err != nil { // cannot be: the folder is embedded
		panic(err)
	}
	serve := http.StripPrefix("/assets/", http.FileServerFS(files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			s.notFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "max-age=60")
		serve.ServeHTTP(w, r)
	})
}
