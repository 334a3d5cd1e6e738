package demoshop

import (
	"bytes"
	"embed"
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
	Title     string
	Here      string // product or orders: which of the links at the top leads to this page
	Refresh   int    // seconds until the browser asks again; 0 is never
	RefreshTo string // path to ask for
}

// views are the pages' templates.
type views struct{ all *template.Template }

func newViews() views {
	words := template.FuncMap{"clock": clock, "stamp": stamp}
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

// assets serves the style and the pictures, and no list of them.
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
