package sandbox

func german() language {
	return language{
		tag:    "de",
		amount: amountStyle{group: ".", point: ",", behind: true},
		words:  words{germanSummary(), germanForm(), germanCards(), germanOutcome()},
	}
}

func germanSummary() summaryWords {
	return summaryWords{
		Product:    "Testzahlung",
		Badge:      "Sandbox",
		Test:       "Dies ist ein Test. Es fließt kein Geld.",
		Production: "Wie eine echte Website: Testkarten werden abgelehnt. Es fließt kein Geld.",

		Order:     "Bestellung",
		ToPay:     "Zu zahlen",
		Amount:    "Betrag",
		Shop:      "Shop",
		Reference: "Referenz",
		TimeLeft:  "Verbleibende Zeit",
		Until:     "bis %s",
		Moment:    "%s. %s, %s UTC",
		Months: [12]string{
			"Jan.", "Febr.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.",
		},
		Days:     "%s Tage",
		Hours:    "%s Stunden",
		Minutes:  "%s Min.",
		FiveLeft: "Noch fünf Minuten Zeit zum Bezahlen.",
		OneLeft:  "Noch eine Minute Zeit zum Bezahlen.",
	}
}

func germanForm() formWords {
	return formWords{
		Payment:      "Zahlung",
		HowToPay:     "Wie möchten Sie bezahlen?",
		Card:         "Karte",
		CardNumber:   "Kartennummer",
		ExpiryDate:   "Gültig bis",
		ExpiryFormat: "MM / JJ",
		SecurityCode: "Prüfnummer",
		NoWallet:     "%s lässt sich im Testmodus nicht öffnen. Die Sandbox vertritt es.",
		WalletAnswer: "Wie soll die Antwort lauten?",
		Approve:      "Zustimmen",
		Refuse:       "Ablehnen",
		Pay:          "%s bezahlen",
		Cancel:       "Abbrechen und zurück zum Shop",
		NoMethods:    "Keine der Zahlungsarten dieser Bestellung nimmt ihre Währung an.",
		LastFailed:   "Die letzte Zahlung ist fehlgeschlagen.",
		NoRealCards:  "Nur Testkarten. Daten echter Karten werden nie gespeichert.",

		Mistake:      "Bitte prüfen",
		NotANumber:   "Das ist keine Kartennummer. Prüfen Sie die Ziffern.",
		NotATestCard: "Das ist keine Testkarte. Echte Karten werden hier nicht angenommen.",
		WriteExpiry:  "Geben Sie Monat und Jahr an, zum Beispiel 12 / 28.",
		CardExpired:  "Diese Karte ist abgelaufen.",
		WriteCVC:     "Geben Sie die drei Ziffern auf der Rückseite der Karte ein.",
		WriteAmexCVC: "Geben Sie die drei oder vier Ziffern ein, die auf der Karte stehen.",
	}
}

func germanCards() cardWords {
	return cardWords{
		TestCards:     "Testkarten",
		TestCardsHint: "Eine wählen füllt das Formular aus. Jedes künftige Datum und drei beliebige Ziffern genügen.",
		Paid:          "Bezahlt",
		Declined:      "Abgelehnt",
		AsksForCode:   "Fragt nach einem Code",
		DoNotHonor:    "Nicht genehmigt",
		NoFunds:       "Keine Deckung",
		Stolen:        "Gestohlene Karte",
		CodeConfirms:  "%s bestätigt",
		CodeFails:     "%s scheitert",

		DoNotHonorMessage:       "Ihre Bank hat die Zahlung abgelehnt. Nehmen Sie eine andere Karte oder fragen Sie sie.",
		NoFundsMessage:          "Diese Karte hat nicht genügend Deckung. Nehmen Sie eine andere Karte.",
		StolenMessage:           "Diese Karte kann nicht verwendet werden. Nehmen Sie eine andere Karte.",
		TestCardMessage:         "Diese Karte ist nicht gültig. Nehmen Sie eine andere Karte.",
		NotAuthenticatedMessage: "Ihre Bank konnte Sie nicht erkennen. Versuchen Sie es erneut oder mit einer anderen Karte.",
		WalletRefusedMessage:    "Die Zahlung wurde im Wallet abgelehnt. Versuchen Sie es erneut oder zahlen Sie anders.",
	}
}

func germanOutcome() outcomeWords {
	return outcomeWords{
		Complete:      "Zahlung abgeschlossen",
		CompleteText:  "Vielen Dank. Hier ist nichts weiter zu tun.",
		Reserved:      "Betrag reserviert",
		ReservedText:  "Der Betrag ist reserviert. Der Shop zieht ihn später ein.",
		Cancelled:     "Zahlung abgebrochen",
		CancelledText: "Es wurde nichts bezahlt.",
		Expired:       "Die Zeit zum Bezahlen ist abgelaufen",
		ExpiredText:   "Es wurde nichts bezahlt. Beginnen Sie im Shop von vorn.",
		Strange:       "Diese Zahlung ist jetzt nicht möglich",
		StrangeText:   "Ihr Status ist %s.",
		BackToShop:    "Zurück zum Shop",

		Bank:         "Testbank",
		Confirmation: "Sicherheitsprüfung der Karte",
		Confirm:      "Zahlung bestätigen",
		ConfirmText:  "Ihre Bank möchte sicher sein, dass Sie es sind. Geben Sie den Code ein, den sie Ihnen geschickt hat.",
		Code:         "Code",
		ConfirmDo:    "Bestätigen",
		RefuseDo:     "Diese Zahlung abbrechen",
		NoCodeSent:   "Eine Sandbox verschickt keinen Code. Nehmen Sie einen von diesen:",
		WrongCode:    "Dieser Code ist falsch.",
		TriesLeft:    "Verbleibende Versuche: %s",
		Waiting:      "Ihre Bank wartet darauf, dass Sie eine Zahlung bestätigen.",
		WaitingText:  "Bestätigen Sie sie, oder zahlen Sie unten auf andere Weise.",
		Continue:     "Weiter zur Bestätigung",

		Unreadable:     "Dieses Formular konnte nicht gelesen werden",
		UnreadableText: "Bitte versuchen Sie es erneut.",
		Broken:         "Etwas ist schiefgegangen",
		BrokenText:     "Bitte versuchen Sie es erneut.",
		NoOrder:        "Diese Zahlung gibt es nicht",
		NoOrderText:    "Prüfen Sie die Adresse, oder beginnen Sie im Shop von vorn.",
	}
}
