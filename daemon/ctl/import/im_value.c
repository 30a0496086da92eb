/* SPDX-License-Identifier: ISC */

/* im_value.c: single values of the old files, in the spellings of all three. */

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "im_int.h"

int
im_in(const char *val, const char *list)
{
	const char	*p, *end;
	size_t		 n = strlen(val);

	for (p = list; p != NULL && *p != '\0'; p = end) {
		end = p + strcspn(p, ",");
		if ((size_t)(end - p) == n && strncasecmp(p, val, n) == 0)
			return (1);
		if (*end == ',')
			end++;
	}
	return (0);
}

int
im_bool(const char *s, int *v)
{
	if (im_in(s, "y,yes,true,on,1,accept,force"))
		*v = 1;
	else if (im_in(s, "n,no,false,off,0,never"))
		*v = 0;
	else
		return (-1);
	return (0);
}

int
im_num(const char *s, uint64_t *v)
{
	char	*end;

	if (*s < '0' || *s > '9')
		return (-1);
	errno = 0;
	*v = strtoull(s, &end, 0);
	return (errno == 0 && *end == '\0' ? 0 : -1);
}

/* "28800", "8h", "1.5h", "500ms"; %forever is 0. */
int
im_time(const char *s, uint32_t *out)
{
	static const struct { const char *u; double s; } units[] = {
		{ "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 },
		{ "d", 86400 }, { "w", 604800 }, { "ms", 0.001 },
		{ "us", 0.000001 }
	};
	char	*end;
	double	 v;
	size_t	 i;

	if (strcasecmp(s, "%forever") == 0) {
		*out = 0;
		return (0);
	}
	if (*s < '0' || *s > '9' || strlen(s) > 24 ||
	    s[strspn(s, "0123456789.smhdwu")] != '\0')
		return (-1);
	v = strtod(s, &end);
	for (i = 0; i < nitems(units); i++)
		if (strcasecmp(end, units[i].u) == 0)
			break;
	if (i == nitems(units) || v * units[i].s > 4e9)
		return (-1);
	*out = (uint32_t)(v * units[i].s + 0.999);
	return (0);
}

char *
im_item(char **rest)
{
	static const char	 sep[] = " \t,{}";
	char			*p = *rest + strspn(*rest, sep), *end;

	if (*p == '\0')
		return (NULL);
	end = p + strcspn(p, sep);
	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	return (p);
}

/* An IPv6 address may stand in brackets. */
int
im_addr(const char *s, struct addr *a)
{
	char	 buf[ADDR_STRLEN];
	size_t	 n = strlen(s);

	if (n > 2 && s[0] == '[' && s[n - 1] == ']' && n < sizeof(buf)) {
		memcpy(buf, s + 1, n - 2);
		buf[n - 2] = '\0';
		s = buf;
	}
	return (addr_parse(s, a));
}

static int
netmask(const char *s, size_t *plen)
{
	struct addr	 m;
	size_t		 i, n = 0;

	if (addr_parse(s, &m) == -1 || m.af != 4)
		return (-1);
	for (i = 0; i < 32; i++)
		if (m.a[i / 8] & 0x80 >> i % 8) {
			if (n != i)
				return (-1);
			n++;
		}
	*plen = n;
	return (0);
}

int
im_net(const char *s, struct net *n, int *cut)
{
	const char	*slash = strchr(s, '/');
	char		 buf[ADDR_STRLEN], *end;
	size_t		 bit, len, max, plen;
	uint8_t		 b;

	memset(n, 0, sizeof(*n));
	*cut = 0;
	len = slash != NULL ? (size_t)(slash - s) : strlen(s);
	if (len >= sizeof(buf))
		return (-1);
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (im_addr(buf, &n->a) == -1)
		return (-1);
	plen = max = addr_len(n->a.af) * 8;
	if (slash != NULL && netmask(slash + 1, &plen) == -1) {
		if (slash[1] < '0' || slash[1] > '9' || strlen(slash) > 4)
			return (-1);
		plen = strtoul(slash + 1, &end, 10);
		if (*end != '\0' || plen > max)
			return (-1);
	}
	for (bit = plen; bit < max; bit++) {
		b = (uint8_t)(0x80 >> bit % 8);
		*cut |= (n->a.a[bit / 8] & b) != 0;
		n->a.a[bit / 8] &= (uint8_t)~b;
	}
	n->plen = (uint8_t)plen;
	return (0);
}

int
im_any(const char *s)
{
	return (im_in(s, "%any,%any4,%any6,0.0.0.0,::,0::0,any"));
}

/* Letters, digits, . - _: what s2sd.conf takes as a name. */
static int
fqdn_ok(const char *s)
{
	if (*s == '\0' || *s == '.' || strlen(s) >= ID_MAX)
		return (0);
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr(".-_", *s) == NULL)
			return (0);
	return (1);
}

