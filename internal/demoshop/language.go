package demoshop

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	languageParameter = "lang"
	languageCookie    = "lang"
	languageKept      = 365 * 24 * 60 * 60 // seconds
)

// languages are the tables of all that the shop says. The first is spoken to whoever wants none of them.
type languages []*texts

func newLanguages() languages { return languages{english(), italian()} }

// of returns the table of a language; nil if there is none.
func (l languages) of(lang string) *texts {
	i := slices.IndexFunc(l, func(t *texts) bool { return t.Lang == lang })
	if i < 0 {
		return nil
	}
	return l[i]
}

// choose returns the language that the customer has picked, or picked before, or has set the browser to.
func (l languages) choose(r *http.Request) *texts {
	if t := l.of(r.URL.Query().Get(languageParameter)); t != nil {
		return t
	}
	if c, err := r.Cookie(languageCookie); err == nil && l.of(c.Value) != nil {
		return l.of(c.Value)
	}
	for _, tag := range preferred(r.Header.Get("Accept-Language")) {
		if t := l.of(tag); t != nil {
			return t
		}
	}
	return l[0]
}

// remember keeps the language that the address asks for, so that the next page speaks it too.
func (l languages) remember(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t := l.of(r.URL.Query().Get(languageParameter)); t != nil {
			http.SetCookie(w, &http.Cookie{
				Name: languageCookie, Value: t.Lang, Path: "/", MaxAge: languageKept, HttpOnly: true,
				SameSite: http.SameSiteLaxMode,
			})
		}
		next.ServeHTTP(w, r)
	})
}

// maxTags bounds how many languages of a header are looked at.
const maxTags = 20

// preferred lists the languages of an Accept-Language header (RFC 9110, 12.5.4), without their countries, the best
// first.
func preferred(header string) []string {
	type tag struct {
		lang   string
		weight float64
	}
	var tags []tag
	for part := range strings.SplitSeq(header, ",") {
		name, parameter, _ := strings.Cut(part, ";")
		lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(name)), "-")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64) // 0, which is not wanted, if it is no number
		}
		if weight > 0 && len(tags) < maxTags {
			tags = append(tags, tag{lang, weight})
		}
	}
	slices.SortStableFunc(tags, func(a, b tag) int { return cmp.Compare(b.weight, a.weight) })
	langs := make([]string, len(tags))
	for i, t := range tags {
		langs[i] = t.lang
	}
	return langs
}
