package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
)

// What the command says when it wants the next size of its terminal.
const nextSize = "next size"

// A talk with a command (exec) or with a container's own process (attach).
type talk struct {
	stdin, tty, noStdout, noStderr *bool
	sizes                          *string
}

func newTalk(flags *flag.FlagSet) *talk {
	return &talk{
		stdin:    flags.Bool("stdin", false, "pass stdin on"),
		tty:      flags.Bool("tty", false, "the other side has a terminal"),
		noStdout: flags.Bool("no-stdout", false, "do not ask for stdout"),
		noStderr: flags.Bool("no-stderr", false, "do not ask for stderr"),
		sizes:    flags.String("sizes", "", "of the terminal: the first at once, each further one when the output has \""+nextSize+"\""),
	}
}

func (t *talk) run(link *link, address string) error {
	executor, err := executorFor(link, address)
	if err != nil {
		return err
	}
	sizes, err := parseSizes(*t.sizes)
	if err != nil {
		return err
	}
	options := remotecommand.StreamOptions{Tty: *t.tty}
	if *t.stdin {
		options.Stdin = os.Stdin
	}
	if !*t.noStdout {
		options.Stdout = sizes.watching(os.Stdout)
	}
	if !*t.noStderr && !*t.tty {
		options.Stderr = os.Stderr
	}
	if *t.tty {
		options.TerminalSizeQueue = sizes
	}
	err = executor.StreamWithContext(context.Background(), options)
	var code exec.CodeExitError
	if errors.As(err, &code) {
		os.Exit(code.Code)
	}
	return err
}

func executorFor(link *link, address string) (remotecommand.Executor, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if *link.websocket {
		return remotecommand.NewWebSocketExecutor(link.config(), http.MethodGet, address)
	}
	return remotecommand.NewSPDYExecutor(link.config(), http.MethodPost, target)
}

// The sizes of the terminal, in turn.
type sizeQueue struct {
	waiting chan remotecommand.TerminalSize
	mutex   sync.Mutex
	later   []remotecommand.TerminalSize
}

func parseSizes(text string) (*sizeQueue, error) {
	queue := &sizeQueue{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		var size remotecommand.TerminalSize
		if _, err := fmt.Sscanf(part, "%dx%d", &size.Width, &size.Height); err != nil {
			return nil, fmt.Errorf("size %q: %w", part, err)
		}
		queue.later = append(queue.later, size)
	}
	queue.waiting = make(chan remotecommand.TerminalSize, len(queue.later)+1)
	queue.release()
	return queue, nil
}

func (q *sizeQueue) release() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if len(q.later) > 0 {
		q.waiting <- q.later[0]
		q.later = q.later[1:]
	}
}

// Next waits; nil would be the end of all sizes.
func (q *sizeQueue) Next() *remotecommand.TerminalSize {
	size, more := <-q.waiting
	if !more {
		return nil
	}
	return &size
}

func (q *sizeQueue) watching(to io.Writer) io.Writer {
	return &watcher{to: to, found: q.release}
}

// A writer that tells each time that the word for the next size has gone through.
type watcher struct {
	to    io.Writer
	seen  []byte
	found func()
}

func (w *watcher) Write(piece []byte) (int, error) {
	count, err := w.to.Write(piece)
	w.seen = append(w.seen, piece...)
	for {
		at := bytes.Index(w.seen, []byte(nextSize))
		if at < 0 {
			break
		}
		w.seen = w.seen[at+len(nextSize):]
		w.found()
	}
	if keep := len(nextSize); len(w.seen) > keep {
		w.seen = append([]byte(nil), w.seen[len(w.seen)-keep:]...)
	}
	return count, err
}
