# What is installed beside the programs, and what makes a service or a package
# of them.
dist_doc_DATA = %D%/s2sd.conf.example
pkgdata_SCRIPTS = %D%/users.sh
EXTRA_DIST += %D%/users.sh %D%/mkdeb \
	%D%/systemd/s2sd.service.in %D%/systemd/s2sd-block.service.in \
	%D%/systemd/s2sd.sysusers %D%/systemd/s2sd.tmpfiles \
	%D%/rc.d/s2sd.openbsd %D%/rc.d/s2sd.freebsd %D%/rc.d/s2sd.netbsd \
	%D%/rc.d/s2sd_block.freebsd %D%/rc.d/s2sd_block.netbsd \
	%D%/debian/changelog.in %D%/debian/control %D%/debian/copyright \
	%D%/debian/postinst %D%/debian/postrm %D%/debian/prerm \
	%D%/debian/rules %D%/debian/source/format %D%/rpm/s2sd.spec.in \
	%D%/freebsd-port/Makefile.in %D%/freebsd-port/pkg-descr \
	%D%/freebsd-port/pkg-plist \
	%D%/openbsd-port/Makefile.in %D%/openbsd-port/pkg/DESCR \
	%D%/openbsd-port/pkg/PLIST

# folders as they are configured
PLACES = sed -e 's,[@]sbindir@,$(sbindir),g' -e 's,[@]sysconfdir@,$(sysconfdir),g' \
	-e 's,[@]runstatedir@,$(runstatedir),g' -e 's,[@]VERSION@,$(VERSION),g'
SERVICES = etc/s2sd.service etc/s2sd-block.service etc/s2sd.openbsd \
	etc/s2sd.freebsd etc/s2sd.netbsd etc/s2sd.spec etc/Makefile.freebsd \
	etc/Makefile.openbsd
CLEANFILES += $(SERVICES) etc/s2sd_block
services: $(SERVICES)
etc/s2sd.service: %D%/systemd/s2sd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(PLACES) $(srcdir)/%D%/systemd/s2sd.service.in >$@
etc/s2sd-block.service: %D%/systemd/s2sd-block.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(PLACES) $(srcdir)/%D%/systemd/s2sd-block.service.in >$@
etc/s2sd.openbsd: %D%/rc.d/s2sd.openbsd Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(PLACES) $(srcdir)/%D%/rc.d/s2sd.openbsd >$@
etc/s2sd.freebsd: %D%/rc.d/s2sd.freebsd Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(PLACES) $(srcdir)/%D%/rc.d/s2sd.freebsd >$@
etc/s2sd.netbsd: %D%/rc.d/s2sd.netbsd Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(PLACES) $(srcdir)/%D%/rc.d/s2sd.netbsd >$@
etc/s2sd.spec: %D%/rpm/s2sd.spec.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(PLACES) $(srcdir)/%D%/rpm/s2sd.spec.in >$@
etc/Makefile.freebsd: %D%/freebsd-port/Makefile.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(PLACES) $(srcdir)/%D%/freebsd-port/Makefile.in >$@
etc/Makefile.openbsd: %D%/openbsd-port/Makefile.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(PLACES) $(srcdir)/%D%/openbsd-port/Makefile.in >$@
.PHONY: services

if WITH_SYSTEMD
SERVICE_INSTALL = install-systemd
SERVICE_UNINSTALL = uninstall-systemd
endif
if !OS_LINUX
SERVICE_INSTALL = install-rc
SERVICE_UNINSTALL = uninstall-rc
endif
install-data-local: $(SERVICE_INSTALL)
uninstall-local: $(SERVICE_UNINSTALL)
unitdir = $(systemdsystemunitdir)
install-systemd: etc/s2sd.service etc/s2sd-block.service
	$(MKDIR_P) $(DESTDIR)$(unitdir) $(DESTDIR)$(prefix)/lib/sysusers.d \
	    $(DESTDIR)$(prefix)/lib/tmpfiles.d
	$(INSTALL_DATA) etc/s2sd.service etc/s2sd-block.service $(DESTDIR)$(unitdir)
	$(INSTALL_DATA) $(srcdir)/%D%/systemd/s2sd.sysusers \
	    $(DESTDIR)$(prefix)/lib/sysusers.d/s2sd.conf
	$(INSTALL_DATA) $(srcdir)/%D%/systemd/s2sd.tmpfiles \
	    $(DESTDIR)$(prefix)/lib/tmpfiles.d/s2sd.conf
uninstall-systemd:
	rm -f $(DESTDIR)$(unitdir)/s2sd.service \
	    $(DESTDIR)$(unitdir)/s2sd-block.service \
	    $(DESTDIR)$(prefix)/lib/sysusers.d/s2sd.conf \
	    $(DESTDIR)$(prefix)/lib/tmpfiles.d/s2sd.conf
# the early block: OpenBSD has no place for a script there, see s2sd(8)
install-rc: etc/s2sd.$(os)
	$(MKDIR_P) $(DESTDIR)$(sysconfdir)/rc.d
	$(INSTALL_SCRIPT) etc/s2sd.$(os) $(DESTDIR)$(sysconfdir)/rc.d/s2sd
	if test -f $(srcdir)/%D%/rc.d/s2sd_block.$(os); then \
	    $(PLACES) $(srcdir)/%D%/rc.d/s2sd_block.$(os) >etc/s2sd_block && \
	    $(INSTALL_SCRIPT) etc/s2sd_block $(DESTDIR)$(sysconfdir)/rc.d/; fi
uninstall-rc:
	rm -f $(DESTDIR)$(sysconfdir)/rc.d/s2sd $(DESTDIR)$(sysconfdir)/rc.d/s2sd_block
.PHONY: install-systemd uninstall-systemd install-rc uninstall-rc
