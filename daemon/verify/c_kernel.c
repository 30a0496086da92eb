/* SPDX-License-Identifier: ISC */

/*
 * c_kernel.c: whose ESP carries the tunnels, and if not the kernel's, why
 * not; and does the kernel have what the tunnels may agree on?
 */

#include <errno.h>
#include <stdio.h>

#include "verify.h"

/* What is missing, as a person would look for it; NULL: nothing. */
static const char *
lacks(const struct v_kernel *k, char *b, size_t n)
{
	int	 e = k->esp4;

	if (k->xfrm != 0) {
		(void)snprintf(b, n, "it has no XFRM (module xfrm_user): %s",
		    strerror(k->xfrm));
		return (b);
	}
	if (e == 0)
		return (NULL);
	if (e == EPROTONOSUPPORT)
		(void)snprintf(b, n, "it has no ESP (module esp4)");
	else if (e == ENOSYS || e == ENOENT)
		(void)snprintf(b, n, "it has no ESP with AES-GCM (modules "
		    "esp4, gcm)");
	else
		(void)snprintf(b, n, "it does not take an SA: %s",
		    strerror(e));
	return (b);
}

static void
backend(const struct v_facts *f, struct v_list *l)
{
	static const char	 seen[] = "an SA of ESP with AES-GCM, made and "
	    "deleted";
	char			 why[160];
	uint8_t			 want = f->conf.g.backend;

	if (want == BE_USERLAND || want == BE_PFKEY)
		return;
	if (lacks(&f->h.k, why, sizeof(why)) == NULL) {
		if (f->d.running &&
		    strcmp(f->d.st.head.backend, "userland") == 0)
			v_add(l, V_WARN, VG_HOST, "kernel-esp", NULL,
			    "restart s2sd", seen, "the kernel has ESP, but "
			    "had none when s2sd was started: it goes on "
			    "without");
		else
			v_add(l, V_OK, VG_HOST, "kernel-esp", NULL, NULL, seen,
			    "the kernel has XFRM and ESP");
	} else if (f->h.k.esp4 == EPERM) {
		v_add(l, V_SKIP, VG_HOST, "kernel-esp", NULL, NULL, seen,
		    "whether the kernel has ESP: it was not allowed to ask");
	} else if (want == BE_XFRM) {
		v_add(l, V_FAIL, VG_HOST, "kernel-esp", NULL, "modprobe esp4, "
		    "or without it: `set backend auto' in s2sd.conf", seen,
		    "`set backend xfrm', but this kernel cannot: %s", why);
	} else {
		v_add(l, V_OK, VG_HOST, "kernel-esp", NULL, NULL, seen,
		    "ESP is s2sd's own: the kernel cannot, %s", why);
	}
}

/* Is a tunnel with IPv6 outside there, and no esp6? */
static void
six(const struct v_facts *f, const struct cf_tunnel *t, struct v_list *l)
{
	if (f->h.k.esp6 == 0 || t->t.npeer == 0 || t->t.peer[0].af != 6)
		return;
	v_add(l, V_FAIL, VG_HOST, "kernel-esp", t->t.name, "modprobe esp6, or "
	    "`set backend userland' in s2sd.conf", "an SA of ESP over IPv6, "
	    "made and deleted", "the kernel has ESP over IPv4, but not over "
	    "IPv6 (module esp6)");
}

struct lack {
	char		 names[200];
	size_t		 n;		/* octets of names */
	unsigned int	 all, missing;	/* ciphers */
};

static void
count(const struct v_kernel *k, const uint16_t *num, size_t n, int ciphers,
    struct lack *x)
{
	const struct alg	*a;
	size_t			 i;

	for (i = 0; i < n; i++) {
		if ((a = alg_num(num[i])) == NULL || a->num >= V_ALGS)
			continue;
		x->all += ciphers;
		if (k->alg[a->num] != V_ALG_NOT)
			continue;
		x->missing += ciphers;
		if (strstr(x->names, a->name) == NULL &&
		    x->n < sizeof(x->names))
			x->n += (size_t)snprintf(x->names + x->n,
			    sizeof(x->names) - x->n, "%s%s",
			    x->n > 0 ? ", " : "", a->name);
	}
}

static void
algorithms(const struct v_facts *f, const struct cf_tunnel *t,
    struct v_list *l)
{
	const struct prop	*p;
	struct lack		 x;
	size_t			 i;

	memset(&x, 0, sizeof(x));
	for (i = 0; i < t->t.nchild; i++) {
		p = &t->t.child[i];
		count(&f->h.k, p->encr, p->nencr, 1, &x);
		count(&f->h.k, p->integ, p->ninteg, 0, &x);
	}
	if (x.n == 0)
		v_add(l, V_OK, VG_HOST, "kernel-algorithms", t->t.name, NULL,
		    "an SA with each, made and deleted", "the kernel has every "
		    "algorithm of `childsa'");
	else
		v_add(l, x.missing == x.all ? V_FAIL : V_WARN, VG_HOST,
		    "kernel-algorithms", t->t.name, "install all modules of "
		    "this kernel (linux-modules-extra), or leave it out of "
		    "`childsa' at both ends, or: set backend userland",
		    "an SA with each, made and deleted", "the kernel lacks "
		    "%s: %s", x.names, x.missing == x.all ? "no SA can be "
		    "installed" : "if the peer picks it, no SA can be "
		    "installed");
}

void
v_check_kernel(const struct v_facts *f, struct v_list *l)
{
	char	 why[160];
	size_t	 i;

	backend(f, l);
	if (!f->h.k.asked || lacks(&f->h.k, why, sizeof(why)) != NULL ||
	    f->conf.g.backend == BE_USERLAND || f->conf.g.backend == BE_PFKEY)
		return;
	for (i = 0; i < f->conf.n; i++) {
		if (!v_wanted(f, f->conf.t[i]))
			continue;
		six(f, f->conf.t[i], l);
		algorithms(f, f->conf.t[i], l);
	}
}
