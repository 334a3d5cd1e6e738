package demoshop

func italian() *texts {
	return &texts{
		Lang: "it", LangName: "Italiano", Brand: "Small Hours", DecimalMark: ",", SymbolAfter: true,
		Frame: frameTexts{
			Badge: "Negozio demo", ShopNav: "Negozio", Shop: "Negozio", Orders: "Ordini", Faults: "Guasti",
			Language: "Lingua", Note: "Questo negozio non vende nulla: mostra webhookd al lavoro. Gli orari sono UTC.",
			Gateway: "Pagamenti con Cost+ / NoPayn", Docs: "La documentazione del gateway",
		},
		Product: productTexts{
			Name:    articleName,
			Picture: "Un sacchetto scuro di caffè con una falce di luna sull'etichetta",
			Eyebrow: "Tostato dopo il tramonto",
			Lead:    "250 g in grani. Cioccolato fondente, ciliegia nera e un buon motivo per restare svegli.",
			Amount:  "Importo", Currency: "Valuta", Locale: "Lingua della pagina di pagamento",
			AmountHint: "Il prezzo lo decidi tu. Il gateway riceve esattamente quello.",
			LocaleHint: "L'italiano non è documentato dal gateway: che cosa ne faccia dipende da lui.",
			Capture:    "Quando viene incassato il denaro?",
			AtOnce:     "Incassa subito", AtOnceHint: "come chi ha già la merce pronta",
			Reserve: "Riserva ora, incassa dopo", ReserveHint: "il negozio incassa quando parte il pacco",
			Pay:        "Ordina e paga",
			StepsTitle: "Che cosa succede poi",
			Step1:      "Paghi presso il gateway",
			Step1Text:  "La carta la prende NoPayn, il negozio non la vede. A webhookd dice che ordine aspettarsi e per quanto.",
			Step2:      "webhookd chiede al gateway",
			Step2Text:  "Un webhook è solo un indizio. Se va perso, webhookd trova il pagamento da sé.",
			Step3:      "Il negozio chiede a webhookd",
			Step3Text:  "La merce parte quando lo dice lui, e per nessun altro motivo. Ogni passo è visibile.",
		},
		Form: formTexts{
			InDigits:    "Scrivi l'importo in cifre, per esempio %s.",
			TooExact:    "%s ha %d cifre dopo la virgola.",
			WholeOnly:   "%s non ha cifre dopo la virgola.",
			TooLittle:   "L'importo deve essere almeno %s.",
			TooMuch:     "L'importo deve essere al massimo %s.",
			Currency:    "Scegli una delle valute.",
			Locale:      "Scegli una delle lingue.",
			Capture:     "Scegli quando incassare il denaro.",
			NoNumber:    "Il modulo è arrivato senza numero d'ordine e nulla è stato ordinato. Ora ce l'ha: invialo di nuovo.",
			AlreadyUsed: "Con questo modulo hai già ordinato altro. Ora è un modulo nuovo: invialo per ordinare ancora.",
			ShowIt:      "Mostra il primo ordine",
		},
		Order: italianOrder(), Money: italianMoney(), Verdicts: italianVerdicts(), Messages: italianMessages(),
		Faults: italianFaults(),
		Inspector: inspectorTexts{
			Title: "Ispettore dei webhook", Lead: "Che cosa ha inviato il gateway per questo ordine, secondo la sandbox.",
			None: "Il gateway non ha ancora inviato webhook per questo ordine.", NoAnswer: "La sandbox non lo dice.",
			Event: "Evento", Attempt: "tentativo %d", NoAttempt: "non ancora inviato",
		},
		List: listTexts{
			Title:   "Ordini",
			Trouble: "webhookd non risponde: non si sa che cosa ne sia stato di questi ordini.",
			MayShip: "può partire", Stays: "resta qui", History: "Cronologia",
			Empty: "Nessuno ha ancora ordinato", EmptyText: "Gli ordini compaiono qui appena vengono fatti.",
			ToShop: "Vai al negozio",
		},
		Currencies: map[string]string{
			"EUR": "Euro", "GBP": "Sterlina britannica", "USD": "Dollaro statunitense", "NOK": "Corona norvegese",
			"SEK": "Corona svedese", "DKK": "Corona danese", "JPY": "Yen giapponese", "KWD": "Dinaro kuwaitiano",
		},
		States: map[string]string{
			"unverified": "Non ancora confermato", "pending": "In attesa di pagamento", "failed": "Pagamento fallito",
			"authorized": "Denaro riservato", "partially_captured": "Pagato in parte", "paid": "Pagato",
			"partially_refunded": "Rimborsato in parte", "refunded": "Rimborsato", "charged_back": "Riaddebitato",
			"voided": "Riserva annullata", "cancelled": "Annullato", "expired": "Scaduto",
			"reversal": "Denaro restituito", "not_found": "Sconosciuto al gateway",
		},
		Events: map[string]string{
			"order.changed": "Il gateway ha novità", "order.mismatch": "Non è ciò che il negozio si aspetta",
			"order.anomaly": "Il gateway si è rimangiato qualcosa", "order.stuck": "Aperto da troppo tempo",
		},
		Holds: map[string]string{
			"unverified":         "Il gateway non ha confermato l'ordine.",
			"not_paid":           "Non è stato incassato nulla.",
			"authorized_only":    "Il denaro è riservato, non incassato.",
			"partially_captured": "È stata incassata solo una parte del denaro.",
			"amount_mismatch":    "L'importo non è quello richiesto.",
			"currency_mismatch":  "La valuta non è quella richiesta.",
			"reference_mismatch": "Il pagamento appartiene a un altro ordine.",
			"unregistered":       "Il negozio non ha mai detto che l'ordine è suo.",
			"is_refund":          "Questo ordine restituisce denaro.",
			"refunded":           "Del denaro è stato rimborsato.",
			"charged_back":       "La banca si è ripresa il denaro.",
			"voided":             "La riserva è stata annullata.",
			"test_order":         "È stato pagato con denaro finto.",
			"paid_twice":         "Lo stesso acquisto era già stato pagato.",
			"unknown_status":     "Il gateway dice qualcosa che non capiamo.",
		},
		Sources: map[string]string{
			"webhook": "verificato dopo un webhook", "poll": "trovato da webhookd con un suo controllo",
			"sweep": "trovato nell'elenco del gateway", "refresh": "su richiesta", "operation": "verificato dopo un'operazione",
		},
		Deliveries: map[string]string{
			"waiting": "in viaggio", "acknowledged": "ricevuto", "failed": "abbandonato", "lost": "perso per strada",
		},
	}
}

