package main

import (
	"flag"

	"k8s.io/client-go/rest"
)

// How the server is reached.
type link struct {
	websocket                   *bool
	authority, certificate, key *string
}

func newLink(flags *flag.FlagSet) *link {
	return &link{
		websocket:   flags.Bool("websocket", false, "WebSocket instead of SPDY"),
		authority:   flags.String("authority", "", "what the server's certificate has to be signed by"),
		certificate: flags.String("certificate", "", "the client's own"),
		key:         flags.String("key", "", "of the client's certificate"),
	}
}

func (l *link) config() *rest.Config {
	return &rest.Config{TLSClientConfig: rest.TLSClientConfig{CAFile: *l.authority, CertFile: *l.certificate, KeyFile: *l.key}}
}
