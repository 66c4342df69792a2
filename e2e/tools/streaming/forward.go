package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

func dialerFor(link *link, address string) (httpstream.Dialer, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if *link.websocket {
		return portforward.NewSPDYOverWebsocketDialer(target, link.config())
	}
	transport, upgrader, err := spdy.RoundTripperFor(link.config())
	if err != nil {
		return nil, err
	}
	return spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, target), nil
}

// Forward listens on ports of loopback, says which, and ends with its stdin.
func forward(link *link, ports []string, address string) error {
	dialer, err := dialerFor(link, address)
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(stop)
	}()
	pairs := make([]string, 0, len(ports))
	for _, port := range ports {
		pairs = append(pairs, "0:"+port)
	}
	forwarder, err := portforward.NewOnAddresses(
		dialer, []string{"127.0.0.1"}, pairs, stop, make(chan struct{}), os.Stdout, os.Stderr)
	if err != nil {
		return err
	}
	return forwarder.ForwardPorts()
}

// Refused asks for a port on which nobody listens, and then, on the same connection, for one that echoes. The forwarder of the
// library would give up after the first.
func refused(link *link, closedPort, openPort, address string) error {
	dialer, err := dialerFor(link, address)
	if err != nil {
		return err
	}
	connection, protocol, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
	if err != nil {
		return err
	}
	defer connection.Close()
	if protocol != portforward.PortForwardProtocolV1Name {
		return fmt.Errorf("the server speaks %q", protocol)
	}
	data, words, err := exchange(connection, "1", closedPort, nil)
	if err != nil {
		return err
	}
	if len(data) != 0 {
		return fmt.Errorf("%d bytes came from a port on which nobody listens", len(data))
	}
	fmt.Printf("refused: %s\n", words)

	sent := bytes.Repeat([]byte("ping"), 1<<10)
	data, words, err = exchange(connection, "2", openPort, sent)
	if err != nil {
		return err
	}
	if len(words) != 0 {
		return errors.New(string(words))
	}
	if !bytes.Equal(data, sent) {
		return fmt.Errorf("%d other bytes came back instead of %d", len(data), len(sent))
	}
	fmt.Println("echoed")
	return nil
}

// One forwarded connection: what came back, and what the server said of errors.
func exchange(connection httpstream.Connection, request, port string, sent []byte) (data, words []byte, err error) {
	headers := http.Header{}
	headers.Set("streamType", "error")
	headers.Set("port", port)
	headers.Set("requestID", request)
	errorStream, err := connection.CreateStream(headers)
	if err != nil {
		return nil, nil, err
	}
	if err := errorStream.Close(); err != nil {
		return nil, nil, err
	}
	headers.Set("streamType", "data")
	dataStream, err := connection.CreateStream(headers)
	if err != nil {
		return nil, nil, err
	}
	if _, err := dataStream.Write(sent); err != nil {
		return nil, nil, err
	}
	if err := dataStream.Close(); err != nil {
		return nil, nil, err
	}
	if data, err = io.ReadAll(dataStream); err != nil {
		return nil, nil, err
	}
	if words, err = io.ReadAll(errorStream); err != nil {
		return nil, nil, err
	}
	return data, words, nil
}
