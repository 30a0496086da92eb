# ipsec.conf of the other daemons to s2sd.conf, and back: a part of s2sctl.
noinst_LIBRARIES += libimport.a
libimport_a_SOURCES = %D%/im.h %D%/im_file.h %D%/im_int.h %D%/im.c %D%/im_alg.c \
	%D%/im_choose.c %D%/im_conn.c %D%/im_end.c %D%/im_file.c %D%/im_flavour.c \
	%D%/im_iface.c \
	%D%/im_key.c %D%/im_lex.c %D%/im_map.c %D%/im_mem.c %D%/im_merge.c \
	%D%/im_print.c %D%/im_prop.c %D%/im_secret.c %D%/im_sel.c \
	%D%/im_value.c %D%/pc.c %D%/pc.h %D%/pc_prop.c
libimport_a_CPPFLAGS = $(AM_CPPFLAGS) -DWITH_IKEV1=$(WITH_IKEV1)
