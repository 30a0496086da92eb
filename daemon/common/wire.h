/* SPDX-License-Identifier: ISC */

/*
 * wire.h: the one way to read and to write octets that came from, or go to,
 * somebody else: the network and the other processes.
 *
 * struct rd is a view of octets that are not ours; it is passed by value to
 * a parser (the caller's view stays whole) and by pointer to the primitives
 * below.  Every primitive returns 0, or -1 if too little is left; only
 * rd_take compares lengths.  Numbers are big-endian on the wire and in host
 * order in the result.
 *
 * struct wr writes into room that the caller owns.  It remembers the first
 * overflow in `bad', so that only wr_end has to be checked.
 */

#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WUR	__attribute__((__warn_unused_result__))

#ifndef nitems
#define nitems(a)	(sizeof(a) / sizeof((a)[0]))
#endif

struct rd {
	const uint8_t	*p;
	size_t		 n;	/* octets left */
};

struct wr {
	uint8_t		*p;	/* start of the room */
	size_t		 n;	/* octets written so far */
	size_t		 max;	/* size of the room */
	int		 bad;	/* something did not fit */
};

/* The only length comparison: *p becomes n octets that are then consumed. */
static inline int WUR
rd_take(struct rd *r, size_t n, const uint8_t **p)
{
	if (n > r->n)
		return (-1);
	*p = r->p;
	if (n > 0)
		r->p += n;
	r->n -= n;
	return (0);
}

static inline int WUR
rd_u8(struct rd *r, uint8_t *v)
{
	const uint8_t	*p;

	if (rd_take(r, 1, &p))
		return (-1);
	*v = p[0];
	return (0);
}

static inline int WUR
rd_u16(struct rd *r, uint16_t *v)
{
	const uint8_t	*p;

	if (rd_take(r, 2, &p))
		return (-1);
	*v = (uint16_t)(p[0] << 8 | p[1]);
	return (0);
}

static inline int WUR
rd_u32(struct rd *r, uint32_t *v)
{
	const uint8_t	*p;

	if (rd_take(r, 4, &p))
		return (-1);
	*v = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
	return (0);
}

static inline int WUR
rd_u64(struct rd *r, uint64_t *v)
{
	uint32_t	 hi, lo;

	if (r->n < 8 || rd_u32(r, &hi) || rd_u32(r, &lo))
		return (-1);
	*v = (uint64_t)hi << 32 | lo;
	return (0);
}

static inline int WUR
rd_copy(struct rd *r, void *to, size_t n)
{
	const uint8_t	*p;

	if (rd_take(r, n, &p))
		return (-1);
	if (n > 0)
		memcpy(to, p, n);
	return (0);
}

static inline int WUR
rd_skip(struct rd *r, size_t n)
{
	const uint8_t	*p;

	return (rd_take(r, n, &p));
}

/* The next n octets as a view of their own. */
static inline int WUR
rd_sub(struct rd *r, size_t n, struct rd *sub)
{
	if (rd_take(r, n, &sub->p))
		return (-1);
	sub->n = n;
	return (0);
}

/* A view that is preceded by its own length in 16 bits. */
static inline int WUR
rd_sub16(struct rd *r, struct rd *sub)
{
	uint16_t	 n;

	return (rd_u16(r, &n) || rd_sub(r, n, sub) ? -1 : 0);
}

/* 0 if nothing is left: closes every body. */
static inline int WUR
rd_end(const struct rd *r)
{
	return (r->n == 0 ? 0 : -1);
}

/*
 * A word of printable ASCII without blanks up to `end', which is consumed, as
 * a string into `to'; -1 if it is empty, does not fit or does not end.
 */
static inline int WUR
rd_word(struct rd *r, char end, char *to, size_t max)
{
	uint8_t	 c;
	size_t	 n = 0;

	memset(to, 0, max);
	while (rd_u8(r, &c) == 0) {
		if (c == (uint8_t)end)
			return (n > 0 ? 0 : -1);
		if (c <= ' ' || c > '~' || n + 1 >= max)
			return (-1);
		to[n++] = (char)c;
	}
	return (-1);
}

static inline struct rd
rd_of(const void *p, size_t n)
{
	struct rd	 r;

	r.p = p;
	r.n = n;
	return (r);
}

static inline struct wr
wr_of(void *p, size_t max)
{
	struct wr	 w;

	w.p = p;
	w.n = 0;
	w.max = max;
	w.bad = 0;
	return (w);
}

/* Room for n octets that the caller fills, or NULL. */
static inline uint8_t *
wr_room(struct wr *w, size_t n)
{
	uint8_t	*p;

	if (w->bad || n > w->max - w->n) {
		w->bad = 1;
		return (NULL);
	}
	p = w->p + w->n;
	w->n += n;
	return (p);
}

static inline void
wr_put(struct wr *w, const void *from, size_t n)
{
	uint8_t	*p;

	if ((p = wr_room(w, n)) != NULL && n > 0)
		memcpy(p, from, n);
}

static inline void
wr_zero(struct wr *w, size_t n)
{
	uint8_t	*p;

	if ((p = wr_room(w, n)) != NULL && n > 0)
		memset(p, 0, n);
}

static inline void
wr_u8(struct wr *w, uint8_t v)
{
	wr_put(w, &v, 1);
}

static inline void
wr_u16(struct wr *w, uint16_t v)
{
	uint8_t	 b[2];

	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
	wr_put(w, b, sizeof(b));
}

static inline void
wr_u32(struct wr *w, uint32_t v)
{
	uint8_t	 b[4];

	b[0] = (uint8_t)(v >> 24);
	b[1] = (uint8_t)(v >> 16);
	b[2] = (uint8_t)(v >> 8);
	b[3] = (uint8_t)v;
	wr_put(w, b, sizeof(b));
}

static inline void
wr_u64(struct wr *w, uint64_t v)
{
	wr_u32(w, (uint32_t)(v >> 32));
	wr_u32(w, (uint32_t)v);
}

/*
 * A 16 bit length is left open at the current place; wr_len16_end writes
 * the number of octets written since the place plus `extra' into it.
 */
static inline size_t
wr_len16_begin(struct wr *w)
{
	size_t	 at = w->n;

	wr_u16(w, 0);
	return (at);
}

static inline void
wr_len16_end(struct wr *w, size_t at, size_t extra)
{
	size_t	 len;

	if (w->bad)
		return;
	len = w->n - at - 2 + extra;
	if (len > 0xffff) {
		w->bad = 1;
		return;
	}
	w->p[at] = (uint8_t)(len >> 8);
	w->p[at + 1] = (uint8_t)len;
}

/* A view with its length in front: what rd_sub16 reads. */
static inline void
wr_sub16(struct wr *w, struct rd r)
{
	if (r.n > 0xffff) {
		w->bad = 1;
		return;
	}
	wr_u16(w, (uint16_t)r.n);
	wr_put(w, r.p, r.n);
}

/* 0 if everything written since the start fitted. */
static inline int WUR
wr_end(const struct wr *w)
{
	return (w->bad ? -1 : 0);
}

#endif /* WIRE_H */
