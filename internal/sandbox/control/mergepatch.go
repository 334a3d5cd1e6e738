package control

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
)

// parsePatch reads a patch that is an object; its numbers stay as they are written.
func parsePatch(text []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var patch map[string]any
	err := d.Decode(&patch)
	if err == nil {
		_, err = d.Token()
	}
	if err != io.EOF || patch == nil {
		return nil, &problem{Status: http.StatusBadRequest, Title: "Not JSON", Detail: "the patch must be a JSON object"}
	}
	return patch, nil
}

// mergePatch returns target as the patch leaves it (RFC 7396): null takes a member away, an object is merged into the
// one that is there, and anything else takes its place.
func mergePatch(target, patch map[string]any) map[string]any {
	merged := maps.Clone(target)
	if merged == nil {
		merged = make(map[string]any)
	}
	for name, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(merged, name)
		case map[string]any:
			inner, _ := merged[name].(map[string]any)
			merged[name] = mergePatch(inner, value)
		default:
			merged[name] = value
		}
	}
	return merged
}
