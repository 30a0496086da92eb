/* SPDX-License-Identifier: ISC */

/* proc.c: the table of processes, DESIGN.md section 2. */

#include <stddef.h>

#include "build_id.h"
#include "proc.h"

#define CAP_NET_ADMIN_	12	/* capability.h has it on Linux only */
#define CAP(n)		(1u << (n))

#define PAR	PB(PROC_PARENT)
#define CON	PB(PROC_CONF)
#define NET	PB(PROC_NET)
#define IKE	PB(PROC_IKE)
#define KEYS	PB(PROC_KEYS)
#define SAD	PB(PROC_SAD)
#define ESP	PB(PROC_ESP)
#define HOST	PB(PROC_HOST)
#define EXE	PB(PROC_EXEC)
#define CTL	PB(PROC_CTL)
#define ROLES	(NET | IKE | KEYS | SAD | ESP | HOST | EXE | CTL)
#define UDP4500	(FB(FD_UDP4500_4) | FB(FD_UDP4500_6))
#define ALIVE	FB(FD_ALIVE)
#define UDP500	(FB(FD_UDP500_4) | FB(FD_UDP500_6))

/* id, name, user, links, descriptors, capabilities, always */
const struct proc_row proc_rows[PROC_MAX] = {
 { PROC_PARENT,	"s2sd",		NULL,		CON | ROLES,
	0,				~0u,			1 },
 { PROC_CONF,	"s2sd-conf",	"_s2sdkey",	PAR | KEYS,
	ALIVE | FB(FD_CONFDIR),		0,			0 },
 { PROC_NET,	"s2sd-net",	"_s2sd",	PAR | IKE | ESP | CTL,
	ALIVE | UDP500 | UDP4500,	0,			1 },
 { PROC_IKE,	"s2sd-ike",	"_s2sd",	PAR | NET | KEYS | SAD | CTL,
	ALIVE,				0,			1 },
 { PROC_KEYS,	"s2sd-keys",	"_s2sdkey",	PAR | CON | IKE | SAD | CTL,
	ALIVE,				0,			1 },
	/* CAP_NET_ADMIN: each XFRM request is checked for it */
 { PROC_SAD,	"s2sd-sad",	"_s2sdsys",	PAR | IKE | KEYS | ESP | HOST | CTL,
	ALIVE,				CAP(CAP_NET_ADMIN_),	1 },
 { PROC_ESP,	"s2sd-esp",	"_s2sdesp",	PAR | NET | SAD | CTL,
	ALIVE | UDP4500 | FB(FD_TUN),	0,			0 },
	/* CAP_NET_ADMIN: nftables, routes, sysctls of the network */
 { PROC_HOST,	"s2sd-host",	"_s2sdsys",	PAR | SAD | EXE | CTL,
	ALIVE | FB(FD_OWNER),		CAP(CAP_NET_ADMIN_),	1 },
 { PROC_EXEC,	"s2sd-exec",	NULL,		PAR | HOST | CTL,
	ALIVE,				~0u,			0 },
 { PROC_CTL,	"s2sd-ctl",	"_s2sd",	PAR | (ROLES & ~CTL),
	ALIVE | FB(FD_CTLSOCK) | FB(FD_SYSLOG),	0,			1 },
};

const char s2sd_build[] = S2SD_BUILD;

const char *
proc_name(enum proc p)
{
	return ((unsigned int)p < PROC_MAX ? proc_rows[p].name : "nobody");
}
