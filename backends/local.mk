# see Makefile.am
include backends/sa.mk
include backends/host.mk
