# What people type. The README names the first two.
GO      ?= go
VERSION ?= 0.1.0
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
LDFLAGS = -s -w -X main.version=$(VERSION)
TARGETS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: run test test-long check unit phones nat powercut builds bench bench-relay obelus opus install-peers corpus fuzz clean

run: ## serve with the built-in configuration
	$(GO) run ./cmd/obelus serve

test: install-peers check unit builds phones nat powercut ## everything, as CI runs it
	@echo "all tests passed"

test-long: ## ten times as many crashes and power cuts
	OBELUS_LONG=1 $(GO) test -count=1 -timeout 60m -run Crash ./store/...
	OBELUS_LONG=1 $(GO) test -count=1 -timeout 60m ./scenario/powercut
	OBELUS_LONG=1 $(GO) test -count=1 -timeout 60m ./scenario/crash

install-peers: ## the phones that the tests drive, from Debian
	sh scenario/install-peers.sh

check:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) mod tidy -diff

unit: opus ## all tests but those with real phones; with them the seeds of the fuzzers
	OBELUS_OPUS=$(CURDIR)/opus.wasm $(GO) test -race $$($(GO) list ./... | grep -v -e obelus/scenario/phones -e obelus/scenario/nat -e obelus/scenario/powercut)

phones: obelus opus ## calls and texts between real phones, through the built binary
	OBELUS_BIN=$(CURDIR)/obelus $(GO) test -count=1 -timeout 10m ./scenario/phones

nat: obelus ## phones behind NATs, in network namespaces: needs Linux and root; prints a table
	cd scenario/nat && OBELUS_BIN=$(CURDIR)/obelus $(GO) test -count=1 -timeout 10m -parallel 12

powercut: ## power cuts and full disks, on file systems of their own: needs Linux and root
	$(GO) test -count=1 -timeout 5m ./scenario/powercut

obelus:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o obelus ./cmd/obelus

opus: ## opus.wasm, which makes Opus, beside the binary (or into DEST)
	sh media/codec/opus/fetch.sh $(or $(DEST),$(CURDIR))

builds: ## that it builds for every platform, without C
	@for t in $(TARGETS); do \
		echo "build $$t"; \
		CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build -trimpath -o /dev/null ./cmd/obelus || exit 1; \
	done

corpus: ## what of the configurations in DIR is supported, one a subfolder
	@$(GO) run ./scenario/corpus $(DIR)

bench: ## against the peers; needs Debian's kamailio
	$(GO) run ./bench

bench-relay: ## the relay of sound beside rtpengine's; as root, needs Debian's rtpengine-daemon
	$(GO) run ./bench/relay

fuzz: ## every fuzzer for a while: make fuzz FUZZTIME=5m
	@for p in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -h '^func Fuzz' $$p/*_test.go | sed 's/func \(Fuzz[A-Za-z0-9_]*\).*/\1/'); do \
			echo "$$p $$f"; $(GO) test -run XXX -fuzz "^$$f$$" -fuzztime $(or $(FUZZTIME),20s) $$p || exit 1; \
		done; \
	done

clean:
	rm -f obelus
