# make tools    the real programs that the tests run against (JuiceFS, Redis, MinIO, csi-sanity ...), into .tools

TOOLS     := $(CURDIR)/.tools
# A recipe that runs Maven puts this in front: JAVA_HOME=$(JAVA_HOME_25); empty, with a message, without a JDK 25.
JAVA_HOME_25 = $(shell test/tools/java-home.sh)

.PHONY: tools
tools:
	@test/tools/install.sh
