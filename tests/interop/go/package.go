package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const proofHeader = "c2sp.org/tlog-proof@v1"

// parts splits a proof or a request into its lines and the checkpoint behind the empty line.
func parts(path string) (lines []string, checkpoint []byte, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	if !found {
		return nil, nil, fmt.Errorf("%s has no checkpoint", path)
	}
	return strings.Split(string(head), "\n"), checkpoint, nil
}

func hashes(lines []string) (all []tlog.Hash, err error) {
	for _, line := range lines {
		raw, err := base64.StdEncoding.DecodeString(line)
		var hash tlog.Hash
		if err != nil || len(raw) != len(hash) {
			return nil, fmt.Errorf("%q is not a hash", line)
		}
		copy(hash[:], raw)
		all = append(all, hash)
	}
	return all, nil
}

// number reads `word N`.
func number(line, word string) (int64, error) {
	if !strings.HasPrefix(line, word+" ") {
		return 0, fmt.Errorf("%q does not begin with %q", line, word)
	}
	return strconv.ParseInt(strings.TrimPrefix(line, word+" "), 10, 64)
}

// proven checks that an entry is proven under the checkpoint that stands in its proof.
func proven(entryPath, proofPath, vkey string) (tree tlog.Tree, checkpoint []byte, err error) {
	entry, err := os.ReadFile(entryPath)
	if err != nil {
		return tree, nil, err
	}
	lines, checkpoint, err := parts(proofPath)
	if err != nil {
		return tree, nil, err
	}
	if len(lines) < 2 || lines[0] != proofHeader {
		return tree, nil, fmt.Errorf("%s is no proof", proofPath)
	}
	index, err := number(lines[1], "index")
	if err != nil {
		return tree, nil, err
	}
	if tree, err = opened(checkpoint, vkey); err != nil {
		return tree, nil, fmt.Errorf("%s: %w", proofPath, err)
	}
	proof, err := hashes(lines[2:])
	if err == nil {
		err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
	}
	if err != nil {
		return tree, nil, fmt.Errorf("%s: %w", proofPath, err)
	}
	return tree, checkpoint, nil
}

// grown checks the growth from one tree to the checkpoint behind it.
func grown(path, vkey string, old tlog.Tree, second []byte) error {
	lines, checkpoint, err := parts(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(checkpoint, second) {
		return fmt.Errorf("%s leads to another head", path)
	}
	size, err := number(lines[0], "old")
	if err != nil || size != old.N {
		return fmt.Errorf("%s does not grow from %d: %v", path, old.N, err)
	}
	tree, err := opened(checkpoint, vkey)
	if err != nil {
		return err
	}
	proof, err := hashes(lines[1:])
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

func checkPackage(dir, vkey string) (tree tlog.Tree, err error) {
	record := filepath.Join(dir, "record")
	if tree, err = head(record, vkey); err != nil {
		return tree, fmt.Errorf("checkpoint: %w", err)
	}
	first, err := os.ReadFile(filepath.Join(record, "checkpoint"))
	if err != nil {
		return tree, err
	}
	found, err := filepath.Glob(filepath.Join(record, "entries", "*.json"))
	if err != nil || len(found) == 0 {
		return tree, fmt.Errorf("no entries: %v", err)
	}
	for _, entry := range found {
		_, under, err := proven(entry, strings.TrimSuffix(entry, ".json")+".tlog-proof", vkey)
		if err != nil {
			return tree, err
		}
		if !bytes.Equal(under, first) {
			return tree, fmt.Errorf("%s is proven under another head", entry)
		}
	}
	over := filepath.Join(dir, "handover")
	_, second, err := proven(filepath.Join(over, "completed.json"), filepath.Join(over, "completed.tlog-proof"), vkey)
	if err != nil {
		return tree, err
	}
	return tree, grown(filepath.Join(over, "grown.add-checkpoint"), vkey, tree, second)
}
