// Command checklog verifies an exported log with the Go team's own code: the signed note of the
// checkpoint, the tree rebuilt from the tiles, an inclusion proof for every entry and a
// consistency proof from every smaller tree. With -package it does so for a package of evidence:
// both heads, the proof of every entry under its head, the growth from the first head to the
// second. With -equivocation it checks the proof that a key signed two histories. It prints one
// line and exits 0 only if all hold. With -stream it answers, line by line,
// what tests ask that hold another reader against this one.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// tiles reads `tile/L/N` below a folder. The Go package puts the height between (`tile/8/L/N`)
// and calls entry bundles `data`; the published layout does neither.
type tiles string

func (dir tiles) read(t tlog.Tile) ([]byte, error) {
	path := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	path = strings.Replace(path, "data/", "entries/", 1)
	return os.ReadFile(filepath.Join(string(dir), "tile", path))
}

func (tiles) Height() int                         { return tileHeight }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (dir tiles) ReadTiles(ts []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(ts))
	for i, t := range ts {
		data, err := dir.read(t)
		if err != nil {
			return nil, err
		}
		out[i] = data
	}
	return out, nil
}

// head opens the checkpoint under the given key.
func head(dir, vkey string) (tree tlog.Tree, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return tree, err
	}
	return opened(text, vkey)
}

func opened(text []byte, vkey string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("checkpoint is not origin, size and root: %q", signed.Text)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != len(tree.Hash) {
		return tree, fmt.Errorf("checkpoint root %q is not a hash", lines[2])
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

// entries splits every bundle: u16 big-endian length, then the entry.
func entries(dir tiles, size int64) (all [][]byte, err error) {
	for first := int64(0); first < size; first += 1 << tileHeight {
		width := size - first
		if width > 1<<tileHeight {
			width = 1 << tileHeight
		}
		bundle, err := dir.read(tlog.Tile{H: tileHeight, L: -1, N: first >> tileHeight, W: int(width)})
		if err != nil {
			return nil, err
		}
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("entry %d: its bundle is cut short", first+i)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:end])
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			return nil, fmt.Errorf("%d bytes after entry %d in its bundle", len(bundle), first+width-1)
		}
	}
	return all, nil
}

func check(dir, vkey string) (tree tlog.Tree, err error) {
	if tree, err = head(dir, vkey); err != nil {
		return tree, fmt.Errorf("checkpoint: %w", err)
	}
	reader := tlog.TileHashReader(tree, tiles(dir))
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		return tree, fmt.Errorf("root from the tiles is %v: %v", root, err)
	}
	all, err := entries(tiles(dir), tree.N)
	if err != nil {
		return tree, err
	}
	for i, entry := range all {
		// Compared here and not only proven: version 0.7 of the reader can leave the first tile
		// unchecked against its parent when several subtrees of the root share a tile.
		inTile, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(i))})
		if err != nil || inTile[0] != tlog.RecordHash(entry) {
			return tree, fmt.Errorf("entry %d: its hash is not the one in its tile: %v", i, err)
		}
		proof, err := tlog.ProveRecord(tree.N, int64(i), reader)
		if err == nil {
			err = tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(entry))
		}
		if err != nil {
			return tree, fmt.Errorf("entry %d: %w", i, err)
		}
	}
	for old := int64(1); old <= tree.N; old++ {
		oldRoot, err := tlog.TreeHash(old, reader)
		if err != nil {
			return tree, fmt.Errorf("tree of size %d: %w", old, err)
		}
		proof, err := tlog.ProveTree(tree.N, old, reader)
		if err == nil {
			err = tlog.CheckTree(proof, tree.N, tree.Hash, old, oldRoot)
		}
		if err != nil {
			return tree, fmt.Errorf("growth from size %d: %w", old, err)
		}
	}
	return tree, nil
}

func main() {
	args, verify := os.Args[1:], check
	if len(args) == 1 && args[0] == "-stream" {
		if err := stream(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "checklog:", err)
			os.Exit(2)
		}
		return
	}
	if len(args) == 3 && args[0] == "-package" {
		args, verify = args[1:], checkPackage
	}
	if len(args) == 3 && args[0] == "-equivocation" {
		args, verify = args[1:], checkEquivocation
	}
	if len(args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: checklog [-package] DIR VKEY, checklog -equivocation FILE VKEY, or checklog -stream")
		os.Exit(2)
	}
	tree, err := verify(args[0], strings.TrimSpace(args[1]))
	if err != nil {
		fmt.Fprintln(os.Stderr, "checklog: refused:", err)
		os.Exit(1)
	}
	fmt.Printf("checklog: %d entries, root %v\n", tree.N, tree.Hash)
}
