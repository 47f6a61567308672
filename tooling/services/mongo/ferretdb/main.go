// Serves MongoDB's protocol out of SQLite, for tests where there is no mongod. Arguments: an address to listen on, and an
// empty folder.
//
// FerretDB reads and writes a document in two steps, so two updates of one document can lose one another's change, which
// MongoDB rules out. Commands are therefore handed to it one at a time.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

const (
	headerLength = 16
	longest      = 48_000_000
	opMsg        = 2013
	moreToCome   = 1 << 1
)

var errTooLong = errors.New("a message is longer than MongoDB allows")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:   slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:  "sqlite",
		// Not in memory: there it has one connection, and waits for itself. Nothing has to be safe on disk.
		SQLiteURL: "file:" + strings.TrimSuffix(os.Args[2], "/") + "/?_pragma=synchronous(off)",
	})
	if err != nil {
		log.Fatal(err)
	}
	front, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		inner, err := url.Parse(server.MongoDBURI())
		if err != nil {
			log.Fatal(err)
		}
		accept(front, inner.Host)
	}()
	if err := server.Run(ctx); err != nil {
		log.Fatal(err)
	}
}

func accept(front net.Listener, inner string) {
	var turn sync.Mutex
	for {
		client, err := front.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer client.Close()
			server, err := net.Dial("tcp", inner)
			if err != nil {
				log.Print(err)
				return
			}
			defer server.Close()
			for forward(client, server, &turn) == nil {
			}
		}()
	}
}

// forward passes on one command and, unless nobody waits for it, its answer.
func forward(client, server net.Conn, turn *sync.Mutex) error {
	command, err := read(client)
	if err != nil {
		return err
	}
	answer, err := ask(server, command, turn)
	if err != nil || answer == nil {
		return err
	}
	_, err = client.Write(answer)
	return err
}

func ask(server net.Conn, command []byte, turn *sync.Mutex) ([]byte, error) {
	turn.Lock()
	defer turn.Unlock()
	if _, err := server.Write(command); err != nil {
		return nil, err
	}
	isMsg := binary.LittleEndian.Uint32(command[12:]) == opMsg && len(command) >= headerLength+4
	if isMsg && binary.LittleEndian.Uint32(command[headerLength:])&moreToCome != 0 {
		return nil, nil
	}
	return read(server)
}

func read(from io.Reader) ([]byte, error) {
	var header [headerLength]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(header[:])
	if length < headerLength || length > longest {
		return nil, errTooLong
	}
	message := make([]byte, length)
	copy(message, header[:])
	_, err := io.ReadFull(from, message[headerLength:])
	return message, err
}
