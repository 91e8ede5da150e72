//go:build pins

// Package pins keeps the versions of what is built straight from its own module.
package pins

import _ "sigs.k8s.io/metrics-server/cmd/metrics-server"
