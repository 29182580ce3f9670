package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkEquivocation checks, as docs/design/equivocation.md says it, that one key signed two
// histories: both signatures, and the growth from the other root to the later head.
func checkEquivocation(path, vkey string) (tree tlog.Tree, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return tree, err
	}
	parts := bytes.Split(text, []byte("\n\n"))
	if len(parts) != 6 {
		return tree, fmt.Errorf("%s has %d parts", path, len(parts))
	}
	note := func(body, signatures []byte) []byte {
		return []byte(string(body) + "\n\n" + string(signatures))
	}
	lead := strings.Split(string(parts[0]), "\n")
	if len(lead) != 2 || lead[0] != "sealdock/equivocation/v1" {
		return tree, fmt.Errorf("its first lines are %q", lead)
	}
	root, err := tlog.ParseHash(strings.TrimPrefix(lead[1], "root "))
	if err != nil || !strings.HasPrefix(lead[1], "root ") {
		return tree, fmt.Errorf("its root is %q: %v", lead[1], err)
	}
	first, err := opened(append(note(parts[1], parts[2]), '\n'), vkey)
	if err != nil {
		return tree, fmt.Errorf("first head: %w", err)
	}
	if tree, err = opened(note(parts[4], parts[5]), vkey); err != nil {
		return tree, fmt.Errorf("later head: %w", err)
	}
	lines := strings.Split(string(parts[3]), "\n")
	old, err := number(lines[0], "old")
	if err != nil || old != first.N {
		return tree, fmt.Errorf("it grows from %d: %v", old, err)
	}
	proof, err := hashes(lines[1:])
	if err != nil {
		return tree, err
	}
	if root == first.Hash {
		return tree, fmt.Errorf("both had the root %v", root)
	}
	return tree, tlog.CheckTree(proof, tree.N, tree.Hash, old, root)
}
