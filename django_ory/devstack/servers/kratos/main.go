// Command kratos is Ory Kratos, built from the Go module proxy.
//
// "go install module@version" refuses modules with replace lines; this main module repeats them in its own go.mod.
package main

import (
	"os"

	"github.com/ory/kratos/cmd"
)

func main() {
	os.Exit(cmd.Execute())
}
