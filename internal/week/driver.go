package week

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"webhookd/internal/store"
)

// driver lets the week pass.
type driver struct {
	world    *world
	store    *store.Store
	intake   *store.Intake
	meter    *meter
	progress io.Writer
}

// drive goes from moment to moment, and gives the figures of each hour.
func (d *driver) drive(ctx context.Context) ([]*Hour, error) {
	w := d.world
	w.openShop()
	var hours []*Hour
	end := w.begin.Add(w.options.end())
	for hour := w.begin.Add(time.Hour); !hour.After(end); hour = hour.Add(time.Hour) {
		if err := d.until(ctx, hour); err != nil {
			return hours, err
		}
		h, err := d.closeHour(ctx)
		if err != nil {
			return hours, err
		}
		hours = append(hours, h)
	}
	return hours, nil
}

// until lets happen what is planned before a moment, and waits for it.
func (d *driver) until(ctx context.Context, moment time.Time) error {
	for {
		next, ok := d.world.next()
		if !ok || !next.Before(moment) {
			return sleep(ctx, time.Until(moment))
		}
		if err := sleep(ctx, time.Until(next)); err != nil {
			return err
		}
		posted, joining := d.world.happen(next)
		if err := d.deliver(ctx, posted, joining); err != nil {
			return err
		}
	}
}

// deliver hands the service what it hears, all at once.
func (d *driver) deliver(ctx context.Context, posted []string, joining []*order) error {
	var all sync.WaitGroup
	errs := make([]error, len(posted)+len(joining))
	for i, id := range posted {
		all.Go(func() { errs[i] = d.intake.Hint(ctx, id) })
	}
	for i, o := range joining {
		all.Go(func() {
			currency := "EUR"
			_, errs[len(posted)+i] = d.store.Register(ctx, o.id, store.Expected{
				MerchantOrderID: &o.ref, Amount: &o.amount, Currency: &currency,
			})
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("deliver: %w", err)
	}
	return nil
}

// closeHour reads the meter, and begins the next hour.
func (d *driver) closeHour(ctx context.Context) (*Hour, error) {
	w := d.world
	w.mu.Lock()
	h := w.hour
	w.hour = newHour(h.Hour + 1)
	w.mu.Unlock()
	if err := d.meter.read(ctx, h); err != nil {
		return nil, fmt.Errorf("read the figures of hour %d: %w", h.Hour, err)
	}
	h.sum()
	if (h.Hour+1)%24 == 0 {
		fmt.Fprintf(d.progress, "day %d: %d orders, %d unsettled, %.0f s\n",
			(h.Hour+1)/24, h.OrderRows, h.Unsettled, h.wall)
	}
	return h, nil
}
