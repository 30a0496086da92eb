/* SPDX-License-Identifier: ISC */

/*
 * replay.c: the replay window with extended sequence numbers, RFC 4303
 * section 3.4.3 and appendix A2.  The window is a ring twice as long as it
 * needs to be, so that moving it on clears whole words only (RFC 6479).
 */

#include "local.h"

void
esp_replay_init(struct esp_replay *r, uint32_t win, int esn)
{
	memset(r, 0, sizeof(*r));
	r->win = win == 0 || win > REPLAY_MAX ? REPLAY_MAX : win;
	r->esn = esn != 0;
}

/*
 * Appendix A2.1.  Tl and Th are the halves of the top of the window; case A:
 * the window lies in one subspace of 2^32, case B: it spans two.
 */
int
esp_replay_guess(const struct esp_replay *r, uint32_t low, uint64_t *seq)
{
	uint32_t	 tl = (uint32_t)r->top, th = (uint32_t)(r->top >> 32);
	uint32_t	 bottom = tl - r->win + 1;

	if (!r->esn) {
		*seq = low;
		return (0);
	}
	if (tl >= r->win - 1) {				/* case A */
		if (low < bottom && ++th == 0)
			return (-1);
	} else if (low >= bottom && th-- == 0)		/* case B */
		return (-1);
	*seq = (uint64_t)th << 32 | low;
	return (0);
}

int
esp_replay_check(const struct esp_replay *r, uint64_t seq)
{
	if (seq == 0)		/* the first packet has 1, section 3.3.3 */
		return (-1);
	if (seq > r->top)
		return (0);
	if (r->top - seq >= r->win)
		return (-1);
	return (r->bits[seq / 64 % REPLAY_WORDS] >> seq % 64 & 1 ? -1 : 0);
}

void
esp_replay_mark(struct esp_replay *r, uint64_t seq)
{
	uint64_t	 word, n;

	if (seq > r->top) {
		word = r->top / 64;
		n = seq / 64 - word;
		if (n > REPLAY_WORDS)
			n = REPLAY_WORDS;
		for (; n > 0; n--)
			r->bits[++word % REPLAY_WORDS] = 0;
		r->top = seq;
	}
	r->bits[seq / 64 % REPLAY_WORDS] |= (uint64_t)1 << seq % 64;
}
