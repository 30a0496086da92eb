/* SPDX-License-Identifier: ISC */

/* test_iptables.c: each call of iptables failing in turn, in both variants */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec.h"
#include "host.h"
#include "../../backends/fw/fw.h"

enum { REQS = 64 };

/* How the call that fails does so. */
enum how { BEFORE, BETWEEN, AFTER, HOWS };

/* The chains of one variant and family; jumps and chains of each row. */
struct kern {
	uint8_t	 jump[IPT_NROWS], chain[IPT_NROWS];
};

struct world {
	struct kern	 k[3][2];	/* [variant][IPv6] */
	unsigned int	 calls, fail, last;	/* fail..last fail; 0: none */
	enum how	 how;
	uint32_t	 marked;
	void		*exec, *fw;
	struct conf	 c;
	struct role_io	 io;
	/* what s2sd-host asked, in order */
	struct { uint32_t req; uint8_t what, d[512]; size_t n; } q[REQS];
	size_t		 nq;
	struct m_x_done	 done;
	int		 answered;
};

static const struct ipt_row *
row_of(const char *table, const char *hook, const char *chain, size_t *i)
{
	for (*i = 0; *i < IPT_NROWS; ++*i)
		if (strcmp(ipt_rows[*i].table, table) == 0 &&
		    (hook == NULL || strcmp(ipt_rows[*i].hook, hook) == 0) &&
		    strcmp(ipt_rows[*i].chain, chain) == 0)
			return (&ipt_rows[*i]);
	return (NULL);
}

static char *
save(const struct kern *k)
{
	char	*p = NULL;
	size_t	 i, n;
	FILE	*f = open_memstream(&p, &n);

	assert_non_null(f);
	for (i = 0; i < IPT_NROWS; i++) {
		fprintf(f, "*%s\n", ipt_rows[i].table);
		if (k->chain[i])
			fprintf(f, ":%s - [0:0]\n", ipt_rows[i].chain);
		if (k->jump[i])
			fprintf(f, "-A %s -j %s\n", ipt_rows[i].hook,
			    ipt_rows[i].chain);
		fprintf(f, "COMMIT\n");
	}
	assert_int_equal(fclose(f), 0);
	return (p);
}

/* A line of `iptables-restore --noflush' inside its table. */
static void
line(struct kern *k, const char *table, const char *s)
{
	char	 a[64] = "", b[64] = "";
	size_t	 i;

	if (sscanf(s, ":%63s", a) == 1) {
		for (i = 0; i < IPT_NROWS; i++)
			if (strcmp(ipt_rows[i].table, table) == 0 &&
			    strcmp(ipt_rows[i].chain, a) == 0)
				k->chain[i] = 1;
	} else if (sscanf(s, "-I %63s 1 -j %63s", a, b) == 2) {
		assert_non_null(row_of(table, a, b, &i));
		k->jump[i]++;
	} else if (sscanf(s, "-D %63s -j %63s", a, b) == 2) {
		assert_non_null(row_of(table, a, b, &i));
		assert_true(k->jump[i] > 0);
		k->jump[i]--;
	} else if (sscanf(s, "-X %63s", a) == 1)
		for (i = 0; i < IPT_NROWS; i++)
			if (strcmp(ipt_rows[i].table, table) == 0 &&
			    strcmp(ipt_rows[i].chain, a) == 0)
				k->chain[i] = 0;
}

/* Atomic for each table; after `commits' of them it ends. */
static void
restore(struct kern *k, char *text, int commits)
{
	struct kern	 next = *k;
	char		*s, table[32] = "";

	while (commits > 0 && (s = strsep(&text, "\n")) != NULL)
		if (*s == '*')
			(void)snprintf(table, sizeof(table), "%s", s + 1);
		else if (strcmp(s, "COMMIT") == 0) {
			*k = next;
			commits--;
		} else
			line(&next, table, s);
}

static uint32_t
program(void *arg, enum exec_prog what, uint8_t variant, uint8_t af,
    const char *in, size_t nin, char **out, size_t *nout)
{
	struct world	*w = arg;
	struct kern	*k = &w->k[variant][af == 6];
	char		*text;
	int		 bad = ++w->calls >= w->fail && w->calls <= w->last;

	*out = bad ? strdup("it said no") : what == EXEC_SAVE ? save(k) :
	    strdup("");
	assert_non_null(*out);
	*nout = strlen(*out);
	if (what == EXEC_RESTORE) {
		assert_non_null(text = strndup(in, nin));
		restore(k, text, !bad || w->how == AFTER ? 99 :
		    w->how == BETWEEN);
		free(text);
	}
	return (!bad ? IPT_OK : w->how == AFTER ? IPT_ETIME : IPT_EFAILED);
}

