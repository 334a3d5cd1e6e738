package week

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// The picture's measures, in its own units.
const (
	plotWidth   = 1210.0
	plotLeft    = 74.0
	plotRight   = 1000.0 // the legend stands behind it
	plotTop     = 84.0
	panelHeight = 128.0
	panelGap    = 54.0
)

// series is one line, or one layer of a stack.
type series struct {
	name  string
	class string // of its colour
	value func(*Hour) float64
}

// panel is one diagram. All share the hours.
type panel struct {
	title  string
	series []series
	stack  bool
	log    bool
	gaps   bool // 0 means that there was nothing to measure
	tick   func(float64) string
}

// area is where a panel is drawn: from a value to its height.
type area struct {
	panel
	top   float64
	low   float64
	high  float64
	ticks []float64
}

// y is where a value stands.
func (a area) y(v float64) float64 {
	share := (v - a.low) / (a.high - a.low)
	if a.log {
		v = min(max(v, a.low), a.high)
		share = math.Log(v/a.low) / math.Log(a.high/a.low)
	}
	return a.top + panelHeight*(1-share)
}

// WritePlot draws the week as an SVG.
func (r *Result) WritePlot(w io.Writer) error {
	var b strings.Builder
	panels := panels()
	height := plotTop + float64(len(panels))*(panelHeight+panelGap)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`+"\n",
		plotWidth, height, "A week of a large shop, hour by hour")
	b.WriteString(plotStyle)
	fmt.Fprintf(&b, `<rect class="paper" width="%.0f" height="%.0f"/>`+"\n", plotWidth, height)
	r.drawHead(&b, height)
	for i, p := range panels {
		r.drawPanel(&b, r.lay(p, plotTop+float64(i)*(panelHeight+panelGap)+26))
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// plotStyle has the colours, for light and for dark paper.
const plotStyle = `<style>
svg{--paper:#fff;--ink:#24292f;--soft:#656d76;--grid:#d8dee4;--a:#2f6fb7;--b:#c8741a;--c:#2d8a57;--d:#8a5bb0;--e:#b8323f;--f:#7d8590;--g:#b59b16}
@media (prefers-color-scheme:dark){svg{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--grid:#2a313a;--a:#5b9bd9;--b:#e0934a;--c:#56b881;--d:#b18bd6;--e:#e5606b;--f:#8b949e;--g:#d2bb4c}}
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--soft)}
.paper{fill:var(--paper)}.head{font-size:19px;font-weight:600;fill:var(--ink)}.title{font-size:13px;font-weight:600;fill:var(--ink)}
.note{font-weight:600}.grid{stroke:var(--grid);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}.layer{stroke:none;fill-opacity:.82}
.band{fill-opacity:.16}
.sa{stroke:var(--a)}.sb{stroke:var(--b)}.sc{stroke:var(--c)}.sd{stroke:var(--d)}.se{stroke:var(--e)}.sf{stroke:var(--f)}.sg{stroke:var(--g)}
.fa{fill:var(--a)}.fb{fill:var(--b)}.fc{fill:var(--c)}.fd{fill:var(--d)}.fe{fill:var(--e)}.ff{fill:var(--f)}.fg{fill:var(--g)}
</style>
`

func panels() []panel {
	calls := func(f func(Calls) int) func(*Hour) float64 {
		return func(h *Hour) float64 { return float64(f(h.Calls)) }
	}
	pages := func(kinds ...string) func(*Hour) float64 {
		return func(h *Hour) (sum float64) {
			for _, kind := range kinds {
				sum += float64(h.By[kind].Pages)
			}
			return sum
		}
	}
	return []panel{
		{title: "Load: orders made and webhooks received, an hour", tick: short, series: []series{
			{"webhooks", "b", func(h *Hour) float64 { return float64(h.Webhooks) }},
			{"orders", "a", func(h *Hour) float64 { return float64(h.Orders) }},
		}},
		{title: "Calls to the gateway an hour, by what caused them", tick: short, stack: true, series: []series{
			{"webhook", "b", calls(func(c Calls) int { return c.Webhook })},
			{"poll of an open order", "a", calls(func(c Calls) int { return c.Poll })},
			{"recheck of a paid one", "c", calls(func(c Calls) int { return c.Recheck })},
			{"sweep and what it found", "d", calls(func(c Calls) int { return c.Sweep + c.Lists })},
			{"amounts", "g", calls(func(c Calls) int { return c.Amounts })},
			{"forged id", "f", calls(func(c Calls) int { return c.Forged })},
			{"failed", "e", calls(func(c Calls) int { return c.Failed })},
		}},
		{title: "Orders stored", tick: short, series: []series{
			{"stored", "f", func(h *Hour) float64 { return float64(h.OrderRows) }},
		}},
		{title: "Orders still open", tick: short, series: []series{ // a scale of its own: they are few
			{"open", "a", func(h *Hour) float64 { return float64(h.Unsettled) }},
		}},
		{title: "Work of Postgres an hour: pages touched", tick: short, stack: true, series: []series{
			{"store answers", "a", pages(kindStore)},
			{"claim", "c", pages(kindClaim)},
			{"record webhooks", "b", pages(kindHint)},
			{"sweep", "d", pages(kindSweep)},
			{"count the backlog", "f", pages(kindGauge)},
		}},
		{title: "Pages touched for one: does it grow with what is stored?", gaps: true, tick: short, series: []series{
			{"answer stored", "a", func(h *Hour) float64 { return each(h.By[kindStore].Pages, h.Calls.looks()-h.Calls.Failed) }},
			{"webhook recorded", "b", func(h *Hour) float64 { return each(h.By[kindHint].Pages, h.Webhooks) }},
		}},
		{title: "From the gateway's change to our commit (logarithmic)", log: true, gaps: true, tick: span, series: []series{
			{"median", "c", func(h *Hour) float64 { return h.DelayP50 }},
			{"slowest hundredth", "b", func(h *Hour) float64 { return h.DelayP99 }},
			{"webhook lost: median", "d", func(h *Hour) float64 { return h.LostP50 }},
		}},
	}
}

// each is what one of so many takes; 0 where so few hide what it is.
func each(pages int64, n int) float64 {
	const few = 20
	if n < few {
		return 0
	}
	return float64(pages) / float64(n)
}

// x is where a moment of the week stands.
func (r *Result) x(d time.Duration) float64 {
	return plotLeft + (plotRight-plotLeft)*float64(d)/float64(r.Options.end())
}

// middle is where an hour's value stands.
func (r *Result) middle(h *Hour) float64 {
	return r.x(time.Duration(h.Hour)*time.Hour + 30*time.Minute)
}

// drawHead writes the title and marks what is special about some hours.
func (r *Result) drawHead(b *strings.Builder, height float64) {
	s := r.Summary()
	text(b, plotLeft, 28, "start", "head", fmt.Sprintf("A week of a large shop: %s orders", grouped(s.Orders)))
	text(b, plotLeft, 48, "start", "", fmt.Sprintf(
		"%s changes at the gateway, %s webhooks, %s calls to the gateway (%.2f an order). Hour by hour, in simulated time.",
		grouped(s.Changes), grouped(s.Webhooks), grouped(s.Calls.All), s.CallsPerOrder))
	for _, m := range []struct {
		Stretch
		class, name string
	}{
		{r.Options.Flood, "f", "forged webhooks"},
		{r.Options.Outage, "e", "gateway down"},
		{r.Options.Flash, "g", "flash sale"},
	} {
		left, right := r.x(m.From), r.x(m.Until)
		fmt.Fprintf(b, `<rect class="band f%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`+"\n",
			m.class, left-1, plotTop, right-left+2, height-plotTop-panelGap+32)
		text(b, (left+right)/2, plotTop-6, "middle", "note f"+m.class, m.name)
	}
}

