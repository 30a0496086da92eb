# regress/import: pairs of ipsec.conf and what `s2sctl import' makes of it,
# `s2sctl peer-config' and its way back, and real files of other people where
# they are at hand.
TESTS += %D%/run %D%/peer-run %D%/corpus
EXTRA_DIST += %D%/run %D%/peer-run %D%/corpus %D%/pairs %D%/peer
