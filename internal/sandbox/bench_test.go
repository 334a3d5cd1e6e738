package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"webhookd/internal/sandbox"
)

// BenchmarkGETHandler reads a paid order without the network.
func BenchmarkGETHandler(b *testing.B) {
	s := newShop(b, sandbox.Config{})
	id := s.order(nil)
	s.do(s.paid(id))
	handler := s.g.Handler()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		req := httptest.NewRequest("GET", "/v1/orders/"+id+"/", nil)
		req.SetBasicAuth(s.key, "")
		w := discard{http.Header{}}
		for pb.Next() {
			handler.ServeHTTP(w, req)
		}
	})
}

// BenchmarkGETOverHTTP reads paid orders over the loopback; client and server share the processors.
func BenchmarkGETOverHTTP(b *testing.B) {
	s := newShop(b, sandbox.Config{})
	var ids []string
	for range 1000 {
		id := s.order(nil)
		s.do(s.paid(id))
		ids = append(ids, id)
	}
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			req, err := http.NewRequest("GET", s.base+"/v1/orders/"+ids[i%len(ids)]+"/", nil)
			if err != nil {
				b.Error(err)
				return
			}
			req.SetBasicAuth(s.key, "")
			res, err := s.http.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

// BenchmarkCreateAndPay makes an order and has it paid.
func BenchmarkCreateAndPay(b *testing.B) {
	s := newShop(b, sandbox.Config{})
	b.ReportAllocs()
	for b.Loop() {
		s.do(s.paid(s.order(nil)))
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header            { return d.header }
func (d discard) WriteHeader(int)                {}
func (d discard) Write(text []byte) (int, error) { return len(text), nil }
