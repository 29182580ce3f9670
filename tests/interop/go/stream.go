package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// stream answers one question a line until its input ends: what is asked, then its fields in
// base64, all with one space between. The answer is `accept` and what was read, or `refuse` and
// why. Keys, notes, tree heads, hashes and proofs are read by the Go team's packages; only the
// lines before a checkpoint, for which these have no reader, are taken apart here.
func stream(in io.Reader, out io.Writer) error {
	lines, answers := bufio.NewReader(in), bufio.NewWriter(out)
	defer answers.Flush()
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF && line == "" {
			return nil
		}
		if err != nil {
			return err
		}
		words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		fields := make([][]byte, len(words)-1)
		for i, word := range words[1:] {
			if fields[i], err = base64.StdEncoding.DecodeString(word); err != nil {
				return err
			}
		}
		said, err := answer(words[0], fields)
		if err != nil {
			fmt.Fprintf(answers, "refuse %q\n", err)
		} else {
			fmt.Fprintf(answers, "accept %s\n", said)
		}
		// The other side may wait for it.
		if lines.Buffered() == 0 {
			if err := answers.Flush(); err != nil {
				return err
			}
		}
	}
}

func answer(what string, fields [][]byte) (string, error) {
	verifier, err := note.NewVerifier(string(fields[0]))
	if err != nil {
		return "", err
	}
	switch {
	case what == "key" && len(fields) == 1:
		return fmt.Sprintf("%s %08x", hex.EncodeToString([]byte(verifier.Name())), verifier.KeyHash()), nil
	case what == "note" && len(fields) == 2:
		tree, err := loosely(fields[1], verifier)
		return told(tree), err
	case what == "proof" && len(fields) == 3:
		return inclusion(verifier, fields[1], fields[2])
	case what == "growth" && len(fields) == 4:
		return growth(verifier, fields[1], fields[2], fields[3])
	}
	return "", fmt.Errorf("no such question: %s with %d fields", what, len(fields))
}

func told(tree tlog.Tree) string {
	return fmt.Sprintf("%d %s", tree.N, hex.EncodeToString(tree.Hash[:]))
}

// loosely opens a checkpoint as far as the Go packages can tell one: the note under the key, and
// its text by the reader of tree heads, which has its own first line and overlooks further ones.
func loosely(text []byte, verifier note.Verifier) (tree tlog.Tree, err error) {
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	origin, rest, _ := strings.Cut(signed.Text, "\n")
	if origin != verifier.Name() {
		return tree, fmt.Errorf("the checkpoint is of %q", origin)
	}
	return tlog.ParseTree([]byte("go.sum database tree\n" + rest))
}

// lead splits off the checkpoint and reads `word N` and the hashes that stand before it.
func lead(text []byte, word string) (n int64, all []tlog.Hash, checkpoint []byte, err error) {
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	if !found {
		return 0, nil, nil, fmt.Errorf("there is no checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	if n, err = number(lines[0], word); err != nil {
		return 0, nil, nil, err
	}
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, nil, nil, err
		}
		all = append(all, hash)
	}
	return n, all, checkpoint, nil
}

// provable refuses trees for which version 0.7 of the checks never ends: it looks for the next
// power of two, and there is none in an int64 above this one.
func provable(tree tlog.Tree) error {
	if tree.N > 1<<62 {
		return fmt.Errorf("no proof under %d entries can be checked", tree.N)
	}
	return nil
}

func inclusion(verifier note.Verifier, entry, text []byte) (string, error) {
	rest := bytes.TrimPrefix(text, []byte(proofHeader+"\n"))
	if len(rest) == len(text) {
		return "", fmt.Errorf("its first line is another")
	}
	// A line that nothing signs, and that the specification allows.
	if bytes.HasPrefix(rest, []byte("extra ")) {
		extra, after, _ := bytes.Cut(rest, []byte("\n"))
		if _, err := base64.StdEncoding.DecodeString(string(extra[len("extra "):])); err != nil {
			return "", err
		}
		rest = after
	}
	index, proof, checkpoint, err := lead(rest, "index")
	if err != nil {
		return "", err
	}
	tree, err := loosely(checkpoint, verifier)
	if err != nil {
		return "", err
	}
	if err = provable(tree); err != nil {
		return "", err
	}
	err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
	return fmt.Sprintf("%d %s", index, told(tree)), err
}

func growth(verifier note.Verifier, size, root, text []byte) (string, error) {
	old := tlog.Tree{}
	var err error
	if old.N, err = strconv.ParseInt(string(size), 10, 64); err != nil || len(root) != len(old.Hash) {
		return "", fmt.Errorf("the old head is none: %v", err)
	}
	copy(old.Hash[:], root)
	stated, proof, checkpoint, err := lead(text, "old")
	if err != nil {
		return "", err
	}
	tree, err := loosely(checkpoint, verifier)
	if err != nil {
		return "", err
	}
	if stated != old.N {
		return "", fmt.Errorf("it grows from %d", stated)
	}
	if err = provable(tree); err != nil {
		return "", err
	}
	said := fmt.Sprintf("%d %s", stated, told(tree))
	if old.N == 0 {
		// The beginning of every record, with nothing to prove; CheckTree has no answer to that.
		if len(proof) != 0 || old.Hash != sha256.Sum256(nil) {
			return "", fmt.Errorf("nothing does not grow so")
		}
		return said, nil
	}
	return said, tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}
