/* SPDX-License-Identifier: ISC */

/*
 * im_iface.c: tunnels with a device: ipsec-interface= of libreswan and
 * if_id_in=, if_id_out= of strongSwan.
 */

#include <stdlib.h>

#include "im_int.h"

/* "yes", a number, or the device's name: 0 and the number (0: none), or -1. */
static int
libreswan(const char *v, uint32_t *unit)
{
	uint64_t	 n;
	uint8_t		 kind;

	*unit = 0;
	if (im_in(v, "no,n,off,0"))
		return (0);
	*unit = 1;
	if (im_in(v, "yes,y,on,true"))
		return (0);
	if (if_parse(v, &kind, unit) == 0)
		return (kind == IF_IPSEC ? 0 : -1);
	if (im_num(v, &n) == -1 || n > INT32_MAX)
		return (-1);
	*unit = (uint32_t)n;
	return (0);
}

/* "42" or "0x2a": not %unique, of which nobody knows what it will be. */
static int
if_id(const char *v, uint32_t *unit)
{
	char		*end;
	unsigned long	 n;

	if (*v < '0' || *v > '9')
		return (-1);
	n = strtoul(v, &end, v[0] == '0' && (v[1] | 0x20) == 'x' ? 16 : 10);
	if (*end != '\0' || n > INT32_MAX)
		return (-1);
	*unit = (uint32_t)n;
	return (0);
}

static int
strongswan(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char	*in = im_get(c, K_IFIDIN, 0);
	const char	*out = im_get(c, K_IFIDOUT, 0);
	struct im_at	 at = im_where(c, in != NULL ? K_IFIDIN : K_IFIDOUT,
			    0);
	uint32_t	 a = 0, b = 0;

	if ((in != NULL && if_id(in, &a) == -1) ||
	    (out != NULL && if_id(out, &b) == -1)) {
		im_refuse(im, c, at, "route based", "if_id_in=%.20s, if_id_out="
		    "%.20s: s2sd takes a number from 1 to 2147483647",
		    in != NULL ? in : "", out != NULL ? out : "");
		return (-1);
	}
	if (a != b) {
		im_refuse(im, c, at, "route based", "if_id_in= and if_id_out= "
		    "differ, or one is missing; s2sd has one device for both "
		    "ways: write the same number in both");
		return (-1);
	}
	t->ifunit = a;
	t->ifkind = a != 0 ? IF_XFRM : IF_NONE;
	if (a != 0)
		im_note(im, at, "s2sd makes the device xfrm%u itself: remove "
		    "the one that your scripts make for this if_id",
		    (unsigned int)a);
	return (0);
}

/* "10.9.9.1/30", host bits kept. */
static int
address(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char	*v = im_get(c, K_IFIP, c->me), *slash;
	char		 buf[ADDR_STRLEN];
	uint64_t	 plen;

	if (v == NULL)
		return (0);
	slash = strchr(v, '/');
	(void)snprintf(buf, sizeof(buf), "%.*s", slash != NULL ?
	    (int)(slash - v) : (int)strlen(v), v);
	if (strlen(v) < sizeof(buf) && im_addr(buf, &t->ifaddr.a) == 0) {
		plen = addr_len(t->ifaddr.a.af) * 8;
		if (slash == NULL || (im_num(slash + 1, &plen) == 0 &&
		    plen > 0 && plen <= addr_len(t->ifaddr.a.af) * 8)) {
			t->ifaddr.a.port = 0;
			t->ifaddr.plen = (uint8_t)plen;
			return (0);
		}
	}
	memset(&t->ifaddr, 0, sizeof(t->ifaddr));
	im_refuse(im, c, im_where(c, K_IFIP, c->me), im_is_template(v) ?
	    "template" : "bad value", "interface-ip=%.60s is no address and "
	    "prefix", v);
	return (-1);
}

/* 0, or -1 after a remark.  The ends are known. */
int
im_iface(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char	*v = im_get(c, K_IPSECIF, 0);

	if (v != NULL && libreswan(v, &t->ifunit) == -1) {
		im_refuse(im, c, im_where(c, K_IPSECIF, 0), im_is_template(v) ?
		    "template" : "bad value", "ipsec-interface=%.40s is "
		    "neither yes, no nor a number", v);
		return (-1);
	}
	if (t->ifunit != 0)
		t->ifkind = IF_IPSEC;
	else if (strongswan(im, c, t) == -1)
		return (-1);
	if (t->ifkind == IF_NONE)
		return (0);
	if (c->transport) {
		im_refuse(im, c, im_where(c, K_TYPE, 0), "route based",
		    "type=transport has no networks to route into a device");
		return (-1);
	}
	return (address(im, c, t));
}
