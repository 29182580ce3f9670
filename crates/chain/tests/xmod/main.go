// Checks an exported record with the note and transparency log code of the Go
// team and nothing of ours: xmod DIR VKEY [OLD-CHECKPOINT]
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (folder) Height() int                             { return 8 }
func (folder) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}

func (dir folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		// x/mod writes the tile height into the path, C2SP tiles leave it out.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(dir), path))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func open(path, vkey string) tlog.Tree {
	text, err := os.ReadFile(path)
	must(err)
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		must(fmt.Errorf("%s is not a checkpoint of %s", path, verifier.Name()))
	}
	var tree tlog.Tree
	_, err = fmt.Sscanf(lines[1], "%d", &tree.N)
	must(err)
	tree.Hash, err = tlog.ParseHash(lines[2])
	must(err)
	return tree
}

func entries(dir string, size int64) (all [][]byte) {
	for n := int64(0); n*256 < size; n++ {
		width := 256
		if size-n*256 < 256 {
			width = int(size - n*256)
		}
		tile := tlog.Tile{H: 8, L: -1, N: n, W: width}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(dir, path))
		must(err)
		for len(data) >= 2 && len(data)-2 >= int(binary.BigEndian.Uint16(data)) {
			end := 2 + int(binary.BigEndian.Uint16(data))
			all, data = append(all, data[2:end]), data[end:]
		}
		if len(data) != 0 {
			must(fmt.Errorf("%s is cut off", path))
		}
	}
	if int64(len(all)) != size {
		must(fmt.Errorf("%d entries under a checkpoint of %d", len(all), size))
	}
	return all
}

func main() {
	if len(os.Args) < 3 {
		must(fmt.Errorf("use: xmod DIR VKEY [OLD-CHECKPOINT]"))
	}
	dir, vkey := os.Args[1], os.Args[2]
	tree := open(filepath.Join(dir, "checkpoint"), vkey)
	hashes := tlog.TileHashReader(tree, folder(dir))
	for i, entry := range entries(dir, tree.N) {
		proof, err := tlog.ProveRecord(tree.N, int64(i), hashes)
		must(err)
		err = tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(entry))
		if err != nil {
			must(fmt.Errorf("entry %d: %w", i, err))
		}
	}
	if len(os.Args) > 3 {
		old := open(os.Args[3], vkey)
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	}
	fmt.Printf("accepted: %d entries\n", tree.N)
}
