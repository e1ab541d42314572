# make          what there is
# Works on a machine with a JDK 25, Maven, Go, Rust and Python; see README.md.

# Paths and texts in tests are Unicode, whatever the machine's language.
export LC_ALL := C.UTF-8

MVN       := mvn -q -B --no-transfer-progress -Dstyle.color=never
# A recipe that runs Java puts this in front: JAVA_HOME=... of a JDK 25; without one it ends with a message.
WITH_JAVA = JAVA_HOME=$$(test/tools/java-home.sh) && export JAVA_HOME &&
RUN       = $(WITH_JAVA) "$$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 $(JAVA_ARGUMENTS) -jar test/target/juicebox-test.jar
STAGES    := unit parts sanity posix twice badinput outages isolation fork faults

.DEFAULT_GOAL := help
.PHONY: help tools build unit parts format up down demo sanity posix twice badinput outages isolation fork faults test soak bench bench-fork images kube-tools kube-up kube-test kube-down clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

tools: ## fetch the real programs that the tests run against, once, into .tools
	@test/tools/install.sh

build: ## compile and package both programs and the tests
	@$(WITH_JAVA) test/build.sh

unit: ## compile, check the code, run the tests that need no server
	@$(WITH_JAVA) test/run.sh unit

parts: tools ## the classes of controller and node against real Redis, MinIO, juicefs and FUSE
	@$(WITH_JAVA) test/run.sh parts

format: ## format all Java code
	@$(WITH_JAVA) $(MVN) spotless:apply

up: tools build ## start Redis, MinIO, the controller and a node; settings in .run/env
	@$(RUN) up

down: ## end what `make up` started, and remove all of it
	@test -e test/target/juicebox-test.jar || $(MAKE) --no-print-directory build
	@$(RUN) down

demo: tools build ## one volume from its creation to its end, for you to watch
	@$(RUN) demo

sanity: tools build ## csi-sanity, three runs on one stack, and nothing left
	@$(RUN) sanity

# Run alone, they hold the bounds of a machine that has nothing else to do.
posix badinput outages: JAVA_ARGUMENTS += -Dstrict=true

posix: tools build ## what a volume does for applications, and pjdfstest
	@$(RUN) stage posix

twice: tools build ## every call twice, at once and killed at every step
	@$(RUN) stage twice

badinput: tools build ## wrong input to every call
	@$(RUN) stage badinput

outages: tools build ## Redis or the object store away, disks full
	@$(RUN) stage outages

faults: JAVA_ARGUMENTS += -Dstrict=true
faults: tools build ## processes killed, hung and replaced while programs use the volumes
	@$(RUN) stage faults

isolation: JAVA_ARGUMENTS += -Dstrict=true
isolation: tools build ## what stolen keys of a volume can reach, keys lost, planted and rotated; space of deleted files comes back
	@$(RUN) stage isolation

fork: JAVA_ARGUMENTS += -Dstrict=true -Dsoak=true
fork: tools build ## copies of volumes, with the full counts: csi-sanity; of one instant, whole, independent; times beside juicefs clone and cp -a
	@$(RUN) sanity
	@$(RUN) stage fork
	@$(RUN) bench-fork

test: tools ## all tests; the last line counts them
	@$(WITH_JAVA) test/run.sh $(STAGES)

soak: tools ## all tests with the full counts
	@$(WITH_JAVA) test/run.sh --soak $(STAGES)

bench: tools build ## times and memory beside the bare commands
	@$(RUN) bench

bench-fork: tools build ## copies of 1,000 to 100,000 files beside juicefs clone and cp -a
	@$(RUN) bench-fork

images: tools build ## the two images as OCI archives, and start both programs in them
	@deploy/images/build.sh
	@deploy/images/check.sh

kube-tools: ## build Kubernetes and its CSI sidecars, once: about 20 minutes of CPU time
	@test/tools/install.sh containers kubernetes csi-provisioner csi-resizer csi-snapshotter snapshot-controller

kube-up: kube-tools ## start a real Kubernetes of one node, see test/kube
	@test/kube/up.sh

kube-test: tools kube-tools build ## the driver in pods on it, by its own manifests; the last line counts
	@$(WITH_JAVA) test/kube/test.sh

kube-down: ## end it, and remove all of it
	@test/kube/down.sh

clean: down ## end the stack, remove what was built
	@$(WITH_JAVA) $(MVN) clean
