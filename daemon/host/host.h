/* SPDX-License-Identifier: ISC */

/*
 * host.h: s2sd-host keeps the machine around the tunnels as it must be:
 * block, NAT exemption, MSS, routes, sysctls, connection tracking.  The
 * role decides what and when; the backends do it.
 */

#ifndef HOST_H
#define HOST_H

#include "role.h"
#include "rules.h"

extern const struct role role_host;

/* A firewall that was opened (ctx), or why it could not be. */
struct host_fw {
	const struct fw_backend	*be;
	void			*ctx;
	char			 why[FW_WHYLEN];
};
struct host_os {
	struct host_fw			 nft, iptables;
	const struct fw_accept_be	*acc;	/* NULL: none of this system */
	void				*accctx;
	int				 exec;	/* s2sd-exec was asked for */
	const struct host_backend	*be;
	void				*ctx;
};
/* Use these instead of the null ones; the role closes them. */
void	 host_use(void *self, const struct host_os *);
/* Only the block: `s2sd -b'. */
void	 host_block_only(void *self);
/* Backends, by name for the log. */
const char *host_fw_name(void *self);

/* Something happened: the filter, our addresses. */
void	 host_filter_changed(void *self, uint64_t now);
void	 host_addrs_changed(void *self, uint64_t now);
/* At exit: all but the block. */
void	 host_leave(void *self);

/* env.run of the firewall, by frames to s2sd-exec. */
int	 host_run_exec(const struct role_io *, uint32_t req, uint8_t what,
	    const void *rest, size_t n);

/* The block without a role, for `s2sd -b' and `s2sd -u': 0, or -1 and why. */
int	 host_block_apply(const struct host_os *, const struct conf *, char *,
	    size_t);
int	 host_block_clear(const struct host_os *, char *, size_t);

#endif /* HOST_H */