func italianOrder() orderTexts {
	return orderTexts{
		Title: "Ordine %s", Timeline: "Cronologia", Ordered: "Ordinato in questo negozio", Event: "evento %d",
		OrderedAgain: "Ordinato ancora per lo stesso acquisto",
		Knows:        "Che cosa sa webhookd", AskedFor: "Importo richiesto", Reference: "Nostro riferimento",
		Signature: "La nostra firma", SignatureFits: "corrisponde a ciò che dice il gateway",
		SignatureOff: "non corrisponde a ciò che dice il gateway", NotChecked: "non ancora verificata",
		GatewayID: "Ordine del gateway", Status: "Stato presso il gateway", NotAsked: "non ancora chiesto", State: "Stato",
		Unknown: "sconosciuto", MayShip: "Può essere spedito?", Yes: "sì", No: "no", HeldBy: "Trattenuto da",
		Nothing: "nulla", Webhooks: "Webhook ricevuti", LastAsked: "Ultima domanda al gateway", NotYet: "non ancora",
		NoAnswer: "webhookd non risponde",
		TryAgain: "Riprova", NotPaid: "Non hai ancora pagato?", PayPage: "Vai alla pagina di pagamento",
		AsksAgain: "Questa pagina si aggiorna ogni %d secondi.", Follows: "Questa pagina si aggiorna da sola.",
		StopThat: "Ferma", FollowsNot: "Questa pagina non si aggiorna.", AskAgain: "Aggiorna di nuovo",
		Twin: "Questo è un secondo ordine del gateway per lo stesso acquisto.",
	}
}

