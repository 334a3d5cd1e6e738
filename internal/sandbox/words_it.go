package sandbox

func italian() language {
	return language{
		tag:    "it",
		amount: amountStyle{group: ".", point: ",", behind: true},
		words:  words{italianSummary(), italianForm(), italianCards(), italianOutcome()},
	}
}

func italianSummary() summaryWords {
	return summaryWords{
		Product:    "Pagamento di prova",
		Badge:      "Sandbox",
		Test:       "Questa è una prova. Nessun denaro viene trasferito.",
		Production: "Come un sito reale: le carte di prova vengono rifiutate. Nessun denaro viene trasferito.",

		Order:     "Ordine",
		ToPay:     "Da pagare",
		Amount:    "Importo",
		Shop:      "Negozio",
		Reference: "Riferimento",
		TimeLeft:  "Tempo rimasto",
		Until:     "fino al %s",
		Moment:    "%s %s, %s UTC",
		Months:    [12]string{"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
		Days:      "%s giorni",
		Hours:     "%s ore",
		Minutes:   "%s min",
		FiveLeft:  "Restano cinque minuti per pagare.",
		OneLeft:   "Resta un minuto per pagare.",
	}
}

func italianForm() formWords {
	return formWords{
		Payment:      "Pagamento",
		HowToPay:     "Come vuoi pagare?",
		Card:         "Carta",
		CardNumber:   "Numero della carta",
		ExpiryDate:   "Scadenza",
		ExpiryFormat: "MM / AA",
		SecurityCode: "Codice CVC",
		NoWallet:     "%s non si può aprire in modalità di prova. La sandbox ne fa le veci.",
		WalletAnswer: "Che cosa deve rispondere?",
		Approve:      "Approva",
		Refuse:       "Rifiuta",
		Pay:          "Paga %s",
		Cancel:       "Annulla e torna al negozio",
		NoMethods:    "Nessuno dei metodi di pagamento di questo ordine accetta la sua valuta.",
		LastFailed:   "L’ultimo pagamento non è andato a buon fine.",
		NoRealCards:  "Solo carte di prova. I dati di carte vere non vengono mai conservati.",

		Mistake:      "Controlla i dati",
		NotANumber:   "Questo non è un numero di carta. Controlla le cifre.",
		NotATestCard: "Questa non è una carta di prova. Qui non si accettano carte vere.",
		WriteExpiry:  "Scrivi mese e anno, per esempio 12 / 28.",
		CardExpired:  "Questa carta è scaduta.",
		WriteCVC:     "Scrivi le tre cifre sul retro della carta.",
		WriteAmexCVC: "Scrivi le tre o quattro cifre stampate sulla carta.",
	}
}

func italianCards() cardWords {
	return cardWords{
		TestCards:     "Carte di prova",
		TestCardsHint: "Scegline una per compilare il modulo. Vanno bene qualsiasi data futura e tre cifre qualsiasi.",
		Paid:          "Pagato",
		Declined:      "Rifiutato",
		AsksForCode:   "Chiede un codice",
		DoNotHonor:    "Non autorizzata",
		NoFunds:       "Fondi insufficienti",
		Stolen:        "Carta rubata",
		CodeConfirms:  "%s conferma",
		CodeFails:     "%s fallisce",

		DoNotHonorMessage:       "La tua banca ha rifiutato il pagamento. Prova un’altra carta o chiedi alla tua banca.",
		NoFundsMessage:          "I fondi di questa carta non bastano. Prova un’altra carta.",
		StolenMessage:           "Questa carta non si può usare. Prova un’altra carta.",
		TestCardMessage:         "Questa carta non è valida. Prova un’altra carta.",
		NotAuthenticatedMessage: "La tua banca non ha potuto verificare la tua identità. Riprova o usa un’altra carta.",
		WalletRefusedMessage:    "Il pagamento è stato rifiutato nel wallet. Riprova o scegli un altro modo di pagare.",
	}
}

func italianOutcome() outcomeWords {
	return outcomeWords{
		Complete:      "Pagamento completato",
		CompleteText:  "Grazie. Qui non c’è altro da fare.",
		Reserved:      "Importo riservato",
		ReservedText:  "L’importo è riservato. Il negozio lo incasserà più tardi.",
		Cancelled:     "Pagamento annullato",
		CancelledText: "Non è stato pagato nulla.",
		Expired:       "Il tempo per pagare è scaduto",
		ExpiredText:   "Non è stato pagato nulla. Ricomincia dal negozio.",
		Strange:       "Ora questo pagamento non è possibile",
		StrangeText:   "Il suo stato è %s.",
		BackToShop:    "Torna al negozio",

		Bank:         "Banca di prova",
		Confirmation: "Verifica di sicurezza",
		Confirm:      "Conferma il pagamento",
		ConfirmText:  "La tua banca vuole essere sicura che sia tu a pagare. Inserisci il codice che ti ha inviato.",
		Code:         "Codice",
		ConfirmDo:    "Conferma",
		RefuseDo:     "Annulla questo pagamento",
		NoCodeSent:   "Una sandbox non invia codici. Usa uno di questi:",
		WrongCode:    "Il codice è sbagliato.",
		TriesLeft:    "Tentativi rimasti: %s",
		Waiting:      "La tua banca aspetta la conferma di un pagamento.",
		WaitingText:  "Confermalo, oppure paga in un altro modo qui sotto.",
		Continue:     "Continua la conferma",

		Unreadable:     "Non è stato possibile leggere il modulo",
		UnreadableText: "Riprova.",
		Broken:         "Qualcosa è andato storto",
		BrokenText:     "Riprova.",
		NoOrder:        "Questo pagamento non esiste",
		NoOrderText:    "Controlla l’indirizzo, oppure torna al negozio e ricomincia.",
	}
}
