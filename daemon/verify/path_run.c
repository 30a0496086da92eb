/* SPDX-License-Identifier: ISC */

/* path_run.c: one probe between two addresses, and its picture. */

#include <netinet/in.h>

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "path.h"

/*
 * The tunnel whose networks these are; *reverse: the other way round.  What a
 * translated network is called in the tunnel stands in *want.
 */
static const struct cf_tunnel *
owner(const struct v_facts *f, const struct pr_flow *w, int *reverse,
    struct pr_want *want)
{
	const struct selpair	*m;
	const struct tunnel	*t;
	struct selpair		 h;
	size_t			 i, k;

	for (i = 0; i < f->conf.n; i++) {
		t = &f->conf.t[i]->t;
		for (k = 0; k < t->npair; k++) {
			*reverse = sel_match(&t->pair[k].remote, &w->src,
			    w->ipproto, 0) && sel_match(&t->pair[k].local,
			    &w->dst, w->ipproto, 0);
			h = v_pair(t, k);
			if (!*reverse && (!sel_match(&h.local, &w->src,
			    w->ipproto, 0) || !sel_match(&h.remote, &w->dst,
			    w->ipproto, 0)))
				continue;
			m = tunnel_map(t, &t->pair[k].local);
			if (m != NULL && *reverse)
				want->dst = v_translated(&w->dst, &m->remote);
			else if (m != NULL)
				want->src = v_translated(&w->src, &m->local);
			return (f->conf.t[i]);
		}
	}
	return (NULL);
}

static void
draw(const struct v_path *p, const char *svg)
{
	FILE	*fp;

	v_path_text(stdout, p, isatty(STDOUT_FILENO) &&
	    getenv("NO_COLOR") == NULL);
	if (svg == NULL)
		return;
	if ((fp = fopen(svg, "wx")) == NULL)
		err(2, "%s", svg);
	v_path_svg(fp, p);
	if (fclose(fp) == EOF)
		err(2, "%s", svg);
}

int
v_path_show(const struct v_facts *f, const char *src, const char *dst,
    const char *svg)
{
	const struct cf_tunnel	*t;
	const struct pr_event	*e;
	struct pr_flow		 w;
	struct pr_want		 want;
	struct pr_result	 r;
	struct v_path		 path;
	struct v_route		 back;
	struct probe		*p;
	char			 why[200];
	uint32_t		 iif;
	size_t			 n;
	int			 reverse = 0;

	memset(&w, 0, sizeof(w));
	memset(&want, 0, sizeof(want));
	if (addr_parse(src, &w.src) == -1 || addr_parse(dst, &w.dst) == -1 ||
	    w.src.af != w.dst.af)
		errx(2, "%s %s: two addresses of one family, please", src,
		    dst);
	w.ipproto = IPPROTO_UDP;
	t = owner(f, &w, &reverse, &want);
	if (!f->d.running)		/* nobody translates */
		want.src.af = want.dst.af = 0;
	f->route(&w.src, NULL, 0, &back);
	iif = v_dev_of(&f->h, &w.src) != NULL ? 0 : back.oif;
	if (reverse && v_plane(&f->h) != 0)
		iif = v_plane(&f->h);
	else if (t != NULL && f->d.running)
		want.oif = v_plane(&f->h);
	want.input = v_dev_of(&f->h, want.dst.af != 0 ? &want.dst :
	    &w.dst) != NULL;
	if ((p = pr_open(why, sizeof(why))) == NULL)
		errx(2, "%s", why);
	pr_run(p, &w, iif, &want, &r);
	e = pr_events(p, &n);
	v_path_make(f, &r, e, n, pr_listing(p), iif, t, &path);
	pr_close(p);
	draw(&path, svg);
	return (path.good ? 0 : 2);
}
