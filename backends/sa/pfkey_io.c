/* SPDX-License-Identifier: ISC */

/*
 * pfkey_io.c: one message to the kernel at a time and its answer, and what
 * the kernel says by itself.  An answer is a message with our type, number
 * and pid, or an error of write(2), which on some systems is all that comes.
 * Receive buffers are wiped: af_key sends keys to everybody, FreeBSD's errors
 * send ours back.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include "pfkey_int.h"

enum { BURST = 256 };

struct pk_hdr
pk_hdr(struct pk *b)
{
	struct pk_hdr	 h;

	/* far from the kernel's own, which count from 1 (af_key's acquires) */
	if (++b->seq < 0x40000000)
		b->seq = 0x40000000;
	h.seq = b->seq;
	h.pid = b->pid;
	h.life = b->life;
	return (h);
}

int
pk_serr(enum pk_type type, int err)
{
	switch (err) {
	case 0:
		return (SERR_OK);
	case EEXIST:
		return (SERR_SPI);
	case ENOENT:
		return (type == PK_GETSPI ? SERR_SPI : SERR_BACKEND);
	case EINVAL:
	case ENOSYS:
	case EOPNOTSUPP:
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT:
		return (SERR_ALG);
	}
	return (SERR_BACKEND);
}

static void
answered(struct pk *b, int err, const struct pk_msg *m)
{
	b->waiting = 0;
	b->answering = 1;
	b->error = err;
	memset(&b->answer, 0, sizeof(b->answer));
	if (m != NULL)
		b->answer = *m;
}

void
pk_submit(struct pk *b, enum pk_type type, const uint8_t *msg, size_t n)
{
	ssize_t	 k;

	b->type = type;
	b->wseq = b->seq;
	b->waiting = 1;
	b->deadline = 0;
	do
		k = b->send != NULL ? b->send(b->arg, msg, n) :
		    send(b->fd, msg, n, 0);
	while (k == -1 && errno == EINTR);
	if (k == -1)
		answered(b, errno, NULL);
	else if ((size_t)k != n)
		answered(b, EMSGSIZE, NULL);
}

void
pk_submit_wr(struct pk *b, enum pk_type type, const struct wr *w)
{
	if (wr_end(w) == -1) {
		b->type = type;
		answered(b, EINVAL, NULL);
	} else
		pk_submit(b, type, w->p, w->n);
	explicit_bzero(w->p, w->n);
}

/* --- what the kernel says by itself --- */

static void
expire(struct pk *b, const struct pk_msg *m, int hard)
{
	struct pk_pair	*p;
	int		 out;

	if (!(m->have & PKH_SA) ||
	    (p = pk_pair_spi(b, m->spi, &out)) == NULL || !p->up ||
	    (m->have & PKH_DST && addr_cmp(&m->dst, out ? &p->remote :
	    &p->local, 0) != 0))
		return;
	if (!hard && p->soft)
		return;			/* its other half said so before */
	p->soft = 1;
	if (hard && out)
		p->have_out = 0;
	else if (hard)
		p->have_in = 0;
	b->ev->expire(b->ev->arg, p->tunnel, p->child, hard);
}

/* OpenBSD's acquire has the names of the flow, the others its number; the
 * packet is in neither: the networks stand for it. */
static void
acquire(struct pk *b, const struct pk_msg *m)
{
	const struct pk_tun	*t;
	uint32_t		 tunnel;
	struct addr		 src, dst;

	tunnel = m->have & PKH_MARK ? (m->life == b->life ? m->tunnel : 0) :
	    pk_pol_tunnel(b, m->polid);
	if (tunnel == 0 || (t = pk_tun(b, tunnel)) == NULL || t->npair == 0)
		return;
	memset(&src, 0, sizeof(src));
	src.af = t->pair[0].local.af;
	memcpy(src.a, t->pair[0].local.lo, addr_len(src.af));
	dst = src;
	memcpy(dst.a, t->pair[0].remote.lo, addr_len(dst.af));
	b->ev->acquire(b->ev->arg, tunnel, &src, &dst,
	    t->pair[0].local.ipproto);
}

