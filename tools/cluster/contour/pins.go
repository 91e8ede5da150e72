//go:build pins

// Package pins keeps the version of Contour, which programs Envoy as a gateway.
package pins

import _ "github.com/projectcontour/contour/cmd/contour"
