# Tests.  Each area has a fragment of its own in unit/ and fuzz/.
UNIT_LIBS = $(CMOCKA_LIBS)
UNIT_CPPFLAGS = $(AM_CPPFLAGS) -DSRCDIR='"$(abs_top_srcdir)"' -DBUILDDIR='"$(abs_top_builddir)"'
if HAVE_CMOCKA
include regress/unit/common.mk
include regress/unit/keys.mk
include regress/unit/ike.mk
include regress/unit/esp.mk
include regress/unit/host.mk
include regress/unit/conf.mk
include regress/unit/net.mk
include regress/unit/parent.mk
include regress/pair/local.mk
endif
include regress/conf/local.mk
include regress/fuzz/local.mk
include regress/bench/local.mk