func italianMoney() moneyTexts {
	return moneyTexts{
		Title: "Muovi il denaro", RefundAmount: "Importo da restituire", Refund: "Rimborsa",
		RefundHint: "Al massimo %s. Un rimborso non si può annullare.",
		Capture:    "Incassa", CaptureHint: "Incassa tutto il denaro riservato.",
		Void: "Annulla la riserva", VoidHint: "Libera il denaro riservato.",
		Description: "Rimborso del negozio",
		TooMuch:     "Si possono restituire al massimo %s.",
		Refunded:    "Rimborso di %s", Captured: "Incasso di %s", Voided: "Riserva di %s annullata",
		Sent:    "Inviato al gateway, che non ha ancora risposto.",
		Done:    "Il gateway ha accettato.",
		Refused: "Il gateway non l'ha fatto. Il denaro non si è mosso.",
		Unsure: "Non si sa se il gateway l'abbia fatto: la risposta è andata persa o non è chiara, e non si chiede due " +
			"volte. L'esito comparirà qui sopra; fino ad allora il negozio lo considera fatto.",
		OnItsWay: "Rimborso in corso: %s. webhookd non l'ha ancora visto presso il gateway.",
	}
}

func italianVerdicts() verdictTexts {
	return verdictTexts{
		Unreachable: verdictText{
			"Non possiamo ancora dirlo",
			"In questo momento non raggiungiamo la cassa. Se hai pagato, il tuo pagamento non è perso.",
		},
		Shippable: verdictText{
			"Pagato. Grazie!",
			"Il gateway ha confermato il pagamento e nulla impedisce la spedizione.",
		},
		Unverified: verdictText{
			"In attesa del gateway",
			"Nessuno ha ancora confermato un pagamento. Se hai pagato, bastano pochi secondi.",
		},
		Pending: verdictText{
			"In attesa del tuo pagamento",
			"All'ultima domanda di webhookd il gateway non ne aveva. Se hai pagato, bastano pochi secondi.",
		},
		Failed: verdictText{
			"Il pagamento non è riuscito",
			"Non è stato incassato nulla. Puoi riprovare con la stessa carta o con un'altra.",
		},
		FailedForGood: verdictText{
			"Il pagamento non è riuscito",
			"Non è stato incassato nulla e il tempo per riprovare è finito.",
		},
		Cancelled: verdictText{"Il pagamento è stato annullato", "Nulla è stato pagato e nulla verrà spedito."},
		Expired:   verdictText{"Il tempo per pagare è finito", "Nulla è stato pagato e nulla verrà spedito."},
		Held: verdictText{
			"Pagato, ma trattenuto",
			"Il gateway ha confermato il pagamento. Prima che la merce parta, una persona deve guardare questo:",
		},
		Reserved: verdictText{
			"Il tuo denaro è riservato",
			"La merce parte quando sarà incassato per intero. Che cosa lo impedisce:",
		},
		Refunding: verdictText{
			"Un rimborso è in corso",
			"Il pagamento è confermato e del denaro viene restituito. Fino ad allora la merce resta qui.",
		},
		Else:     "Così come stanno le cose, nulla verrà spedito. Che cosa lo impedisce:",
		PaidHeld: "Pagato, trattenuto",
		Unclear:  "Non ancora chiaro",
	}
}

