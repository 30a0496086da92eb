# What is installed beside the programs.
dist_doc_DATA = %D%/s2sd.conf.example
pkgdata_SCRIPTS = %D%/users.sh
EXTRA_DIST += %D%/users.sh
