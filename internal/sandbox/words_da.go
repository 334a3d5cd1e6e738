package sandbox

func danish() language {
	return language{
		tag:    "da",
		amount: amountStyle{group: ".", point: ",", behind: true, krone: "DKK"},
		words:  words{danishSummary(), danishForm(), danishCards(), danishOutcome()},
	}
}

func danishSummary() summaryWords {
	return summaryWords{
		Product:    "Testbetaling",
		Badge:      "Sandbox",
		Test:       "Dette er en test. Ingen penge flyttes.",
		Production: "Som et rigtigt websted: testkort afvises. Ingen penge flyttes.",

		Order:     "Ordre",
		ToPay:     "At betale",
		Amount:    "Beløb",
		Shop:      "Butik",
		Reference: "Reference",
		TimeLeft:  "Tid tilbage",
		Until:     "til %s",
		Moment:    "%s. %s kl. %s UTC",
		Months: [12]string{
			"jan.", "feb.", "mar.", "apr.", "maj", "jun.", "jul.", "aug.", "sep.", "okt.", "nov.", "dec.",
		},
		Days:     "%s dage",
		Hours:    "%s timer",
		Minutes:  "%s min.",
		FiveLeft: "Fem minutter tilbage til at betale.",
		OneLeft:  "Et minut tilbage til at betale.",
	}
}

func danishForm() formWords {
	return formWords{
		Payment:      "Betaling",
		HowToPay:     "Hvordan vil du betale?",
		Card:         "Kort",
		CardNumber:   "Kortnummer",
		ExpiryDate:   "Udløbsdato",
		ExpiryFormat: "MM / ÅÅ",
		SecurityCode: "Sikkerhedskode",
		NoWallet:     "%s kan ikke åbnes i testtilstand. Sandboxen svarer i stedet.",
		WalletAnswer: "Hvad skal svaret være?",
		Approve:      "Godkend",
		Refuse:       "Afvis",
		Pay:          "Betal %s",
		Cancel:       "Annuller, og gå tilbage til butikken",
		NoMethods:    "Ingen af ordrens betalingsmåder tager imod dens valuta.",
		LastFailed:   "Den seneste betaling gik ikke igennem.",
		NoRealCards:  "Kun testkort. Oplysninger om rigtige kort gemmes aldrig.",

		Mistake:      "Kontrollér oplysningerne",
		NotANumber:   "Dette er ikke et kortnummer. Kontrollér cifrene.",
		NotATestCard: "Dette er ikke et testkort. Rigtige kort modtages ikke her.",
		WriteExpiry:  "Skriv måned og år, for eksempel 12 / 28.",
		CardExpired:  "Kortet er udløbet.",
		WriteCVC:     "Skriv de tre cifre på bagsiden af kortet.",
		WriteAmexCVC: "Skriv de tre eller fire cifre, der står på kortet.",
	}
}

func danishCards() cardWords {
	return cardWords{
		TestCards:     "Testkort",
		TestCardsHint: "Vælg et for at udfylde formularen. En hvilken som helst fremtidig dato og tre cifre er nok.",
		Paid:          "Betalt",
		Declined:      "Afvist",
		AsksForCode:   "Spørger om en kode",
		DoNotHonor:    "Ikke godkendt",
		NoFunds:       "Ikke nok dækning",
		Stolen:        "Stjålet kort",
		CodeConfirms:  "%s bekræfter",
		CodeFails:     "%s mislykkes",

		DoNotHonorMessage:       "Din bank afviste betalingen. Prøv et andet kort, eller spørg din bank.",
		NoFundsMessage:          "Der er ikke penge nok på kortet. Prøv et andet kort.",
		StolenMessage:           "Kortet kan ikke bruges. Prøv et andet kort.",
		TestCardMessage:         "Kortet er ikke gyldigt. Prøv et andet kort.",
		NotAuthenticatedMessage: "Din bank kunne ikke bekræfte, at det er dig. Prøv igen, eller brug et andet kort.",
		WalletRefusedMessage:    "Betalingen blev afvist i tegnebogen. Prøv igen, eller betal på en anden måde.",
	}
}

func danishOutcome() outcomeWords {
	return outcomeWords{
		Complete:      "Betalingen er gennemført",
		CompleteText:  "Tak. Der er ikke mere at gøre her.",
		Reserved:      "Beløbet er reserveret",
		ReservedText:  "Beløbet er reserveret. Butikken trækker det senere.",
		Cancelled:     "Betalingen blev annulleret",
		CancelledText: "Intet blev betalt.",
		Expired:       "Tiden til at betale er udløbet",
		ExpiredText:   "Intet blev betalt. Begynd forfra i butikken.",
		Strange:       "Betalingen kan ikke foretages nu",
		StrangeText:   "Dens status er %s.",
		BackToShop:    "Tilbage til butikken",

		Bank:         "Testbanken",
		Confirmation: "Sikkerhedskontrol af kortet",
		Confirm:      "Bekræft betalingen",
		ConfirmText:  "Din bank vil vide, at det er dig, der betaler. Skriv koden, som den har sendt til dig.",
		Code:         "Kode",
		ConfirmDo:    "Bekræft",
		RefuseDo:     "Annuller denne betaling",
		NoCodeSent:   "En sandbox sender ingen kode. Brug en af disse:",
		WrongCode:    "Koden er forkert.",
		TriesLeft:    "Forsøg tilbage: %s",
		Waiting:      "Din bank venter på, at du bekræfter en betaling.",
		WaitingText:  "Bekræft den, eller betal på en anden måde nedenfor.",
		Continue:     "Fortsæt bekræftelsen",

		Unreadable:     "Formularen kunne ikke læses",
		UnreadableText: "Prøv igen.",
		Broken:         "Noget gik galt",
		BrokenText:     "Prøv igen.",
		NoOrder:        "Betalingen findes ikke",
		NoOrderText:    "Kontrollér adressen, eller gå tilbage til butikken, og begynd forfra.",
	}
}