static int
host_asks(void *arg, uint32_t req, uint8_t what, const void *rest, size_t n)
{
	struct world	*w = arg;

	assert_true(w->nq < REQS && n <= sizeof(w->q[0].d));
	w->q[w->nq].req = req;
	w->q[w->nq].what = what;
	w->q[w->nq].n = n;
	if (n > 0)
		memcpy(w->q[w->nq].d, rest, n);
	w->nq++;
	return (0);
}

static void
host_marks(void *arg, uint32_t v)
{
	((struct world *)arg)->marked = v;
}

static int
exec_says(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct world	*w = arg;

	assert_int_equal(to, PROC_HOST);
	assert_int_equal(h->type, M_X_DONE);
	assert_int_equal(msg_get(msg_desc(M_X_DONE), rd_of(body, len),
	    &w->done), 0);
	w->answered = 1;
	return (0);
}

/* Everything that was asked, in order; the last word of `done'. */
static int
settle(struct world *w, char *why)
{
	struct m_x_run	 m;
	struct ipc_msg	 im;
	struct wr	 b;
	uint8_t		 buf[IPC_BODY_MAX];
	size_t		 i;
	int		 rv = 0, one;

	why[0] = '\0';
	for (i = 0; i < w->nq; i++) {
		m.what = w->q[i].what;
		m.rest = rd_of(w->q[i].d, w->q[i].n);
		b = wr_of(buf, sizeof(buf));
		assert_int_equal(msg_put(msg_desc(M_X_RUN), &b, &m), 0);
		memset(&im, 0, sizeof(im));
		im.h.type = M_X_RUN;
		im.h.len = (uint32_t)b.n;
		im.h.req = w->q[i].req;
		im.from = PROC_HOST;
		im.d = buf;
		im.fd = -1;
		w->answered = 0;
		assert_int_equal(role_dispatch(&role_exec, w->exec, &w->c,
		    &w->io, &im, 1), 0);
		if (!w->answered)
			continue;
		one = fw_iptables.done(w->fw, w->q[i].req, w->done.err,
		    w->done.text, why, FW_WHYLEN);
		assert_true(rv == 0);		/* once, at the end */
		rv = one;
	}
	w->nq = 0;
	return (rv);
}

static void
begin(struct world *w, uint32_t variants)
{
	struct exec_runner	 run = { w, program };
	struct fw_env		 env;
	char			 why[FW_WHYLEN];

	memset(w, 0, sizeof(*w));
	w->fail = 1;
	w->io.arg = w;
	w->io.send = exec_says;
	assert_int_equal(conf_init(&w->c), 0);
	assert_non_null(w->exec = role_exec.new(&w->io));
	exec_set_runner(w->exec, &run);
	memset(&env, 0, sizeof(env));
	env.arg = w;
	env.owner_fd = -1;
	env.run = host_asks;
	env.mark = host_marks;
	env.variants = variants;
	assert_non_null(w->fw = fw_iptables.open(&env, why, sizeof(why)));
}

static void
end(struct world *w)
{
	fw_iptables.close(w->fw);
	role_exec.free(w->exec);
	conf_clear(&w->c);
}

static void
add(struct fw_rules *rs, enum fw_verdict v, const char *a, const char *b,
    uint16_t val)
{
	struct net	 n;
	struct sel	 l, r;

	assert_int_equal(net_parse(a, &n), 0);
	sel_from_net(&n, 0, 0, 65535, &l);
	assert_int_equal(net_parse(b, &n), 0);
	sel_from_net(&n, 0, 0, 65535, &r);
	assert_int_equal(fw_add(rs, v, &l, &r, val), 0);
}

/* Both families, all that needs a table of its own. */
static void
sample(struct fw_rules *rs)
{
	fw_rules_init(rs);
	add(rs, FW_EXEMPT, "10.1.3.0/24", "10.1.4.0/24", 0);
	add(rs, FW_MSS, "10.1.3.0/24", "10.1.4.0/24", 1348);
	add(rs, FW_BLOCK, "10.1.3.0/24", "10.1.4.0/24", 0);
	add(rs, FW_EXEMPT, "fd00:3::/64", "fd00:4::/64", 0);
	add(rs, FW_MSS, "fd00:3::/64", "fd00:4::/64", 1328);
	add(rs, FW_BLOCK, "fd00:3::/64", "fd00:4::/64", 0);
	assert_int_equal(fw_rules_close(rs), 0);
}

/* Rows of that kind that have a chain or a jump, over all variants. */
static size_t
standing(const struct world *w, int block)
{
	size_t	 v, f, i, n = 0;

	for (v = 0; v < 3; v++)
		for (f = 0; f < 2; f++)
			for (i = 0; i < IPT_NROWS; i++)
				n += ipt_rows[i].block == block &&
				    (w->k[v][f].jump[i] || w->k[v][f].chain[i]);
	return (n);
}

