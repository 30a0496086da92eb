# see Makefile.am
include backends/sa.mk
