package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// queueOrders writes the orders that changed.
func queueOrders(b *pgx.Batch, changes []*change) {
	var rows []*orderRow
	for _, c := range changes {
		if c.next != nil {
			rows = append(rows, c.next)
		}
	}
	if rows == nil {
		return
	}
	columns := orderColumns()
	values := make([]any, len(columns))
	for i, c := range columns {
		values[i] = c.values(rows)
	}
	b.Queue(upsertOrders(columns), values...)
}

// upsertOrders is the statement that takes an array for each column.
func upsertOrders(columns []orderColumn) string {
	var names, arrays, sets []string
	for i, c := range columns {
		names = append(names, c.name)
		arrays = append(arrays, fmt.Sprintf(c.array, i+1))
		sets = append(sets, c.name+" = excluded."+c.name)
	}
	return "insert into orders (" + strings.Join(names, ", ") + ")" +
		" select * from unnest(" + strings.Join(arrays, ", ") + ")" +
		" on conflict (order_id) do update set " + strings.Join(sets, ", ")
}

// orderColumn is one column of the table orders: an array of its values as SQL, with the parameter's number left open,
// and the values of some rows.
type orderColumn struct {
	name   string
	array  string
	values func([]*orderRow) any
}

func columnOf[T any](name, array string, pick func(*orderRow) T) orderColumn {
	return orderColumn{name: name, array: "$%d::" + array, values: func(rows []*orderRow) any { return column(rows, pick) }}
}

// orderColumns are the columns of orderRow.
func orderColumns() []orderColumn {
	return []orderColumn{
		columnOf("order_id", "text[]", func(r *orderRow) string { return r.OrderID }),
		columnOf("kind", "text[]", func(r *orderRow) string { return string(r.Kind) }),
		columnOf("state", "text[]", func(r *orderRow) string { return string(r.State) }),
		columnOf("status", "text[]", func(r *orderRow) *string { return r.Status }),
		columnOf("merchant_order_id", "text[]", func(r *orderRow) *string { return r.MerchantOrderID }),
		columnOf("amount", "bigint[]", func(r *orderRow) *int64 { return r.Amount }),
		columnOf("currency", "text[]", func(r *orderRow) *string { return r.Currency }),
		columnOf("refunded_amount", "bigint[]", func(r *orderRow) int64 { return r.RefundedAmount }),
		columnOf("voided", "bool[]", func(r *orderRow) bool { return r.Voided }),
		columnOf("test", "bool[]", func(r *orderRow) bool { return r.Test }),
		columnOf("clear", "bool[]", func(r *orderRow) bool { return r.Clear }),
		columnOf("settled", "bool[]", func(r *orderRow) bool { return r.Settled }),
		columnOf("stuck", "bool[]", func(r *orderRow) bool { return r.Stuck }),
		columnOf("paid_twice", "bool[]", func(r *orderRow) bool { return r.PaidTwice }),
		columnOf("paid_seq", "bigint[]", func(r *orderRow) *int64 { return r.PaidSeq }),
		columnOf("registered_at", "timestamptz[]", func(r *orderRow) *time.Time { return r.RegisteredAt }),
		columnOf("expected_merchant_order_id", "text[]", func(r *orderRow) *string { return r.ExpectedMerchantOrderID }),
		columnOf("expected_amount", "bigint[]", func(r *orderRow) *int64 { return r.ExpectedAmount }),
		columnOf("expected_currency", "text[]", func(r *orderRow) *string { return r.ExpectedCurrency }),
		columnOf("first_seen_at", "timestamptz[]", func(r *orderRow) time.Time { return r.FirstSeenAt }),
		columnOf("first_seen_by", "text[]", func(r *orderRow) string { return r.FirstSeenBy }),
		columnOf("created_at", "timestamptz[]", func(r *orderRow) *time.Time { return r.CreatedAt }),
		columnOf("modified_at", "timestamptz[]", func(r *orderRow) *time.Time { return r.ModifiedAt }),
		columnOf("expires_at", "timestamptz[]", func(r *orderRow) *time.Time { return r.ExpiresAt }),
		columnOf("settled_at", "timestamptz[]", func(r *orderRow) *time.Time { return r.SettledAt }),
		columnOf("updated_at", "timestamptz[]", func(r *orderRow) time.Time { return r.UpdatedAt }),
		columnOf("seq", "bigint[]", func(r *orderRow) int64 { return r.Seq }),
		{name: "doc", array: jsonArray, values: func(rows []*orderRow) any {
			return jsonTexts(rows, func(r *orderRow) []byte { return r.Doc })
		}},
	}
}

// jsonArray is jsonTexts as an array again.
const jsonArray = "string_to_array($%d, '" + jsonSeparator + "', '')::json[]"

// jsonSeparator separates documents in a text: JSON holds no control character but white space.
const jsonSeparator = "\x1e"

// jsonTexts joins a document of each item to one text; nil is empty. As an array of JSON the driver would copy them
// several times while it grows.
func jsonTexts[T any](items []T, pick func(T) []byte) string {
	size := len(items)
	for _, item := range items {
		size += len(pick(item))
	}
	var text strings.Builder
	text.Grow(size)
	for i, item := range items {
		if i > 0 {
			text.WriteString(jsonSeparator)
		}
		text.Write(pick(item))
	}
	return text.String()
}

// jsonText gives a document as text, which every mode of the driver passes on as JSON; as bytes it would not be.
func jsonText(doc []byte) *string {
	if doc == nil {
		return nil
	}
	return new(string(doc))
}

// column picks one value of each item, for an unnest.
func column[T, V any](items []T, pick func(T) V) []V {
	values := make([]V, len(items))
	for i, item := range items {
		values[i] = pick(item)
	}
	return values
}