func italianMessages() messageTexts {
	return messageTexts{
		NotFound: verdictText{
			"Qui non c'è nulla",
			"L'indirizzo è sbagliato, oppure il negozio ha dimenticato l'ordine: dopo un riavvio non ricorda nulla.",
		},
		NotPossible: verdictText{"Qui non è possibile", "Questo indirizzo fa altro."},
		Unreadable:  verdictText{"Il modulo non si può leggere", "Torna indietro e riprova."},
		Foreign: verdictText{
			"Questo non viene dal negozio",
			"Un altro sito ha cercato di agire a tuo nome. Nulla è stato ordinato e il denaro non si è mosso.",
		},
		NoPayments: verdictText{
			"Al momento non possiamo accettare pagamenti",
			"Nulla è stato ordinato e nulla è stato pagato. Riprova tra un momento.",
		},
		Unsure: verdictText{
			"La risposta del gateway è andata persa",
			"Nulla è stato pagato. Aspetta un minuto e cerca di nuovo: finché questo ordine può ancora comparire, il negozio " +
				"non ne fa un altro.",
		},
		Moved: verdictText{
			"Nel frattempo è successo qualcosa",
			"La pagina era più vecchia dell'ordine, quindi il denaro non si è mosso. Guarda l'ordine e decidi di nuovo.",
		},
		NoMoney: verdictText{
			"Al momento non possiamo muovere denaro",
			"webhookd non risponde, quindi il negozio non sa che cosa ci sia da muovere. Al gateway non è stato chiesto nulla.",
		},
		NotOffered: verdictText{
			"Con questo ordine non è possibile",
			"Non è in uno stato adatto. Al gateway non è stato chiesto nulla.",
		},
		Back: "Torna al negozio", LookAgain: "Cerca di nuovo",
	}
}

func italianFaults() faultsTexts {
	return faultsTexts{
		Title: "Guasti",
		Lead: "Quello che può capitare a un pagamento capita qui, premendo un pulsante. Scegline uno, ordina qualcosa e guarda " +
			"la pagina dell'ordine.",
		Active: "Che cosa è guasto adesso", None: "Nulla. Tutto funziona come deve.",
		NoAnswer: "Il gateway sandbox non lo dice.", LiftAll: "Ripara tutto", Lifted: "Tutto funziona di nuovo.",
		Left:     "restano: %s",
		Webhooks: "Webhook", Gateway: "Il gateway", Customers: "Clienti e tempo",
		Done: "Fatto: %s.", Failed: "Il gateway sandbox non l'ha accettato.",
		WhichOrder: "Quale ordine?", NoOrders: "Nessuno ha ancora ordinato.",
		All: map[string]faultText{
			"lose-next": {
				"Perdi il prossimo webhook",
				"Nessuno avvisa webhookd del pagamento. Lo trova comunque, con un suo controllo.",
			},
			"triple": {
				"Invia il prossimo tre volte",
				"Si contano tre webhook, ma nella cronologia c'è un solo «Pagato».",
			},
			"delay": {
				"Ritarda il prossimo di 10\u00a0s",
				"L'ordine aspetta e poi viene verificato. Nel frattempo il negozio non indovina.",
			},
			"reorder": {
				"Scambia i prossimi due",
				"La notizia più recente arriva prima. Lo stato non torna mai indietro, perché webhookd chiede che cosa è vero ora.",
			},
			"gateway-down": {
				"Gateway spento per 30\u00a0s",
				"Gli ordini aspettano e nessuno va perso. Quando il gateway torna, vengono verificati tutti.",
			},
			"gateway-slow": {
				"Gateway lento (3\u00a0s) per 30\u00a0s",
				"Tutto è più lento, ma i webhook vengono confermati subito lo stesso.",
			},
			"answer-lost": {
				"Perdi la risposta al prossimo ordine",
				"L'ordine nasce, ma il negozio non lo viene a sapere. Lo cerca nell'elenco del gateway, invece di ordinare due volte.",
			},
			"forged": {
				"Invia 1.000 webhook falsi",
				"Nominano ordini che non esistono. Nessuno stato cambia, nessun ordine compare e quelli veri non rallentano.",
			},
			"pay-twice": {
				"Paga due volte",
				"Porta a un secondo ordine del gateway per lo stesso acquisto. Pagali entrambi: webhookd ne lascia partire uno e " +
					"trattiene l'altro con paid_twice.",
			},
			"expire": {
				"Fai scadere gli ordini aperti",
				"Sposta l'orologio del gateway avanti di 30 minuti. Gli ordini non pagati scadono, quelli pagati restano.",
			},
		},
	}
}
