// Command hydra is Ory Hydra, built from the Go module proxy.
//
// "go install module@version" refuses modules with replace lines; this main module repeats them in its own go.mod.
package main

import "github.com/ory/hydra/v2/cmd"

func main() {
	cmd.Execute()
}
