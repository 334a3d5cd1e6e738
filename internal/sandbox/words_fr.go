package sandbox

func french() language {
	return language{
		tag:    "fr",
		amount: amountStyle{group: noBreak, point: ",", behind: true},
		words:  words{frenchSummary(), frenchForm(), frenchCards(), frenchOutcome()},
	}
}

func frenchSummary() summaryWords {
	return summaryWords{
		Product:    "Paiement de test",
		Badge:      "Sandbox",
		Test:       "Ceci est un test. Aucun argent n’est transféré.",
		Production: "Comme un vrai site : les cartes de test sont refusées. Aucun argent n’est transféré.",

		Order:     "Commande",
		ToPay:     "À payer",
		Amount:    "Montant",
		Shop:      "Boutique",
		Reference: "Référence",
		TimeLeft:  "Temps restant",
		Until:     "jusqu’au %s",
		Moment:    "%s %s à %s UTC",
		Months: [12]string{
			"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
		},
		Days:     "%s jours",
		Hours:    "%s heures",
		Minutes:  "%s min",
		FiveLeft: "Il reste cinq minutes pour payer.",
		OneLeft:  "Il reste une minute pour payer.",
	}
}

func frenchForm() formWords {
	return formWords{
		Payment:      "Paiement",
		HowToPay:     "Comment souhaitez-vous payer ?",
		Card:         "Carte",
		CardNumber:   "Numéro de carte",
		ExpiryDate:   "Date d’expiration",
		ExpiryFormat: "MM / AA",
		SecurityCode: "Code de sécurité",
		NoWallet:     "%s ne peut pas être ouvert en mode test. La sandbox le remplace.",
		WalletAnswer: "Que doit-il répondre ?",
		Approve:      "Approuver",
		Refuse:       "Refuser",
		Pay:          "Payer %s",
		Cancel:       "Annuler et revenir à la boutique",
		NoMethods:    "Aucun moyen de paiement de cette commande n’accepte sa devise.",
		LastFailed:   "Le dernier paiement n’a pas abouti.",
		NoRealCards:  "Cartes de test uniquement. Les données de vraies cartes ne sont jamais conservées.",

		Mistake:      "À vérifier",
		NotANumber:   "Ce n’est pas un numéro de carte. Vérifiez les chiffres.",
		NotATestCard: "Ce n’est pas une carte de test. Les vraies cartes ne sont pas acceptées ici.",
		WriteExpiry:  "Indiquez le mois et l’année, par exemple 12 / 28.",
		CardExpired:  "Cette carte a expiré.",
		WriteCVC:     "Indiquez les trois chiffres au dos de la carte.",
		WriteAmexCVC: "Indiquez les trois ou quatre chiffres imprimés sur la carte.",
	}
}

func frenchCards() cardWords {
	return cardWords{
		TestCards:     "Cartes de test",
		TestCardsHint: "Choisissez-en une pour remplir le formulaire. Toute date future et trois chiffres conviennent.",
		Paid:          "Payé",
		Declined:      "Refusé",
		AsksForCode:   "Demande un code",
		DoNotHonor:    "Non autorisée",
		NoFunds:       "Provision insuffisante",
		Stolen:        "Carte volée",
		CodeConfirms:  "%s confirme",
		CodeFails:     "%s échoue",

		DoNotHonorMessage:       "Votre banque a refusé le paiement. Essayez une autre carte, ou demandez à votre banque.",
		NoFundsMessage:          "La provision de cette carte est insuffisante. Essayez une autre carte.",
		StolenMessage:           "Cette carte ne peut pas être utilisée. Essayez une autre carte.",
		TestCardMessage:         "Cette carte n’est pas valide. Essayez une autre carte.",
		NotAuthenticatedMessage: "Votre banque n’a pas pu vérifier votre identité. Réessayez, ou utilisez une autre carte.",
		WalletRefusedMessage:    "Le paiement a été refusé dans le portefeuille. Réessayez, ou payez autrement.",
	}
}

func frenchOutcome() outcomeWords {
	return outcomeWords{
		Complete:      "Paiement effectué",
		CompleteText:  "Merci. Il n’y a plus rien à faire ici.",
		Reserved:      "Montant réservé",
		ReservedText:  "Le montant est réservé. La boutique l’encaissera plus tard.",
		Cancelled:     "Paiement annulé",
		CancelledText: "Rien n’a été payé.",
		Expired:       "Le délai de paiement est écoulé",
		ExpiredText:   "Rien n’a été payé. Recommencez dans la boutique.",
		Strange:       "Ce paiement n’est pas possible maintenant",
		StrangeText:   "Son état est %s.",
		BackToShop:    "Retour à la boutique",

		Bank:         "Banque de test",
		Confirmation: "Contrôle de sécurité de la carte",
		Confirm:      "Confirmez votre paiement",
		ConfirmText:  "Votre banque veut s’assurer que c’est bien vous. Saisissez le code qu’elle vous a envoyé.",
		Code:         "Code",
		ConfirmDo:    "Confirmer",
		RefuseDo:     "Annuler ce paiement",
		NoCodeSent:   "Une sandbox n’envoie pas de code. Utilisez l’un de ceux-ci :",
		WrongCode:    "Ce code est faux.",
		TriesLeft:    "Essais restants : %s",
		Waiting:      "Votre banque attend que vous confirmiez un paiement.",
		WaitingText:  "Confirmez-le, ou payez autrement ci-dessous.",
		Continue:     "Continuer la confirmation",

		Unreadable:     "Ce formulaire n’a pas pu être lu",
		UnreadableText: "Veuillez réessayer.",
		Broken:         "Une erreur s’est produite",
		BrokenText:     "Veuillez réessayer.",
		NoOrder:        "Ce paiement n’existe pas",
		NoOrderText:    "Vérifiez l’adresse, ou recommencez dans la boutique.",
	}
}
