/* SPDX-License-Identifier: ISC */

/* u_time.c: times and amounts as people say them. */

#include <time.h>

#include "u.h"

static const struct {
	uint64_t	 ms;
	const char	*one, *many;
} units[] = {
	{ 86400000,	"day",	"days" },
	{ 3600000,	"h",	"h" },
	{ 60000,	"min",	"min" },
	{ 1000,		"s",	"s" },
};

const char *
u_span(uint64_t ms, int two, char b[U_WORD])
{
	uint64_t	 k, more;
	size_t		 i;

	for (i = 0; i < nitems(units) - 1; i++)
		if (ms >= units[i].ms)
			break;
	k = ms / units[i].ms;
	(void)snprintf(b, U_WORD, "%llu %s", (unsigned long long)k,
	    k == 1 ? units[i].one : units[i].many);
	if (!two || i + 1 == nitems(units))
		return (b);
	more = ms % units[i].ms / units[i + 1].ms;
	if (more > 0)
		(void)snprintf(b, U_WORD, "%llu %s %llu %s",
		    (unsigned long long)k, k == 1 ? units[i].one :
		    units[i].many, (unsigned long long)more,
		    more == 1 ? units[i + 1].one : units[i + 1].many);
	return (b);
}

const char *
u_ago(uint64_t at, uint64_t now, char b[U_WORD])
{
	char	 span[U_WORD];

	if (at == 0)
		(void)snprintf(b, U_WORD, "never");
	else if (at > now || now - at < 1000)
		(void)snprintf(b, U_WORD, "now");
	else
		(void)snprintf(b, U_WORD, "%.40s ago", u_span(now - at, 0,
		    span));
	return (b);
}

/* Steps of 1,024, as ls -h and the counters of routers have it. */
const char *
u_bytes(uint64_t n, char b[U_WORD])
{
	static const char *const names[] = { "B", "KB", "MB", "GB", "TB",
	    "PB", "EB" };
	uint64_t	 tenths = n;
	size_t		 i = 0;

	if (n < 1000) {
		(void)snprintf(b, U_WORD, "%llu B", (unsigned long long)n);
		return (b);
	}
	while (n >= 1000 && i + 1 < nitems(names)) {
		tenths = n / 1024 * 10 + n % 1024 * 10 / 1024;
		n /= 1024;
		i++;
	}
	if (tenths < 100)
		(void)snprintf(b, U_WORD, "%llu.%llu %s",
		    (unsigned long long)(tenths / 10),
		    (unsigned long long)(tenths % 10), names[i]);
	else
		(void)snprintf(b, U_WORD, "%llu %s",
		    (unsigned long long)(tenths / 10), names[i]);
	return (b);
}

/* Where the two clocks are further apart than any life: as far as shown. */
int64_t
u_wall(const struct u_status *s, uint64_t at)
{
	static const uint64_t	 far = 1000000000000;	/* seconds */
	uint64_t		 d;

	if (at <= s->head.now) {
		d = (s->head.now - at) / 1000;
		return (s->wall - (int64_t)(d < far ? d : far));
	}
	d = (at - s->head.now) / 1000;
	return (s->wall + (int64_t)(d < far ? d : far));
}

const char *
u_rfc3339(int64_t t, char b[U_WORD])
{
	time_t		 tt = (time_t)t;
	struct tm	 tm;

	if (gmtime_r(&tt, &tm) == NULL ||
	    strftime(b, U_WORD, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		b[0] = '\0';
	return (b);
}
