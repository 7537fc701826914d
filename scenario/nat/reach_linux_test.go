package nat

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"obelus/scenario/phones"
)

// How long the impatient NATs remember a flow without a packet, and how long
// nothing happens before the call that must get through.
const (
	shortMemory = 3 * time.Second
	idleTime    = 2*shortMemory + time.Second
)

// reach has the server keep the way to idle phones open.
func (w *work) reach(t *testing.T) {
	for _, kind := range []Kind{PortRestricted, Symmetric} {
		for _, c := range []struct {
			name, general string
			phone         phones.Setup
		}{
			{"qualify", "qualify=yes\nqualifyfreq=1\n", phones.Setup{}},
			{"keepalive", "keepalive=1\n", phones.Setup{}},
			{"keepalive over TCP", "keepalive=1\ntcpenable=yes\n", phones.Setup{TCP: true}},
			{"qualify over TLS", "qualify=yes\nqualifyfreq=1\n" + w.tls(t), phones.Setup{TLS: true}},
		} {
			t.Run(c.name+", "+string(kind), func(t *testing.T) {
				t.Parallel()
				d := w.desk(t, kind, kind, deskSetup{general: c.general, memory: shortMemory, phone: c.phone})
				time.Sleep(idleTime) // what is tested is that nothing happens
				phones.PlayCall(d.linphone, d.baresip)
				time.Sleep(idleTime)
				phones.PlayCall(d.baresip, d.linphone)
				phones.PlayText(t, d.linphone, d.baresip)
			})
		}
		t.Run("hold, "+string(kind), func(t *testing.T) {
			t.Parallel()
			w.longHold(t, w.desk(t, kind, kind, deskSetup{general: "keepalive=1\n", memory: shortMemory}))
		})
		t.Run("nothing, "+string(kind), func(t *testing.T) {
			t.Parallel()
			w.forgotten(t, kind, "udp", deskSetup{})
		})
		t.Run("nothing over TCP, "+string(kind), func(t *testing.T) {
			t.Parallel()
			w.forgotten(t, kind, "tcp", deskSetup{general: "tcpenable=yes\n", phone: phones.Setup{TCP: true}})
		})
	}
}

// longHold has each phone hold the call for longer than the NATs remember its
// sound: afterwards both hear each other, from wherever they come then.
func (w *work) longHold(t *testing.T, d *desk) {
	phones.Connect(d.linphone, d.baresip)
	phones.HearEachOther(d.linphone, d.baresip)
	for _, holder := range []phones.Line{d.linphone, d.baresip} {
		holder.Hold()
		time.Sleep(idleTime)
		holder.Resume()
		w.soundBack(t, d)
	}
	phones.Part(d.baresip, d.linphone)
}

// forgotten is what the others prevent: without word from the server the NAT
// forgets baresip, which says nothing by itself.
func (w *work) forgotten(t *testing.T, kind Kind, protocol string, setup deskSetup) {
	setup.memory = shortMemory
	d := w.desk(t, kind, kind, setup)
	for deadline := time.Now().Add(5 * idleTime); d.two.Knows(protocol, sipPort); time.Sleep(shortMemory / 10) {
		if time.Now().After(deadline) {
			t.Fatal("the NAT of short memory remembers a phone that says nothing: it proves nothing of qualify and keepalive")
		}
	}
}

// transports has the phones call each other over TCP and TLS.
func (w *work) transports(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run("TCP, "+string(kind), func(t *testing.T) {
			t.Parallel()
			d := w.desk(t, kind, kind, deskSetup{general: "tcpenable=yes\n", phone: phones.Setup{TCP: true}})
			d.onlyOver("tcp", sipPort)
			w.callAndText(t, d)
		})
		t.Run("TLS, "+string(kind), func(t *testing.T) {
			t.Parallel()
			d := w.desk(t, kind, kind, deskSetup{general: w.tls(t), phone: phones.Setup{TLS: true}})
			d.onlyOver("tcp", sipPort+1)
			w.callAndText(t, d)
		})
		if kind == FullCone || kind == Restricted {
			continue // as port-restricted here: nobody new sends to the phone
		}
		t.Run("TLS and SRTP, the sound moves, "+string(kind), func(t *testing.T) {
			t.Parallel()
			w.soundMoves(t, w.desk(t, kind, kind, deskSetup{
				account: "nat=yes\nencryption=yes", general: w.tls(t), phone: phones.Setup{TLS: true, SRTP: true},
			}))
		})
	}
}

// onlyOver fails the test unless both phones have reached the server so, and
// not over UDP.
func (d *desk) onlyOver(protocol string, port int) {
	d.lab.t.Helper()
	for _, box := range []*Box{d.one, d.two} {
		if !box.Knows(protocol, port) || box.Knows("udp", sipPort) {
			d.lab.t.Errorf("the phone behind %s has not registered over %s at port %d alone", box.public, protocol, port)
		}
	}
}

// callAndText is a call from each, hung up from either side, and a text each way.
func (w *work) callAndText(t *testing.T, d *desk) {
	t.Helper()
	phones.PlayCall(d.linphone, d.baresip)
	phones.PlayCall(d.baresip, d.linphone)
	phones.PlayText(t, d.linphone, d.baresip)
}

// tls is what sip.conf says so that the server listens by TLS, with a
// certificate of its own making.
func (w *work) tls(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "server.pem")
	text, err := selfSigned(publicServer)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatalf("make a certificate: %v", err)
	}
	return "tlsenable=yes\ntlscertfile=" + file + "\n"
}

// selfSigned makes a key and a certificate for an address, in one file.
func selfSigned(addr string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: addr},
		IPAddresses:  []net.IP{net.ParseIP(addr)},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), nil
}
