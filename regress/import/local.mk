# regress/import: pairs of ipsec.conf and what `s2sctl import' makes of it,
# and real files of other people where they are at hand.
TESTS += %D%/run %D%/corpus
EXTRA_DIST += %D%/run %D%/corpus %D%/pairs