// lay gives a panel its scale.
func (r *Result) lay(p panel, top float64) area {
	a := area{panel: p, top: top}
	peak := 0.0
	for _, h := range r.Hours {
		sum := 0.0
		for _, s := range p.series {
			if v := s.value(h); p.stack {
				sum += v
			} else {
				sum = max(sum, v)
			}
		}
		peak = max(peak, sum)
	}
	if p.log {
		a.low, a.high = .1, 100_000
		a.ticks = []float64{.1, 1, 10, 60, 600, 3600, 86400}
		return a
	}
	step := niceStep(peak / 3)
	for v := 0.0; v < peak+step; v += step {
		a.ticks = append(a.ticks, v)
	}
	a.high = a.ticks[len(a.ticks)-1]
	return a
}

// niceStep is the next of 1, 2, 2.5, 5, 10 and so on.
func niceStep(v float64) float64 {
	if v <= 0 {
		return 1
	}
	scale := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if v <= m*scale {
			return m * scale
		}
	}
	return 10 * scale
}

func (r *Result) drawPanel(b *strings.Builder, a area) {
	text(b, plotLeft, a.top-9, "start", "title", a.title)
	bottom := a.top + panelHeight
	for _, v := range a.ticks {
		line(b, "grid", plotLeft, a.y(v), plotRight, a.y(v))
		text(b, plotLeft-8, a.y(v)+4, "end", "", a.tick(v))
	}
	r.drawDays(b, a.top, bottom)
	if a.stack {
		r.drawStack(b, a)
	} else {
		r.drawLines(b, a)
	}
	line(b, "axis", plotLeft, bottom, plotRight, bottom)
}