static void
mapping(struct pk *b, const struct pk_msg *m)
{
	struct pk_pair	*p;
	int		 out;

	if (!(m->have & PKH_SA) || m->dst.af == 0 || m->dst.port == 0 ||
	    (p = pk_pair_spi(b, m->spi, &out)) == NULL || out || !p->up)
		return;
	b->ev->moved(b->ev->arg, p->tunnel, p->child, &p->local, &m->dst);
}

static int
has_ah(const struct pk *b)
{
	const struct pk_pair	*p;

	for (p = b->pairs; p != NULL && !p->ah; )
		p = p->next;
	return (p != NULL);
}

/* Other programs' work is seen, too: what of it is about ours? */
static void
foreign(struct pk *b, const struct pk_msg *m)
{
	if (m->err != 0 || (m->pid == b->pid && m->type != PK_EXPIRE))
		return;			/* refused, or our own in copy */
	switch (m->type) {
	case PK_DELETE:
		expire(b, m, 1);
		break;
	case PK_FLUSH:
		if (m->satype == 0 || m->satype == b->d->satype[0])
			pk_lost(b);
		else if (m->satype == b->d->satype[1] && has_ah(b)) {
			if (b->d->snap)
				pk_lost(b);
			else		/* what is left? */
				(void)pk_job(b, PKJ_DUMP, 0);
		}
		break;
	case PK_POLDEL:
		if (pk_pol_lost(b, m))
			(void)pk_job(b, PKJ_SYNC, 0);
		break;
	case PK_POLFLUSH:
		pk_flushed(b);
		break;
	default:
		break;
	}
}

static void
event(struct pk *b, const struct pk_msg *m)
{
	switch (m->type) {
	case PK_EXPIRE:
		expire(b, m, m->hard);
		break;
	case PK_ACQUIRE:
		if (m->err == 0)
			acquire(b, m);
		break;
	case PK_MAPPING:
		mapping(b, m);
		break;
	default:
		foreign(b, m);
	}
}

/* A dump's answers have numbers of their own that count down to 0. */
static int
of_dump(struct pk *b, const struct pk_msg *m)
{
	if (!b->waiting || m->type != b->type || m->pid != b->pid ||
	    (m->type != PK_DUMP && m->type != PK_POLDUMP))
		return (0);
	if (m->err != 0) {
		answered(b, m->err == ENOENT || m->err == ESRCH ? 0 : m->err,
		    m);
		return (1);
	}
	if (m->type == PK_DUMP)
		pk_take_found(b, m);
	else
		pk_pol_found(b, m);
	b->deadline = 0;
	if (m->seq == 0)
		answered(b, 0, m);
	return (1);
}

void
pk_message(struct pk *b, struct rd r)
{
	struct pk_msg	 m;

	if (b->d->get(b->d, r, &m) == -1)
		return;
	if (of_dump(b, &m))
		return;
	if (b->waiting && m.type == b->type && m.pid == b->pid &&
	    m.seq == b->wseq)
		answered(b, m.err, &m);
	else
		event(b, &m);
}

void
pk_readable(void *arg)
{
	struct pk	*b = arg;
	ssize_t		 n = 0;
	int		 i, lost = 0;

	for (i = 0; i < BURST; i++) {
		errno = 0;
		n = recv(b->fd, b->in, sizeof(b->in), MSG_DONTWAIT);
		if (n <= 0 && errno == ENOBUFS && !lost) {
			lost = 1;	/* and what is left is read */
			continue;
		}
		if (n <= 0)
			break;
		pk_message(b, rd_of(b->in, (size_t)n));
		explicit_bzero(b->in, (size_t)n);
		pk_run(b);
	}
	/* events are missing: ask what is there */
	if (lost)
		(void)pk_job(b, PKJ_DUMP, 0);
	pk_run(b);
}

uint64_t
pk_tick(void *arg, uint64_t now)
{
	struct pk	*b = arg;

	b->now = now;
	if (b->waiting && b->deadline == 0)
		b->deadline = now + PK_ANSWER_MS;
	if (b->waiting && b->deadline <= now)
		answered(b, ETIMEDOUT, NULL);
	pk_run(b);
	if (b->waiting && b->deadline == 0)
		b->deadline = now + PK_ANSWER_MS;
	return (b->waiting ? b->deadline : DUE_NEVER);
}