/* Calls that a whole apply makes; and what then stands. */
static unsigned int
calls_of(uint32_t variants, size_t *rows)
{
	struct fw_rules	 rs;
	struct world	 w;
	char		 why[FW_WHYLEN];
	unsigned int	 n;

	begin(&w, variants);
	sample(&rs);
	assert_int_equal(fw_iptables.apply(w.fw, &rs, why, sizeof(why)), 1);
	assert_int_equal(settle(&w, why), 1);
	*rows = standing(&w, 0);
	assert_true(*rows > 0);
	n = w.calls;
	fw_rules_free(&rs);
	end(&w);
	return (n);
}

/* That call fails, at a first start or where older rules stand. */
static void
fails(uint32_t variants, unsigned int k, enum how how, int again, size_t rows)
{
	struct fw_rules	 rs;
	struct world	 w;
	char		 why[FW_WHYLEN];
	size_t		 block;

	begin(&w, variants);
	sample(&rs);
	assert_int_equal(fw_iptables.block(w.fw, &rs, why, sizeof(why)), 1);
	assert_int_equal(settle(&w, why), 1);
	block = standing(&w, 1);
	assert_true(block > 0);
	if (again) {
		assert_int_equal(fw_iptables.apply(w.fw, &rs, why,
		    sizeof(why)), 1);
		assert_int_equal(settle(&w, why), 1);
	}
	w.calls = 0;
	w.fail = w.last = k;
	w.how = how;
	assert_int_equal(fw_iptables.apply(w.fw, &rs, why, sizeof(why)), 1);
	assert_int_equal(settle(&w, why), -1);
	assert_non_null(strstr(why, "tables-"));
	assert_non_null(strstr(why, "it said no"));
	/* nothing of it is left, the block stands as it stood */
	assert_int_equal(standing(&w, 0), 0);
	assert_int_equal(standing(&w, 1), block);
	assert_int_equal(w.marked & 3, 0);
	/* and the next one does all of it */
	w.fail = 1;
	w.last = 0;
	assert_int_equal(fw_iptables.apply(w.fw, &rs, why, sizeof(why)), 1);
	assert_int_equal(settle(&w, why), 1);
	assert_int_equal(standing(&w, 0), rows);
	fw_rules_free(&rs);
	end(&w);
}

static void
test_each_call(void **state)
{
	static const uint32_t	 kinds[] = { IPT_LEGACY, IPT_NFT,
	    IPT_LEGACY | IPT_NFT };
	size_t			 i, rows;
	unsigned int		 k, n;
	int			 how;

	(void)state;
	for (i = 0; i < nitems(kinds); i++) {
		n = calls_of(kinds[i], &rows);
		assert_int_equal(n, kinds[i] == (IPT_LEGACY | IPT_NFT) ? 8 : 4);
		for (k = 1; k <= n; k++)
			for (how = 0; how < HOWS; how++) {
				fails(kinds[i], k, (enum how)how, 0, rows);
				fails(kinds[i], k, (enum how)how, 1, rows);
			}
	}
}

/* From some call on none works, so nothing can be undone: it is remembered,
 * and goes when they work again. */
static void
test_all_calls(void **state)
{
	struct fw_rules	 rs;
	struct world	 w;
	char		 why[FW_WHYLEN];
	unsigned int	 k;

	(void)state;
	for (k = 1; k <= 8; k++) {
		begin(&w, IPT_LEGACY | IPT_NFT);
		sample(&rs);
		w.fail = k;
		w.last = 1000;
		w.how = BETWEEN;
		assert_int_equal(fw_iptables.apply(w.fw, &rs, why,
		    sizeof(why)), 1);
		assert_int_equal(settle(&w, why), -1);
		assert_true(standing(&w, 0) == 0 || (w.marked & 3) != 0);
		w.last = 0;
		assert_int_equal(fw_iptables.clear(w.fw, 0), 0);
		(void)settle(&w, why);
		assert_int_equal(standing(&w, 0), 0);
		assert_int_equal(w.marked & 3, 0);
		fw_rules_free(&rs);
		end(&w);
	}
}

/* A call for the block fails: what stands of it stays. */
static void
test_block(void **state)
{
	struct fw_rules	 rs;
	struct world	 w;
	char		 why[FW_WHYLEN];
	unsigned int	 k;
	size_t		 before;

	(void)state;
	for (k = 1; k <= 8; k++) {
		begin(&w, IPT_LEGACY | IPT_NFT);
		sample(&rs);
		assert_int_equal(fw_iptables.block(w.fw, &rs, why,
		    sizeof(why)), 1);
		assert_int_equal(settle(&w, why), 1);
		before = standing(&w, 1);
		w.calls = 0;
		w.fail = w.last = k;
		assert_int_equal(fw_iptables.block(w.fw, &rs, why,
		    sizeof(why)), 1);
		assert_int_equal(settle(&w, why), -1);
		assert_true(why[0] != '\0');
		assert_int_equal(standing(&w, 1), before);
		fw_rules_free(&rs);
		end(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_each_call),
		cmocka_unit_test(test_all_calls),
		cmocka_unit_test(test_block),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
