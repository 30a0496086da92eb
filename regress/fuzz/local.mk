# Fuzz targets.  A target is regress/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput
# and seeds in regress/fuzz/corpus/NAME/.  `make check' links it with replay.c,
# which runs every seed, every truncation and every bit flip of it; with
# --enable-fuzz (clang) the same source becomes a libFuzzer program.
if FUZZ
FUZZ_MAIN =
FUZZ_FLAGS = -fsanitize=fuzzer
else
FUZZ_MAIN = regress/fuzz/replay.c
FUZZ_FLAGS =
endif
FUZZ_CPPFLAGS = $(UNIT_CPPFLAGS)
include regress/fuzz/common.mk
include regress/fuzz/keys.mk
include regress/fuzz/ike.mk
include regress/fuzz/esp.mk
include regress/fuzz/host.mk
include regress/fuzz/conf.mk
include regress/fuzz/import.mk
include regress/fuzz/net.mk
include regress/fuzz/parent.mk
include regress/fuzz/verify.mk
