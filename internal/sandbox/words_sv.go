package sandbox

func swedish() language {
	return language{
		tag:    "sv",
		amount: amountStyle{group: noBreak, point: ",", behind: true, krone: "SEK"},
		words:  words{swedishSummary(), swedishForm(), swedishCards(), swedishOutcome()},
	}
}

func swedishSummary() summaryWords {
	return summaryWords{
		Product:    "Testbetalning",
		Badge:      "Sandbox",
		Test:       "Det här är ett test. Inga pengar flyttas.",
		Production: "Som en riktig webbplats: testkort nekas. Inga pengar flyttas.",

		Order:     "Beställning",
		ToPay:     "Att betala",
		Amount:    "Belopp",
		Shop:      "Butik",
		Reference: "Referens",
		TimeLeft:  "Tid kvar",
		Until:     "till %s",
		Moment:    "%s %s %s UTC",
		Months: [12]string{
			"jan.", "feb.", "mars", "apr.", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec.",
		},
		Days:     "%s dagar",
		Hours:    "%s timmar",
		Minutes:  "%s min",
		FiveLeft: "Fem minuter kvar att betala.",
		OneLeft:  "En minut kvar att betala.",
	}
}

func swedishForm() formWords {
	return formWords{
		Payment:      "Betalning",
		HowToPay:     "Hur vill du betala?",
		Card:         "Kort",
		CardNumber:   "Kortnummer",
		ExpiryDate:   "Giltigt till",
		ExpiryFormat: "MM / ÅÅ",
		SecurityCode: "Säkerhetskod",
		NoWallet:     "%s kan inte öppnas i testläge. Sandboxen svarar i stället.",
		WalletAnswer: "Vad ska svaret vara?",
		Approve:      "Godkänn",
		Refuse:       "Neka",
		Pay:          "Betala %s",
		Cancel:       "Avbryt och gå tillbaka till butiken",
		NoMethods:    "Inget av beställningens betalsätt tar emot dess valuta.",
		LastFailed:   "Den senaste betalningen gick inte igenom.",
		NoRealCards:  "Endast testkort. Uppgifter om riktiga kort sparas aldrig.",

		Mistake:      "Kontrollera uppgifterna",
		NotANumber:   "Det här är inget kortnummer. Kontrollera siffrorna.",
		NotATestCard: "Det här är inget testkort. Riktiga kort tas inte emot här.",
		WriteExpiry:  "Ange månad och år, till exempel 12 / 28.",
		CardExpired:  "Kortet har gått ut.",
		WriteCVC:     "Ange de tre siffrorna på kortets baksida.",
		WriteAmexCVC: "Ange de tre eller fyra siffrorna som står på kortet.",
	}
}

func swedishCards() cardWords {
	return cardWords{
		TestCards:     "Testkort",
		TestCardsHint: "Välj ett för att fylla i formuläret. Vilket framtida datum och vilka tre siffror som helst duger.",
		Paid:          "Betald",
		Declined:      "Nekad",
		AsksForCode:   "Frågar efter en kod",
		DoNotHonor:    "Medges ej",
		NoFunds:       "Otillräckligt saldo",
		Stolen:        "Stulet kort",
		CodeConfirms:  "%s bekräftar",
		CodeFails:     "%s misslyckas",

		DoNotHonorMessage:       "Din bank nekade betalningen. Prova ett annat kort, eller fråga din bank.",
		NoFundsMessage:          "Det finns inte tillräckligt med pengar på kortet. Prova ett annat kort.",
		StolenMessage:           "Kortet kan inte användas. Prova ett annat kort.",
		TestCardMessage:         "Kortet är inte giltigt. Prova ett annat kort.",
		NotAuthenticatedMessage: "Din bank kunde inte bekräfta att det är du. Försök igen, eller använd ett annat kort.",
		WalletRefusedMessage:    "Betalningen nekades i plånboken. Försök igen, eller betala på ett annat sätt.",
	}
}

func swedishOutcome() outcomeWords {
	return outcomeWords{
		Complete:      "Betalningen är klar",
		CompleteText:  "Tack. Det finns inget mer att göra här.",
		Reserved:      "Beloppet är reserverat",
		ReservedText:  "Beloppet är reserverat. Butiken drar det senare.",
		Cancelled:     "Betalningen avbröts",
		CancelledText: "Ingenting betalades.",
		Expired:       "Tiden att betala är slut",
		ExpiredText:   "Ingenting betalades. Börja om i butiken.",
		Strange:       "Betalningen kan inte göras nu",
		StrangeText:   "Dess status är %s.",
		BackToShop:    "Tillbaka till butiken",

		Bank:         "Testbanken",
		Confirmation: "Säkerhetskontroll av kortet",
		Confirm:      "Bekräfta betalningen",
		ConfirmText:  "Din bank vill veta att det är du som betalar. Ange koden som den har skickat till dig.",
		Code:         "Kod",
		ConfirmDo:    "Bekräfta",
		RefuseDo:     "Avbryt den här betalningen",
		NoCodeSent:   "En sandbox skickar ingen kod. Använd en av dessa:",
		WrongCode:    "Koden är fel.",
		TriesLeft:    "Försök kvar: %s",
		Waiting:      "Din bank väntar på att du bekräftar en betalning.",
		WaitingText:  "Bekräfta den, eller betala på ett annat sätt nedan.",
		Continue:     "Fortsätt bekräfta",

		Unreadable:     "Formuläret kunde inte läsas",
		UnreadableText: "Försök igen.",
		Broken:         "Något gick fel",
		BrokenText:     "Försök igen.",
		NoOrder:        "Betalningen finns inte",
		NoOrderText:    "Kontrollera adressen, eller gå tillbaka till butiken och börja om.",
	}
}
