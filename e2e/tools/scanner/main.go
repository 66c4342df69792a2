// Reads an OCI image layout as the scanners Syft and Grype do, by their library, and prints the image's id and what a file of it has.
// usage: scanner LAYOUT PATH
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/anchore/stereoscope"
	"github.com/anchore/stereoscope/pkg/file"
)

func main() {
	if err := read("oci-dir:"+os.Args[1], file.Path(os.Args[2])); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(layout string, path file.Path) error {
	defer stereoscope.Cleanup()
	image, err := stereoscope.GetImage(context.Background(), layout)
	if err != nil {
		return err
	}
	contents, err := image.OpenPathFromSquash(path)
	if err != nil {
		return err
	}
	defer contents.Close()
	fmt.Println(image.Metadata.ID)
	_, err = io.Copy(os.Stdout, contents)
	return err
}
