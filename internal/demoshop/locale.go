package demoshop

// locale is a language of the gateway's payment page.
type locale struct {
	Code string
	Name string // in the language itself
}

// locales are those of the demos (CONTRACT 9.1), and Italian, which plugins send though nothing documents it.
func locales() []locale {
	return []locale{
		{"en-GB", "English"},
		{"de-DE", "Deutsch"},
		{"nl-NL", "Nederlands"},
		{"sv-SE", "Svenska"},
		{"no-NO", "Norsk"},
		{"da-DK", "Dansk"},
		{"it-IT", "Italiano"},
	}
}

// undocumentedLocale is the one of which the gateway promises nothing.
const undocumentedLocale = "it-IT"

func isLocale(code string) bool {
	for _, l := range locales() {
		if l.Code == code {
			return true
		}
	}
	return false
}

// proposedLocale is the payment page's language for somebody who reads the shop in lang.
func proposedLocale(lang string) string {
	if lang == "it" {
		return undocumentedLocale
	}
	return locales()[0].Code
}
