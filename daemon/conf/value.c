/* SPDX-License-Identifier: ISC */

/* value.c: single words to numbers, times, addresses, ports, identities. */

#include <errno.h>
#include <stdlib.h>

#include "cf_local.h"

/* Decimal digits at the start of s; *end behind them; -1: none, too big. */
static int
digits(const char *s, uint64_t *v, const char **end)
{
	char	*e;

	if (*s < '0' || *s > '9')
		return (-1);
	errno = 0;
	*v = strtoull(s, &e, 10);
	*end = e;
	return (errno == 0 ? 0 : -1);
}

int
cf_num(struct cf *cf, const struct cf_word *w, const char *who,
    const char *what, uint64_t min, uint64_t max, uint64_t *v)
{
	const char	*end;

	if (digits(w->s, v, &end) == -1 || *end != '\0' || *v < min ||
	    *v > max) {
		cf_error(cf, w->at, "%s%s %.40s: not allowed; write a number "
		    "from %llu to %llu", who, what, w->s,
		    (unsigned long long)min, (unsigned long long)max);
		return (-1);
	}
	return (0);
}

static const char *
time_word(uint32_t t, char *buf, size_t len)
{
	if (t % 86400 == 0)
		(void)snprintf(buf, len, "%ud", t / 86400);
	else if (t % 3600 == 0)
		(void)snprintf(buf, len, "%uh", t / 3600);
	else if (t % 60 == 0)
		(void)snprintf(buf, len, "%um", t / 60);
	else
		(void)snprintf(buf, len, "%us", t);
	return (buf);
}

int
cf_time(struct cf *cf, const struct cf_word *w, const char *who,
    const char *what, uint32_t min, uint32_t max, uint32_t *out)
{
	static const struct { char c; uint32_t s; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }
	};
	const char	*end = "";
	char		 a[16], b[16];
	uint64_t	 v;
	size_t		 i;
	uint32_t	 unit = 1;

	if (digits(w->s, &v, &end) == -1)
		v = 0;
	else if (*end != '\0') {
		for (i = 0; i < nitems(units) && *end != units[i].c; i++)
			;
		if (i == nitems(units) || end[1] != '\0')
			v = 0;
		else
			unit = units[i].s;
	}
	if (v == 0 || v > max || v * unit < min || v * unit > max) {
		cf_error(cf, w->at, "%s%s %.40s: not allowed; write a time "
		    "from %s to %s, as 90s, 30m, 8h or 1d%s", who, what, w->s,
		    time_word(min, a, sizeof(a)), time_word(max, b, sizeof(b)),
		    strcmp(what, "dpd") == 0 ? ", or no" : "");
		return (-1);
	}
	*out = (uint32_t)(v * unit);
	return (0);
}

/* "4G": powers of 1024, as in iked.conf. */
int
cf_octets(struct cf *cf, const struct cf_word *w, const char *who,
    uint64_t *out)
{
	static const char	 units[] = "kmgt";
	const char		*end = "", *u;
	uint64_t		 v;
	int			 shift = 0;
	char			 c;

	if (digits(w->s, &v, &end) == 0 && *end != '\0') {
		c = (char)(*end | 0x20);
		if ((u = strchr(units, c)) == NULL || end[1] != '\0')
			goto bad;
		shift = 10 * (int)(u - units + 1);
	} else if (*end != '\0')
		goto bad;
	if (*w->s < '0' || *w->s > '9' || v > (1ULL << 60) >> shift ||
	    v << shift < 1 << 20)
		goto bad;
	*out = v << shift;
	return (0);
 bad:
	cf_error(cf, w->at, "%slifetime bytes %.40s: not allowed; write 1M to "
	    "1048576T, as 4G", who, w->s);
	return (-1);
}

int
cf_addr(struct cf *cf, const struct cf_word *w, const char *who,
    const char *what, struct addr *a)
{
	if (strchr(w->s, '%') != NULL) {
		cf_error(cf, w->at, "%s%s %.64s: an address with a %% holds "
		    "on one link only; write a global address", who, what,
		    w->s);
		return (-1);
	}
	if (addr_parse(w->s, a) == -1) {
		cf_error(cf, w->at, "%s%s %.64s: this is no address; write "
		    "one as 192.0.2.1 or 2001:db8::1", who, what, w->s);
		return (-1);
	}
	return (0);
}

