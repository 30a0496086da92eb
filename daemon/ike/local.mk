# s2sd-ike: the engine.
noinst_LIBRARIES += libike.a
libike_a_SOURCES = \
	%D%/ike.c %D%/ike.h %D%/engine.h %D%/frames.c %D%/tun.c \
	%D%/tun_up.c %D%/sa.c %D%/sa_timer.c %D%/child.c %D%/half.c \
	%D%/verdict.c %D%/natt.c %D%/percpu.c %D%/version.c %D%/offered.c %D%/report.c %D%/index.c %D%/timer.c %D%/buf.c \
	%D%/payload/payload.h %D%/payload/hdr.c %D%/payload/sk.c \
	%D%/payload/sa.c %D%/payload/choose.c %D%/payload/small.c \
	%D%/payload/ts.c \
	%D%/v2/v2.h %D%/v2/edge.c %D%/v2/exch.c %D%/v2/own.c %D%/v2/init.c \
	%D%/v2/init_r.c %D%/v2/auth.c %D%/v2/auth_r.c %D%/v2/child.c \
	%D%/v2/child_r.c %D%/v2/rekey.c %D%/v2/info.c %D%/v2/natt.c %D%/v2/percpu.c \
	%D%/v2/select.c
if IKEV1
libike_a_SOURCES += \
	%D%/proto.c %D%/payload/v1.h %D%/payload/v1_hdr.c \
	%D%/payload/v1_sa.c %D%/payload/v1_prop.c %D%/payload/v1_small.c \
	%D%/v1/v1.h %D%/v1/edge.c %D%/v1/recv.c %D%/v1/frag.c \
	%D%/v1/seal.c %D%/v1/state.c %D%/v1/second.c %D%/v1/main_i.c %D%/v1/main_r.c \
	%D%/v1/natt.c %D%/v1/quick.c %D%/v1/quick_i.c %D%/v1/quick_r.c \
	%D%/v1/info.c %D%/v1/dpd.c %D%/v1/next.c %D%/v1/over.c
else
libike_a_SOURCES += %D%/proto_v2.c
endif
pkglibexec_PROGRAMS += s2sd-ike
s2sd_ike_SOURCES = %D%/main.c
s2sd_ike_LDADD = libike.a $(CRYPT_LIBS) $(ROLE_LIBS)
