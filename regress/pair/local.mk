# Two gateways in one process: all roles, a virtual clock, a lossy network.
check_PROGRAMS += test_pair
TESTS += test_pair
PAIR_WORLD = %D%/pair.c %D%/pair.h %D%/world.c %D%/world.h \
	%D%/world_int.h %D%/world_net.c %D%/world_parent.c %D%/world_pf.c
test_pair_SOURCES = $(PAIR_WORLD) %D%/pair_main.c %D%/test_exec.c %D%/test_file.c \
	%D%/test_join.c \
	%D%/test_rekey.c %D%/test_death.c %D%/test_hostile.c %D%/test_many.c \
	%D%/test_ah.c
PAIR_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS) \
	-I$(top_srcdir)/daemon/net -I$(top_srcdir)/daemon/ike \
	-I$(top_srcdir)/daemon/keys -I$(top_srcdir)/daemon/sad \
	-I$(top_srcdir)/daemon/esp -I$(top_srcdir)/daemon/parent \
	-I$(top_srcdir)/daemon/host -I$(top_srcdir)/daemon/ctl \
	-I$(top_srcdir)/backends/fw -I$(top_srcdir)/backends/host
test_pair_CPPFLAGS = $(PAIR_CPPFLAGS)
PAIR_LIBS = libnet.a libike.a libkeys.a libsad.a libesp.a \
	libexec.a libhost.a libctl.a libparent.a $(CRYPT_LIBS) libcompat.a $(UNIT_LIBS) $(BSD_LIBS)
test_pair_LDADD = libconf.a libpfkeyalg.a $(PAIR_LIBS)

# The same gateways with a memory that runs out.
check_PROGRAMS += test_nomem
TESTS += test_nomem
test_nomem_SOURCES = $(PAIR_WORLD) %D%/test_nomem.c
test_nomem_CPPFLAGS = $(PAIR_CPPFLAGS)
if IKEV1
test_nomem_SOURCES += %D%/v1.h %D%/v1_pair.c
test_nomem_CPPFLAGS += -DNOMEM_V1
endif
test_nomem_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc \
	-Wl,--wrap=realloc,--wrap=reallocarray
test_nomem_LDADD = $(PAIR_LIBS)

# IKEv1.
if IKEV1
check_PROGRAMS += test_pair_v1
TESTS += test_pair_v1
test_pair_v1_SOURCES = $(PAIR_WORLD) %D%/v1.h %D%/v1_main.c %D%/v1_pair.c %D%/test_v1.c \
	%D%/test_v1_rekey.c %D%/test_v1_death.c %D%/test_v1_ah.c
test_pair_v1_CPPFLAGS = $(PAIR_CPPFLAGS)
test_pair_v1_LDADD = $(PAIR_LIBS)
endif