// drawDays parts the days, and names them under the panel.
func (r *Result) drawDays(b *strings.Builder, top, bottom float64) {
	if r.Options.end() < 2*day {
		for d := time.Duration(0); d <= r.Options.end(); d += time.Hour {
			text(b, r.x(d), bottom+17, "middle", "", fmt.Sprintf("%d h", int(d.Hours())))
		}
		return
	}
	names := [...]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
	for d := time.Duration(0); d < r.Options.end(); d += day {
		line(b, "grid", r.x(d), top, r.x(d), bottom)
		name, until := "no orders", r.Options.end()
		if d < r.Options.Span {
			name, until = names[int(d/day)%len(names)], d+day
		}
		text(b, (r.x(d)+r.x(until))/2, bottom+17, "middle", "", name)
		if d >= r.Options.Span {
			return
		}
	}
}

// drawLines draws each series for itself. Where there is nothing to measure the line is broken.
func (r *Result) drawLines(b *strings.Builder, a area) {
	for i, s := range a.series {
		var path strings.Builder
		pen := "M"
		for _, h := range r.Hours {
			v := s.value(h)
			if a.gaps && v == 0 {
				pen = "M"
				continue
			}
			fmt.Fprintf(&path, "%s%.1f %.1f", pen, r.middle(h), a.y(v))
			pen = "L"
		}
		fmt.Fprintf(b, `<path class="line s%s" d="%s"/>`+"\n", s.class, path.String())
		legend(b, a.top, i, s)
	}
}

// drawStack draws each series on top of those before it. The legend has the topmost first.
func (r *Result) drawStack(b *strings.Builder, a area) {
	below := make([]float64, len(r.Hours))
	for i, s := range a.series {
		var there, back strings.Builder
		for j, h := range r.Hours {
			fmt.Fprintf(&there, "%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[j == 0], r.middle(h), a.y(below[j]+s.value(h)))
		}
		for j := len(r.Hours) - 1; j >= 0; j-- {
			fmt.Fprintf(&back, "L%.1f %.1f", r.middle(r.Hours[j]), a.y(below[j]))
			below[j] += s.value(r.Hours[j])
		}
		fmt.Fprintf(b, `<path class="layer f%s" d="%s%sZ"/>`+"\n", s.class, there.String(), back.String())
		legend(b, a.top, len(a.series)-1-i, s)
	}
}

func legend(b *strings.Builder, top float64, place int, s series) {
	y := top + 6 + float64(place)*18
	fmt.Fprintf(b, `<rect class="f%s" x="%.1f" y="%.1f" width="14" height="8" rx="2"/>`+"\n", s.class, plotRight+16, y)
	text(b, plotRight+36, y+8, "start", "", s.name)
}

func text(b *strings.Builder, x, y float64, anchor, class, s string) {
	fmt.Fprintf(b, `<text class="%s" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", class, x, y, anchor, s)
}

func line(b *strings.Builder, class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(b, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", class, x1, y1, x2, y2)
}

// short writes 1500 as 1.5 k.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%g M", round(v/1e6, 2))
	case v >= 1e3:
		return fmt.Sprintf("%g k", round(v/1e3, 2))
	}
	return fmt.Sprintf("%g", round(v, 2))
}

// span writes seconds as a person would.
func span(v float64) string {
	switch {
	case v >= 86400:
		return fmt.Sprintf("%g d", v/86400)
	case v >= 3600:
		return fmt.Sprintf("%g h", v/3600)
	case v >= 60:
		return fmt.Sprintf("%g min", v/60)
	}
	return fmt.Sprintf("%g s", v)
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
