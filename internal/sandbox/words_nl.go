package sandbox

func dutch() language {
	return language{
		tag:    "nl",
		amount: amountStyle{group: ".", point: ",", gap: true},
		words:  words{dutchSummary(), dutchForm(), dutchCards(), dutchOutcome()},
	}
}

func dutchSummary() summaryWords {
	return summaryWords{
		Product:    "Testbetaling",
		Badge:      "Sandbox",
		Test:       "Dit is een test. Er wordt geen geld overgemaakt.",
		Production: "Als een echte website: testkaarten worden geweigerd. Er wordt geen geld overgemaakt.",

		Order:     "Bestelling",
		ToPay:     "Te betalen",
		Amount:    "Bedrag",
		Shop:      "Winkel",
		Reference: "Referentie",
		TimeLeft:  "Resterende tijd",
		Until:     "tot %s",
		Moment:    "%s %s, %s UTC",
		Months:    [12]string{"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"},
		Days:      "%s dagen",
		Hours:     "%s uur",
		Minutes:   "%s min",
		FiveLeft:  "Nog vijf minuten om te betalen.",
		OneLeft:   "Nog één minuut om te betalen.",
	}
}

func dutchForm() formWords {
	return formWords{
		Payment:      "Betaling",
		HowToPay:     "Hoe wil je betalen?",
		Card:         "Kaart",
		CardNumber:   "Kaartnummer",
		ExpiryDate:   "Vervaldatum",
		ExpiryFormat: "MM / JJ",
		SecurityCode: "Beveiligingscode",
		NoWallet:     "%s kan in de testmodus niet worden geopend. De sandbox neemt de plaats in.",
		WalletAnswer: "Wat moet het antwoord zijn?",
		Approve:      "Goedkeuren",
		Refuse:       "Weigeren",
		Pay:          "%s betalen",
		Cancel:       "Annuleren en terug naar de winkel",
		NoMethods:    "Geen van de betaalmethoden van deze bestelling neemt de valuta aan.",
		LastFailed:   "De laatste betaling is niet gelukt.",
		NoRealCards:  "Alleen testkaarten. Gegevens van echte kaarten worden nooit bewaard.",

		Mistake:      "Controleer de gegevens",
		NotANumber:   "Dit is geen kaartnummer. Controleer de cijfers.",
		NotATestCard: "Dit is geen testkaart. Echte kaarten worden hier niet aangenomen.",
		WriteExpiry:  "Vul maand en jaar in, bijvoorbeeld 12 / 28.",
		CardExpired:  "Deze kaart is verlopen.",
		WriteCVC:     "Vul de drie cijfers op de achterkant van de kaart in.",
		WriteAmexCVC: "Vul de drie of vier cijfers in die op de kaart staan.",
	}
}

func dutchCards() cardWords {
	return cardWords{
		TestCards:     "Testkaarten",
		TestCardsHint: "Kies er een om het formulier in te vullen. Elke toekomstige datum en elke drie cijfers zijn goed.",
		Paid:          "Betaald",
		Declined:      "Geweigerd",
		AsksForCode:   "Vraagt om een code",
		DoNotHonor:    "Niet toegestaan",
		NoFunds:       "Onvoldoende saldo",
		Stolen:        "Gestolen kaart",
		CodeConfirms:  "%s bevestigt",
		CodeFails:     "%s mislukt",

		DoNotHonorMessage:       "Je bank heeft de betaling geweigerd. Probeer een andere kaart, of vraag het je bank.",
		NoFundsMessage:          "Er staat niet genoeg geld op deze kaart. Probeer een andere kaart.",
		StolenMessage:           "Deze kaart kan niet worden gebruikt. Probeer een andere kaart.",
		TestCardMessage:         "Deze kaart is niet geldig. Probeer een andere kaart.",
		NotAuthenticatedMessage: "Je bank kon niet bevestigen dat jij het bent. Neem een andere kaart.",
		WalletRefusedMessage:    "De betaling is in de wallet geweigerd. Probeer het opnieuw, of betaal anders.",
	}
}

func dutchOutcome() outcomeWords {
	return outcomeWords{
		Complete:      "Betaling voltooid",
		CompleteText:  "Dank je wel. Hier is niets meer te doen.",
		Reserved:      "Bedrag gereserveerd",
		ReservedText:  "Het bedrag is gereserveerd. De winkel int het later.",
		Cancelled:     "Betaling geannuleerd",
		CancelledText: "Er is niets betaald.",
		Expired:       "De tijd om te betalen is voorbij",
		ExpiredText:   "Er is niets betaald. Begin opnieuw in de winkel.",
		Strange:       "Deze betaling kan nu niet worden gedaan",
		StrangeText:   "De status is %s.",
		BackToShop:    "Terug naar de winkel",

		Bank:         "Testbank",
		Confirmation: "Beveiligingscontrole",
		Confirm:      "Bevestig je betaling",
		ConfirmText:  "Je bank wil zeker weten dat jij het bent die betaalt. Vul de code in die je hebt gekregen.",
		Code:         "Code",
		ConfirmDo:    "Bevestigen",
		RefuseDo:     "Deze betaling annuleren",
		NoCodeSent:   "Een sandbox stuurt geen code. Gebruik een van deze:",
		WrongCode:    "Deze code is onjuist.",
		TriesLeft:    "Resterende pogingen: %s",
		Waiting:      "Je bank wacht tot je een betaling bevestigt.",
		WaitingText:  "Bevestig die, of betaal hieronder op een andere manier.",
		Continue:     "Verder met bevestigen",

		Unreadable:     "Dit formulier kon niet worden gelezen",
		UnreadableText: "Probeer het opnieuw.",
		Broken:         "Er ging iets mis",
		BrokenText:     "Probeer het opnieuw.",
		NoOrder:        "Deze betaling bestaat niet",
		NoOrderText:    "Controleer het adres, of begin opnieuw in de winkel.",
	}
}