static int
put(struct ident *id, uint8_t type, const void *p, size_t n)
{
	if (n == 0 || n > sizeof(id->d))
		return (-1);
	id->type = type;
	id->len = (uint16_t)n;
	memcpy(id->d, p, n);
	return (0);
}

static int
keyid_hex(const char *s, struct ident *id)
{
	uint8_t	 d[ID_MAX];
	char	 two[3] = "", *end;
	size_t	 n = 0;

	if (s[0] == '0' && (s[1] | 0x20) == 'x')
		s += 2;
	for (; *s != '\0'; s += 2) {
		if (n == sizeof(d) || s[1] == '\0' || !isxdigit((uint8_t)s[0]) ||
		    !isxdigit((uint8_t)s[1]))
			return (-1);
		memcpy(two, s, 2);
		d[n++] = (uint8_t)strtoul(two, &end, 16);
	}
	return (put(id, IDT_KEYID, d, n));
}

static int
user_ok(const char *s)
{
	const char	*at = strrchr(s, '@');
	const char	*p;

	if (at == NULL || at == s || !fqdn_ok(at + 1) || strlen(s) >= ID_MAX)
		return (0);
	for (p = s; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f)
			return (0);
	return (1);
}

/* Behind a first @. */
static int
ident_at(const char *s, enum im_flavour fl, struct ident *id, const char **why)
{
	size_t	 n = strlen(s);

	*why = "s2sd.conf cannot write such an identity";
	if (s[0] == '#')
		return (keyid_hex(s + 1, id));
	if (s[0] == '@' && fl == IM_STRONGSWAN)
		return (user_ok(s + 1) ? put(id, IDT_USER, s + 1, n - 1) : -1);
	if (s[0] == '[' && fl != IM_STRONGSWAN && n > 2 && s[n - 1] == ']')
		return (put(id, IDT_KEYID, s + 1, n - 2));
	if (s[0] == '~' && fl != IM_STRONGSWAN) {
		*why = "names of certificates are not built into s2sd yet";
		return (-1);
	}
	return (fqdn_ok(s) ? put(id, IDT_FQDN, s, n) : -1);
}

static int
ident_typed(const char *s, struct ident *id, const char **why, int *rv)
{
	static const struct { const char *p; uint8_t type; } forced[] = {
		{ "fqdn:", IDT_FQDN }, { "dns:", IDT_FQDN },
		{ "email:", IDT_USER }, { "rfc822:", IDT_USER },
		{ "userfqdn:", IDT_USER }, { "keyid:", IDT_KEYID },
		{ "ipv4:", IDT_IPV4 }, { "ipv6:", IDT_IPV6 }
	};
	struct addr	 a;
	size_t		 i, n;

	for (i = 0; i < nitems(forced); i++)
		if (strncasecmp(s, forced[i].p, n = strlen(forced[i].p)) == 0)
			break;
	if (i == nitems(forced))
		return (0);
	s += n;
	*why = "s2sd.conf cannot write such an identity";
	*rv = -1;
	if (forced[i].type == IDT_IPV4 || forced[i].type == IDT_IPV6) {
		if (addr_parse(s, &a) == 0) {
			ident_addr(&a, id);
			*rv = 0;
		}
	} else if (forced[i].type == IDT_KEYID)
		*rv = s[0] == '#' ? keyid_hex(s + 1, id) :
		    put(id, IDT_KEYID, s, strlen(s));
	else if (forced[i].type == IDT_USER ? user_ok(s) : fqdn_ok(s))
		*rv = put(id, forced[i].type, s, strlen(s));
	return (1);
}

int
im_ident(const char *s, enum im_flavour fl, struct ident *id, const char **why)
{
	struct addr	 a;
	int		 rv = 0;

	memset(id, 0, sizeof(*id));
	*why = "s2sd.conf cannot write such an identity";
	if (im_any(s) || strcmp(s, "*") == 0)
		return (1);
	if (im_in(s, "%none,%null")) {
		*why = "that is no identity at all: anybody would match";
		return (-1);
	}
	if (s[0] == '%' || strchr(s, '=') != NULL) {
		*why = "names of certificates are not built into s2sd yet";
		return (-1);
	}
	if (im_addr(s, &a) == 0) {
		ident_addr(&a, id);
		return (0);
	}
	if (fl == IM_STRONGSWAN && ident_typed(s, id, why, &rv))
		return (rv);
	if (s[0] == '@')
		return (ident_at(s + 1, fl, id, why));
	if (strchr(s, '@') != NULL)
		return (user_ok(s) ? put(id, IDT_USER, s, strlen(s)) : -1);
	if (strchr(s, '*') != NULL) {
		*why = "s2sd compares identities as a whole, without *";
		return (-1);
	}
	if (fl != IM_STRONGSWAN) {
		*why = "without an @ the old daemon looks it up and sends its "
		    "address; write the address, or @ before the name at both "
		    "ends";
		return (-1);
	}
	return (fqdn_ok(s) ? put(id, IDT_FQDN, s, strlen(s)) : -1);
}
