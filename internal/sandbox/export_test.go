package sandbox

// Words returns all the payment page says, as a struct, by language.
func Words() map[string]any {
	all := make(map[string]any)
	for _, locale := range []string{"en", "da", "de", "fr", "it", "nb", "nl", "sv"} {
		l := languageOf(locale)
		all[l.tag] = l.words
	}
	return all
}
