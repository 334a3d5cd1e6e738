// Ships what may leave, each order once, through restarts of either side. A folder in shipments/ is an order to be packed.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

type (
	order struct {
		ID          string `json:"order_id"`
		Fulfillable bool   `json:"fulfillable"`
	}
	page struct {
		Events []struct{ Order order } `json:"events"`
		Next   int                     `json:"next"`
	}
)

func main() {
	position := 0
	text, _ := os.ReadFile("position") // there is none at first
	fmt.Sscan(string(text), &position)
	for {
		news := get[page](fmt.Sprintf("/v1/events?after=%d&wait=25s", position))
		for _, e := range news.Events {
			// The event may be old: what counts is how the order stands now.
			if e.Order.Fulfillable && get[order]("/v1/orders/"+e.Order.ID+"?max_age=1m").Fulfillable {
				must(os.MkdirAll("shipments/"+e.Order.ID, 0o700)) // does nothing the second time
			}
		}
		position = news.Next
		must(os.WriteFile("position.new", fmt.Append(nil, position), 0o600))
		must(os.Rename("position.new", "position"))
	}
}

// get asks until there is an answer. What another try would not change ends the program.
func get[T any](path string) (out T) {
	for ; ; time.Sleep(time.Second) {
		req, err := http.NewRequest(http.MethodGet, os.Getenv("WEBHOOKD_URL")+path, nil)
		must(err)
		req.Header.Set("Authorization", "Bearer "+os.Getenv("WEBHOOKD_API_KEY"))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue // it is away, and comes back
		}
		err = json.NewDecoder(res.Body).Decode(&out)
		res.Body.Close()
		if res.StatusCode/100 == 4 {
			log.Fatal(path, ": ", res.Status)
		}
		if res.StatusCode == http.StatusOK && err == nil {
			return out
		}
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
