package demoshop

import "net/http"

// NewInHaste returns a shop that trusts the gateway's list at once.
func NewInHaste(c Config) (http.Handler, error) {
	s, err := newShop(c)
	if err != nil {
		return nil, err
	}
	s.listLag = 0
	return s.routes(), nil
}

// Texts are the tables of all languages, by language.
func Texts() map[string]any {
	all := make(map[string]any)
	for _, t := range newLanguages() {
		all[t.Lang] = *t
	}
	return all
}
