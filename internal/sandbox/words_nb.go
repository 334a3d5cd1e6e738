package sandbox

func norwegian() language {
	return language{
		tag:    "nb",
		amount: amountStyle{group: noBreak, point: ",", behind: true, krone: "NOK"},
		words:  words{norwegianSummary(), norwegianForm(), norwegianCards(), norwegianOutcome()},
	}
}

func norwegianSummary() summaryWords {
	return summaryWords{
		Product:    "Testbetaling",
		Badge:      "Sandbox",
		Test:       "Dette er en test. Ingen penger flyttes.",
		Production: "Som et ekte nettsted: testkort avvises. Ingen penger flyttes.",

		Order:     "Bestilling",
		ToPay:     "Å betale",
		Amount:    "Beløp",
		Shop:      "Butikk",
		Reference: "Referanse",
		TimeLeft:  "Tid igjen",
		Until:     "til %s",
		Moment:    "%s. %s, kl. %s UTC",
		Months: [12]string{
			"jan.", "feb.", "mars", "apr.", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des.",
		},
		Days:     "%s dager",
		Hours:    "%s timer",
		Minutes:  "%s min",
		FiveLeft: "Fem minutter igjen til å betale.",
		OneLeft:  "Ett minutt igjen til å betale.",
	}
}

func norwegianForm() formWords {
	return formWords{
		Payment:      "Betaling",
		HowToPay:     "Hvordan vil du betale?",
		Card:         "Kort",
		CardNumber:   "Kortnummer",
		ExpiryDate:   "Utløpsdato",
		ExpiryFormat: "MM / ÅÅ",
		SecurityCode: "Sikkerhetskode",
		NoWallet:     "%s kan ikke åpnes i testmodus. Sandboxen svarer i stedet.",
		WalletAnswer: "Hva skal svaret være?",
		Approve:      "Godkjenn",
		Refuse:       "Avvis",
		Pay:          "Betal %s",
		Cancel:       "Avbryt og gå tilbake til butikken",
		NoMethods:    "Ingen av bestillingens betalingsmåter tar imot valutaen.",
		LastFailed:   "Den siste betalingen gikk ikke gjennom.",
		NoRealCards:  "Bare testkort. Opplysninger om ekte kort lagres aldri.",

		Mistake:      "Kontroller opplysningene",
		NotANumber:   "Dette er ikke et kortnummer. Kontroller sifrene.",
		NotATestCard: "Dette er ikke et testkort. Ekte kort tas ikke imot her.",
		WriteExpiry:  "Skriv måned og år, for eksempel 12 / 28.",
		CardExpired:  "Kortet er utløpt.",
		WriteCVC:     "Skriv de tre sifrene på baksiden av kortet.",
		WriteAmexCVC: "Skriv de tre eller fire sifrene som står på kortet.",
	}
}

func norwegianCards() cardWords {
	return cardWords{
		TestCards:     "Testkort",
		TestCardsHint: "Velg ett for å fylle ut skjemaet. En hvilken som helst framtidig dato og tre sifre holder.",
		Paid:          "Betalt",
		Declined:      "Avvist",
		AsksForCode:   "Spør om en kode",
		DoNotHonor:    "Ikke godkjent",
		NoFunds:       "Ikke nok dekning",
		Stolen:        "Stjålet kort",
		CodeConfirms:  "%s bekrefter",
		CodeFails:     "%s mislykkes",

		DoNotHonorMessage:       "Banken din avviste betalingen. Prøv et annet kort, eller spør banken.",
		NoFundsMessage:          "Det er ikke nok penger på kortet. Prøv et annet kort.",
		StolenMessage:           "Kortet kan ikke brukes. Prøv et annet kort.",
		TestCardMessage:         "Kortet er ikke gyldig. Prøv et annet kort.",
		NotAuthenticatedMessage: "Banken din kunne ikke bekrefte at det er deg. Prøv igjen, eller bruk et annet kort.",
		WalletRefusedMessage:    "Betalingen ble avvist i lommeboken. Prøv igjen, eller betal på en annen måte.",
	}
}

func norwegianOutcome() outcomeWords {
	return outcomeWords{
		Complete:      "Betalingen er fullført",
		CompleteText:  "Takk. Det er ikke mer å gjøre her.",
		Reserved:      "Beløpet er reservert",
		ReservedText:  "Beløpet er reservert. Butikken trekker det senere.",
		Cancelled:     "Betalingen ble avbrutt",
		CancelledText: "Ingenting ble betalt.",
		Expired:       "Tiden til å betale er ute",
		ExpiredText:   "Ingenting ble betalt. Begynn på nytt i butikken.",
		Strange:       "Betalingen kan ikke gjøres nå",
		StrangeText:   "Statusen er %s.",
		BackToShop:    "Tilbake til butikken",

		Bank:         "Testbanken",
		Confirmation: "Sikkerhetskontroll av kortet",
		Confirm:      "Bekreft betalingen",
		ConfirmText:  "Banken din vil vite at det er du som betaler. Skriv inn koden den har sendt deg.",
		Code:         "Kode",
		ConfirmDo:    "Bekreft",
		RefuseDo:     "Avbryt denne betalingen",
		NoCodeSent:   "En sandbox sender ingen kode. Bruk en av disse:",
		WrongCode:    "Koden er feil.",
		TriesLeft:    "Forsøk igjen: %s",
		Waiting:      "Banken din venter på at du bekrefter en betaling.",
		WaitingText:  "Bekreft den, eller betal på en annen måte nedenfor.",
		Continue:     "Fortsett bekreftelsen",

		Unreadable:     "Skjemaet kunne ikke leses",
		UnreadableText: "Prøv igjen.",
		Broken:         "Noe gikk galt",
		BrokenText:     "Prøv igjen.",
		NoOrder:        "Betalingen finnes ikke",
		NoOrderText:    "Kontroller adressen, eller gå tilbake til butikken og begynn på nytt.",
	}
}
