package sandbox

// words is all the payment page says, in one language. A %s stands for what the comment behind the text names.
type words struct {
	summaryWords
	formWords
	cardWords
	outcomeWords
}

// summaryWords are about the order, and around every page.
type summaryWords struct {
	Product    string
	Badge      string
	Test       string // beside the badge
	Production string // beside the badge, in place of Test

	Order     string
	ToPay     string
	Amount    string
	Shop      string
	Reference string
	TimeLeft  string
	Until     string // a Moment
	Moment    string // day, month, time
	Months    [12]string
	Days      string // number
	Hours     string // number
	Minutes   string // number
	FiveLeft  string
	OneLeft   string
}

// formWords are of the payment form, and about mistakes in it.
type formWords struct {
	Payment      string
	HowToPay     string
	Card         string
	CardNumber   string
	ExpiryDate   string
	ExpiryFormat string
	SecurityCode string
	NoWallet     string // wallet
	WalletAnswer string
	Approve      string
	Refuse       string
	Pay          string // amount
	Cancel       string
	NoMethods    string
	LastFailed   string
	NoRealCards  string

	Mistake      string // in front of the page's title
	NotANumber   string
	NotATestCard string
	WriteExpiry  string
	CardExpired  string
	WriteCVC     string
	WriteAmexCVC string
}

// cardWords are about the test cards, and why a payment failed: the brief ones are names for people who test.
type cardWords struct {
	TestCards     string
	TestCardsHint string
	Paid          string
	Declined      string
	AsksForCode   string
	DoNotHonor    string
	NoFunds       string
	Stolen        string
	CodeConfirms  string // code
	CodeFails     string // code

	DoNotHonorMessage       string
	NoFundsMessage          string
	StolenMessage           string
	TestCardMessage         string
	NotAuthenticatedMessage string
	WalletRefusedMessage    string
}

// outcomeWords are about what became of the order, the bank's challenge, and pages that say one thing.
type outcomeWords struct {
	Complete      string
	CompleteText  string
	Reserved      string
	ReservedText  string
	Cancelled     string
	CancelledText string
	Expired       string
	ExpiredText   string
	Strange       string
	StrangeText   string // status
	BackToShop    string

	Bank         string
	Confirmation string
	Confirm      string
	ConfirmText  string
	Code         string
	ConfirmDo    string
	RefuseDo     string
	NoCodeSent   string
	WrongCode    string
	TriesLeft    string // number
	Waiting      string
	WaitingText  string
	Continue     string

	Unreadable     string
	UnreadableText string
	Broken         string
	BrokenText     string
	NoOrder        string
	NoOrderText    string
}
