// Streaming drives one URL that Exec, Attach or PortForward answered with, by the libraries that kubectl uses: the scenarios of e2e
// are its callers.
//
//	streaming talk    [LINK] [-stdin] [-tty] [-no-stdout] [-no-stderr] [-sizes 80x24,100x30] URL
//	streaming forward [LINK] PORT... URL
//	streaming refused [LINK] PORT-WITHOUT-LISTENER PORT-OF-ECHO URL
//
// LINK is how the server is reached: [-websocket] [-authority FILE] [-certificate FILE -key FILE].
//
// Its stdin, stdout and stderr are those of the talk, and its exit code is the command's.
package main

import (
	"flag"
	"fmt"
	"os"
)

// What the program ends with when the talk itself failed: no command of the scenarios has this exit code.
const failed = 250

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: streaming talk|forward|refused [flags] [ports] URL"))
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	link := newLink(flags)
	var run func(arguments []string) error
	fewest, most := 1, 1
	switch os.Args[1] {
	case "talk":
		talk := newTalk(flags)
		run = func(arguments []string) error { return talk.run(link, arguments[0]) }
	case "forward":
		fewest, most = 2, 9
		run = func(arguments []string) error {
			last := len(arguments) - 1
			return forward(link, arguments[:last], arguments[last])
		}
	case "refused":
		fewest, most = 3, 3
		run = func(arguments []string) error { return refused(link, arguments[0], arguments[1], arguments[2]) }
	default:
		fail(fmt.Errorf("unknown verb %q", os.Args[1]))
	}
	_ = flags.Parse(os.Args[2:])
	if flags.NArg() < fewest || flags.NArg() > most {
		fail(fmt.Errorf("%s takes %d to %d arguments, not %d", os.Args[1], fewest, most, flags.NArg()))
	}
	if err := run(flags.Args()); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "streaming:", err)
	os.Exit(failed)
}
