package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stepTimeout bounds one step, the loading of a page included, on a machine that may be slow.
const stepTimeout = time.Minute

// Look is how a page is looked at.
type Look struct {
	Width, Height int64 // of the window, in CSS pixels
	Dark          bool  // the reader prefers dark pages
	NoScript      bool  // scripts do not run
	Language      string
}

// Desk is a large screen.
func Desk() Look { return Look{Width: 1280, Height: 900, Language: "en-GB"} }

// Phone is a small screen.
func Phone() Look { return Look{Width: 375, Height: 812, Language: "en-GB"} }

// Page is a tab with cookies and a history of its own.
type Page struct {
	t        testing.TB
	ctx      context.Context
	pictures string

	mu       sync.Mutex
	expected []string
	trouble  []string
}

// Page opens an empty page that is closed with the test.
func (b *Browser) Page(t testing.TB, look Look) *Page {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	p := &Page{t: t, ctx: ctx, pictures: b.pictures}
	p.do("open a page",
		chromedp.EmulateViewport(look.Width, look.Height),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error { return look.put(ctx) }),
	)
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatalf("listen to the page: %v", err)
	}
	t.Cleanup(func() {
		p.URL() // what the browser reported before it answers this has been heard
		closeTab()
		for _, line := range p.trouble {
			t.Errorf("the browser reports: %s", line)
		}
	})
	return p
}

// put has the page of ctx looked at in this way.
func (l Look) put(ctx context.Context) error {
	scheme := "light"
	if l.Dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"},
		},
	})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
		Headers: network.Headers{"Accept-Language": l.Language},
	})
	if err != nil || !l.NoScript {
		return err
	}
	_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: true})
	return err
}

// Expect says that the browser will report something that contains text, and that this is no error.
func (p *Page) Expect(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, text)
}

// hear takes what the browser tells of the page. It must not call the browser.
func (p *Page) hear(event any) {
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			p.note(e.Entry.Text + " " + e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		p.note(thrown(e.ExceptionDetails))
	}
}

func (p *Page) note(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range p.expected {
		if strings.Contains(line, text) {
			return
		}
	}
	p.trouble = append(p.trouble, line)
}

// do takes steps in order, or ends the test with a picture of where it came to.
func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	// The first call on a tab makes it, and its time limit would be the tab's.
	if err := chromedp.Do(p.ctx); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fail(what, err)
	}
}

func (p *Page) fail(what string, err error) {
	p.t.Helper()
	where, _ := chromedp.Run(p.ctx, chromedp.Location())
	_ = p.save("failed-" + strings.NewReplacer("/", "-", " ", "-").Replace(p.t.Name()))
	p.t.Fatalf("%s, at %s: %v", what, where, err)
}

func get[T any](p *Page, what string, read chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	value, err := chromedp.Run(ctx, read)
	if err != nil {
		p.fail(what, err)
	}
	return value
}

// Open goes to an address and waits until the page is loaded.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.do("open "+url, chromedp.Navigate(url))
}

// Back goes back by one page in the history.
func (p *Page) Back() {
	p.t.Helper()
	p.do("go back", chromedp.NavigateBack())
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.do("reload", chromedp.Reload())
}

// Click clicks the element that a CSS selector finds, once it is there to be seen.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// DoubleClick clicks twice, as fast as a hasty customer.
func (p *Page) DoubleClick(selector string) {
	p.t.Helper()
	p.do("double click "+selector, chromedp.DoubleClick(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Fill writes text into a field, in the place of what it holds.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	field := chromedp.CSS(selector)
	p.do("fill in "+selector, chromedp.Clear(field, chromedp.NodeVisible), chromedp.SendKeys(field, text))
}

// Choose picks an option of a list by its value.
func (p *Page) Choose(selector, value string) {
	p.t.Helper()
	p.do("choose "+value+" of "+selector, chromedp.SetValue(chromedp.CSS(selector), value, chromedp.NodeVisible))
}

// Press sends a key to whatever has the focus: "Tab", "Enter", or a character.
func (p *Page) Press(key string) {
	p.t.Helper()
	switch key {
	case "Tab":
		key = kb.Tab
	case "Enter":
		key = kb.Enter
	}
	p.do("press a key", chromedp.KeyEvent(key))
}

// Await waits until the selector finds an element that can be seen.
func (p *Page) Await(selector string) {
	p.t.Helper()
	p.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Has reports whether the selector finds an element now.
func (p *Page) Has(selector string) bool {
	p.t.Helper()
	script := fmt.Sprintf("document.querySelector(%q) !== null", selector)
	return get(p, "look for "+selector, chromedp.Evaluate[bool](script))
}

// Text returns the visible text of an element, once it is there.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return strings.TrimSpace(get(p, "read "+selector, chromedp.Text(chromedp.CSS(selector))))
}

// Value returns what a field holds.
func (p *Page) Value(selector string) string {
	p.t.Helper()
	return get(p, "read the field "+selector, chromedp.Value(chromedp.CSS(selector)))
}

// Focused returns the id of the element that has the focus.
func (p *Page) Focused() string {
	p.t.Helper()
	return get(p, "look for the focus", chromedp.Evaluate[string]("document.activeElement.id"))
}

// Overflows reports whether the page is wider than the window, so that a reader has to scroll to the side.
func (p *Page) Overflows() bool {
	p.t.Helper()
	return get(p, "measure the page",
		chromedp.Evaluate[bool]("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
}

// URL returns the address of the page.
func (p *Page) URL() string {
	p.t.Helper()
	return get(p, "read the address", chromedp.Location())
}

// Picture saves the whole page as NAME.png.
func (p *Page) Picture(name string) {
	p.t.Helper()
	if err := p.save(name); err != nil {
		p.t.Fatalf("picture %s: %v", name, err)
	}
}

func (p *Page) save(name string) error {
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	const lossless = 100
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(lossless))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.pictures, name+".png"), png, 0o644)
}

// thrown says what a script threw.
func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}
