// Package browsertest drives a real Chromium, for tests of pages.
//
//	browser := browsertest.Start(t, "../../screenshots")
//	page := browser.Page(t, browsertest.Phone)
//	page.Open(shop.URL)
//	page.Click("#pay")
//	page.Await("#verdict[data-state=paid]")
//	page.Picture("paid")
//
// A step that does not succeed ends the test and leaves a picture of what there was to see. At the end of a test, every
// error that the browser reported fails it: an exception of a script, a request that failed, and above all what a
// Content-Security-Policy kept from happening.
package browsertest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// startTimeout bounds the start of the browser; it takes a second, but on a busy machine.
const startTimeout = time.Minute

// Browser is a Chromium without a window, with pages that know nothing of each other.
type Browser struct {
	ctx      context.Context // of the browser, as chromedp wants it
	pictures string
}

// Start starts a browser that ends with the test. Pictures go to the folder pictures, which is made. Without a Chromium
// the test fails and says how to get one.
func Start(t testing.TB, pictures string) *Browser {
	t.Helper()
	program, err := find()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Abs(pictures)
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err != nil {
		t.Fatalf("folder for pictures: %v", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.NoSandbox, // Chromium's own refuses root, and the pages are our own
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-search-engine-choice-screen", true),
		chromedp.Flag("no-proxy-server", true),
	)
	allocator, free := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(free)
	ctx, _ := chromedp.NewContext(allocator)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // a browser that has gone already has done what was wanted
	started := make(chan error, 1)
	go func() { started <- chromedp.Do(ctx) }()
	select {
	case err = <-started:
	case <-time.After(startTimeout):
		t.Fatalf("%s did not start within %v", program, startTimeout)
	}
	if err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return &Browser{ctx: ctx, pictures: folder}
}
