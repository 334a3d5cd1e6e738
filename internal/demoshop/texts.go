package demoshop

// texts is all that the shop says, in one language. The templates and the code hold none of it. Where a text has a
// verb such as %s, it stands for the same thing in all languages.
//
// What webhookd and the gateway name by codes is in maps by code, since a later release may know more of them.
type texts struct {
	Lang     string // of html lang
	LangName string
	Brand    string

	Frame      frameTexts
	Product    productTexts
	Form       formTexts
	Order      orderTexts
	Money      moneyTexts
	Inspector  inspectorTexts
	List       listTexts
	Faults     faultsTexts
	Verdicts   verdictTexts
	Messages   messageTexts
	Currencies map[string]string // by ISO 4217 code
	States     map[string]string // by webhookd's state
	Events     map[string]string // by webhookd's type of event, for those that are not named for a state
	Holds      map[string]string // by webhookd's hold
	Sources    map[string]string // by webhookd's source
	Deliveries map[string]string // by the sandbox's state of a webhook

	DecimalMark string
	SymbolAfter bool // the currency stands behind the amount
}

type frameTexts struct {
	Badge, ShopNav, Shop, Orders, Faults, Language, Note, Gateway, Docs string
}

type productTexts struct {
	Name, Picture, Eyebrow, Lead                         string
	Amount, Currency, Locale                             string
	AmountHint, LocaleHint                               string
	Capture, AtOnce, AtOnceHint, Reserve, ReserveHint    string
	Pay                                                  string
	StepsTitle                                           string
	Step1, Step1Text, Step2, Step2Text, Step3, Step3Text string
}

// formTexts say what is wrong with a form.
type formTexts struct {
	InDigits    string // %s: an example
	TooExact    string // %s: currency, %d: digits
	WholeOnly   string // %s: currency
	TooLittle   string // %s: the least
	TooMuch     string // %s: the most
	Currency    string
	Locale      string
	Capture     string
	NoNumber    string
	AlreadyUsed string
	ShowIt      string
}

type orderTexts struct {
	Title                                   string // %s: reference
	Timeline, Ordered, Event                string // Event %d: number
	OrderedAgain                            string
	Knows, AskedFor, Reference, GatewayID   string
	Signature, SignatureFits, SignatureOff  string
	NotChecked                              string
	Status, NotAsked, State, Unknown        string
	MayShip, Yes, No, HeldBy, Nothing       string
	Webhooks, LastAsked, NotYet, NoAnswer   string
	TryAgain, NotPaid, PayPage              string
	AsksAgain                               string // %d: seconds
	Follows, StopThat, FollowsNot, AskAgain string
	Twin                                    string
}

type moneyTexts struct {
	Title, RefundAmount, Refund, RefundHint string // RefundHint %s: what is left
	Capture, CaptureHint, Void, VoidHint    string
	Description                             string // at the gateway
	TooMuch                                 string // %s: what is left
	Refunded, Captured, Voided              string // %s: amount
	Sent, Done, Refused, Unsure             string
	OnItsWay                                string // %s: amount
}

type inspectorTexts struct {
	Title, Lead, None, NoAnswer, Event, Attempt, NoAttempt string // Attempt %d: number
}

type listTexts struct {
	Title, Trouble, MayShip, Stays, History, Empty, EmptyText, ToShop string
}

type faultsTexts struct {
	Title, Lead, Active, None, NoAnswer, LiftAll, Lifted string
	Left                                                 string // %s: how many times, or how long
	Webhooks, Gateway, Customers                         string
	Done                                                 string // %s: what was done
	Failed                                               string
	WhichOrder, NoOrders                                 string
	All                                                  map[string]faultText // by name
}

// faultText is a fault's button and what to watch for.
type faultText struct{ Button, Watch string }

type verdictTexts struct {
	Unreachable, Shippable, Unverified, Pending, Failed, FailedForGood, Cancelled, Expired, Held, Reserved verdictText

	Refunding verdictText

	Else     string // the text of a state without words of its own
	PaidHeld string // the label of an order that is paid and may not leave
	Unclear  string // the label of a state that is not known
}

type verdictText struct{ Title, Text string }

type messageTexts struct {
	NotFound, NotPossible, Unreadable, Foreign, NoPayments, Unsure, Moved, NoMoney, NotOffered verdictText

	Back, LookAgain string
}
