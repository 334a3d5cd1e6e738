package demoshop

// Texts are the tables of all languages, by language.
func Texts() map[string]any {
	all := make(map[string]any)
	for _, t := range newLanguages() {
		all[t.Lang] = *t
	}
	return all
}