/* Zero what is behind the prefix: 1 if that changed the address. */
static int
mask(struct net *n)
{
	unsigned int	 bit, max = (unsigned int)addr_len(n->a.af) * 8;
	int		 changed = 0;

	for (bit = n->plen; bit < max; bit++)
		if (n->a.a[bit / 8] & 0x80 >> bit % 8) {
			n->a.a[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
			changed = 1;
		}
	return (changed);
}

/* The length that a netmask of IPv4 stands for, -1: it is none. */
static int
netmask(const char *s)
{
	struct addr	 m;
	int		 n = 0, bit;

	if (strchr(s, '.') == NULL || addr_parse(s, &m) == -1 || m.af != 4)
		return (-1);
	while (n < 32 && m.a[n / 8] & 0x80 >> n % 8)
		n++;
	for (bit = n; bit < 32; bit++)
		if (m.a[bit / 8] & 0x80 >> bit % 8)
			return (-1);
	return (n);
}

int
cf_net(struct cf *cf, const struct cf_word *w, const char *who, struct net *n)
{
	const char	*slash, *end = "";
	char		 buf[ADDR_STRLEN];
	uint64_t	 plen;

	memset(n, 0, sizeof(*n));
	slash = strchr(w->s, '/');
	if (strlen(w->s) >= sizeof(buf))
		goto bad;
	(void)snprintf(buf, sizeof(buf), "%.*s", slash != NULL ?
	    (int)(slash - w->s) : (int)strlen(w->s), w->s);
	if (addr_parse(buf, &n->a) == -1)
		goto bad;
	plen = addr_len(n->a.af) * 8;
	if (slash != NULL && (digits(slash + 1, &plen, &end) == -1 ||
	    *end != '\0' || plen > addr_len(n->a.af) * 8)) {
		if (n->a.af == 4 && netmask(slash + 1) != -1) {
			cf_error(cf, w->at, "%s%.64s: a netmask; write its "
			    "length: %s/%d", who, w->s, buf,
			    netmask(slash + 1));
			return (-1);
		}
		cf_error(cf, w->at, "%s%.64s: the prefix length goes from 0 "
		    "to %zu", who, w->s, addr_len(n->a.af) * 8);
		return (-1);
	}
	n->plen = (uint8_t)plen;
	if (mask(n)) {
		cf_error(cf, w->at, "%s%.64s: bits are set behind the prefix; "
		    "write %s", who, w->s, net_str(n, buf, sizeof(buf)));
		return (-1);
	}
	return (0);
 bad:
	cf_error(cf, w->at, "%s%.64s: this is no network; write one as "
	    "10.1.3.0/24 or 2001:db8:1::/48%s", who, w->s,
	    strpbrk(w->s, "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ") != NULL ?
	    " (names are not looked up)" : "");
	return (-1);
}

/* "80", "1000:1999" or "1000-1999". */
int
cf_ports(struct cf *cf, const struct cf_word *w, const char *who,
    uint16_t *lo, uint16_t *hi)
{
	const char	*end, *e2;
	uint64_t	 a, b;

	if (digits(w->s, &a, &end) == -1)
		goto bad;
	b = a;
	if ((*end == ':' || *end == '-') && digits(end + 1, &b, &e2) == 0)
		end = e2;
	if (*end != '\0' || a == 0 || a > 65535 || b > 65535)
		goto bad;
	if (b < a) {
		cf_error(cf, w->at, "%sport %.40s: the range is reversed; "
		    "write %u:%u", who, w->s, (unsigned int)b,
		    (unsigned int)a);
		return (-1);
	}
	*lo = (uint16_t)a;
	*hi = (uint16_t)b;
	return (0);
 bad:
	cf_error(cf, w->at, "%sport %.40s: not allowed; write a number from 1 "
	    "to 65535 or a range as 5000:5010", who, w->s);
	return (-1);
}

static const struct { const char *name; uint8_t num; } protos[] = {
	{ "any", 0 }, { "icmp", 1 }, { "ipip", 4 }, { "tcp", 6 },
	{ "udp", 17 }, { "ipv6", 41 }, { "gre", 47 }, { "esp", 50 },
	{ "ah", 51 }, { "icmp6", 58 }, { "ospf", 89 }, { "etherip", 97 },
	{ "sctp", 132 }
};

const char *
cf_proto_name(uint8_t num)
{
	size_t	 i;

	for (i = 0; i < nitems(protos); i++)
		if (protos[i].num == num)
			return (protos[i].name);
	return (NULL);
}

int
cf_proto(struct cf *cf, const struct cf_word *w, const char *who, uint8_t *p)
{
	const char	*end;
	uint64_t	 v;
	size_t		 i;

	for (i = 0; i < nitems(protos); i++)
		if (strcmp(w->s, protos[i].name) == 0) {
			*p = protos[i].num;
			return (0);
		}
	if (digits(w->s, &v, &end) == -1 || *end != '\0' || v == 0 ||
	    v > 255) {
		cf_error(cf, w->at, "%sproto %.40s: not known; write tcp, udp, "
		    "icmp, icmp6, gre, sctp or a number from 1 to 255", who,
		    w->s);
		return (-1);
	}
	*p = (uint8_t)v;
	return (0);
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	c |= 0x20;
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

/* "0x" and an even number of digits; at least one octet. */
int
cf_hex(const char *s, uint8_t *d, size_t max, size_t *n)
{
	int	 hi, lo;

	if (s[0] != '0' || (s[1] | 0x20) != 'x')
		return (-1);
	for (s += 2, *n = 0; *s != '\0'; s += 2) {
		if ((hi = nibble(s[0])) == -1 || (lo = nibble(s[1])) == -1 ||
		    *n == max)
			return (-1);
		d[(*n)++] = (uint8_t)(hi << 4 | lo);
	}
	return (*n > 0 ? 0 : -1);
}

/* Letters, digits, . - _ : what a name on the network is made of. */
static int
is_fqdn(const char *s)
{
	if (*s == '\0' || *s == '.')
		return (0);
	for (; *s != '\0'; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= '0' && *s <= '9') && strchr(".-_", *s) == NULL)
			return (0);
	return (1);
}

static void
ident_text(struct ident *id, uint8_t type, const char *s)
{
	id->type = type;
	id->len = (uint16_t)strlen(s);
	memcpy(id->d, s, id->len);
}

static int
ident_keyid(const struct cf_word *w, struct ident *id)
{
	size_t	 n = strlen(w->s);

	id->type = IDT_KEYID;
	if (w->quoted) {
		if (n == 0 || n > sizeof(id->d))
			return (-1);
		memcpy(id->d, w->s, n);
	} else if (cf_hex(w->s, id->d, sizeof(id->d), &n) == -1)
		return (-1);
	id->len = (uint16_t)n;
	return (0);
}

/* RFC 7296 section 3.5 by the look of the word. */
int
cf_ident(struct cf *cf, const struct cf_word *w, const char *who,
    const char *what, int keyid, struct ident *id)
{
	const char	*s = w->s, *fix;
	struct addr	 a;

	memset(id, 0, sizeof(*id));
	fix = "write an address, a name with a dot, user@name or keyid "
	    "\"text\"";
	if (keyid) {
		if (ident_keyid(w, id) == 0)
			return (0);
		fix = "write keyid \"text\" or keyid 0x and an even number of "
		    "digits";
	} else if (addr_parse(s, &a) == 0) {
		ident_addr(&a, id);
		return (0);
	} else if (strncmp(s, "CN=", 3) == 0 || strchr(s, '=') != NULL)
		fix = "names of certificates are not built in yet; write an "
		    "address or a name with a dot";
	else if (strlen(s) >= ID_MAX)
		fix = "it is longer than 255 octets";
	else if (s[0] == '@' && is_fqdn(s + 1)) {
		ident_text(id, IDT_FQDN, s + 1);
		return (0);
	} else if (strchr(s, '@') != NULL && s[0] != '@' &&
	    is_fqdn(strrchr(s, '@') + 1)) {
		ident_text(id, IDT_USER, s);
		return (0);
	} else if (is_fqdn(s) && strspn(s, "0123456789.") != strlen(s)) {
		if (strchr(s, '.') != NULL) {
			ident_text(id, IDT_FQDN, s);
			return (0);
		}
		fix = "a name without a dot may be many things: write "
		    "@name or keyid \"name\"";
	}
	cf_error(cf, w->at, "%s%s %.80s: not an identity; %s", who, what, s,
	    fix);
	return (-1);
}

const char *
cf_who(const struct cf_scope *s, char *buf, size_t len)
{
	if (s->kind == SC_TOP)
		(void)snprintf(buf, len, "%s", "");
	else
		(void)snprintf(buf, len, "%s \"%.63s\": ",
		    s->kind == SC_GROUP ? "group" : "tunnel", s->name);
	return (buf);
}
