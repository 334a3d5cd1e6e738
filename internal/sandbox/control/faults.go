package control

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

func (c *control) faultRoutes(r chi.Router) {
	r.Get("/sandbox/faults", serve(c.showFaults))
	r.Post("/sandbox/faults", serve(c.setFault))
	r.Delete("/sandbox/faults", serve(c.liftFaults))
	r.Delete("/sandbox/faults/{id}", serve(c.liftFault))
}

type faultList struct {
	Faults []faultView `json:"faults"`
}

func (c *control) showFaults(*http.Request) (int, any, error) {
	return http.StatusOK, faultList{viewFaults(c.gateway.Faults())}, nil
}

type madeFault struct {
	ID string `json:"id"`
}

func (c *control) setFault(r *http.Request) (int, any, error) {
	asked, err := readMembers(r)
	if err != nil {
		return 0, nil, err
	}
	f := readFault(asked)
	if err := asked.end(); err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, madeFault{f.Set(c.gateway)}, nil
}

func (c *control) liftFaults(*http.Request) (int, any, error) {
	c.gateway.LiftFaults()
	return http.StatusNoContent, nil, nil
}

func (c *control) liftFault(r *http.Request) (int, any, error) {
	if !c.gateway.LiftFault(r.PathValue("id")) {
		return 0, nil, notFound("there is no such fault, or it has ended")
	}
	return http.StatusNoContent, nil, nil
}
