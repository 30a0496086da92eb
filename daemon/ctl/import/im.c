/* SPDX-License-Identifier: ISC */

/* im.c: both files, from the first octet to the tunnels. */

#include "im_int.h"

static int
is_default(const struct im_sect *s)
{
	return (strcmp(s->name, "%default") == 0);
}

/* Another secrets file may be named in config setup. */
static const char *
secrets_file(const struct im *im, const char *given)
{
	const struct im_sect	*s;
	const struct im_param	*p;

	if (given != NULL)
		return (given);
	for (s = im->sects; s != NULL; s = s->next)
		for (p = s->params; s->kind == S_SETUP && p != NULL;
		    p = p->next)
			if (p->key != NULL && p->key->id == K_SECRETSFILE &&
			    *p->val != '\0')
				return (p->val);
	return (NULL);
}

/* A conn is loaded, a template for others, or left lying there. */
static void
sort_out(struct im *im, struct im_conn *c)
{
	const char	*v = im_get(c, K_AUTO, 0);

	c->off = v == NULL || im_in(v, "ignore,manual");
	if (c->off && im->fl == IM_STRONGSWAN && v == NULL)
		c->off = 1;
}

static void
resolve(struct im *im)
{
	struct im_sect	*s;
	struct im_conn	*c;

	for (s = im->sects; s != NULL && !im->stop; s = s->next) {
		if (s->kind != S_CONN || is_default(s))
			continue;
		if (s->twice) {
			if (im->fl == IM_STRONGSWAN)
				continue;	/* read with the first */
			if ((c = im_alloc(im, sizeof(*c))) == NULL)
				return;
			c->name = s->name;
			c->at = s->at;
			im->r->nconn++;
			im_refuse(im, c, s->at, "name twice", "there is a conn "
			    "of that name before it");
			continue;
		}
		if ((c = im_resolve(im, s)) == NULL)
			return;
		sort_out(im, c);
		*im->conn_tail = c;
		im->conn_tail = &c->next;
	}
}

/* First what the old daemon loads, then what was left lying there. */
static void
map(struct im *im)
{
	struct im_conn	*c;
	int		 off;

	for (off = 0; off < 2; off++)
		for (c = im->conns; c != NULL && !im->stop; c = c->next) {
			if (c->off != off)
				continue;
			if (c->off && (c->sect->used ||
			    (im_get(c, K_HOST, SIDE_LEFT) == NULL &&
			    im_get(c, K_HOST, SIDE_RIGHT) == NULL)))
				continue;	/* lines for others */
			if (!c->refused)
				im_map(im, c);
			else
				im->r->nconn++;
		}
}

static void
read_secrets(struct im *im, const char *path)
{
	if (path == NULL)
		return;
	im->secrets = path;
	im->have_secrets = 1;
	if (im_secrets(im, path, NULL) == -1)
		im->have_secrets = 0;
}

static int
foreign(struct im *im, const char *path)
{
	if (im->notcol == 0 || im->sects != NULL)
		return (0);
	im->r->openbsd = 1;
	im->r->remarks = NULL;		/* about words that mean otherwise */
	im->r->tail = &im->r->remarks;
	im->r->nremark = im->r->nlost = 0;
	im_warn(im, (struct im_at){ path, 0 }, "this is ipsec.conf(5) of "
	    "OpenBSD, another language; %u of its rules were seen. Write the "
	    "tunnels into s2sd.conf(5), which has its words", im->notcol);
	return (1);
}

int
im_run(const char *conf, const char *secrets, const struct im_io *io,
    const struct im_opts *o, struct im_result *r)
{
	struct im	*im;
	int		 rv = -1;

	memset(r, 0, sizeof(*r));
	r->tail = &r->remarks;
	if ((im = calloc(1, sizeof(*im))) == NULL)
		return (-1);
	im->io = io;
	im->o = o;
	im->r = r;
	im->sect_tail = &im->sects;
	im->psk_tail = &im->psks;
	im->conn_tail = &im->conns;
	im->tun_tail = &r->tuns;
	if (im_read(im, conf, NULL) == 0 && !foreign(im, conf)) {
		secrets = secrets_file(im, secrets);
		im_flavour_settle(im, conf);
		read_secrets(im, secrets);
		im_head(im, conf);
		im_setup(im);
		resolve(im);
		map(im);
		im_merge(im);
		im_finish(im);
		if (r->nconn == 0 && !im->stop)
			im_note(im, (struct im_at){ conf, 0 }, "no conn in "
			    "it");
		rv = r->tuns != NULL && !im->stop ? 0 : -1;
	}
	explicit_bzero(im, sizeof(*im));
	free(im);
	return (rv);
}
