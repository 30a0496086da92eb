/* SPDX-License-Identifier: ISC */

/* path.h: a packet's way through this host, as a picture. */

#ifndef PATH_H
#define PATH_H

#include "c_probe.h"

enum { VP_STAGES = 8 };

struct v_stage {
	const char	*title;
	char		 text[640];
	enum { VS_PASS, VS_BAD, VS_NOT } how;	/* NOT: it did not come here */
};

struct v_path {
	struct pr_flow	 flow;
	struct v_stage	 s[VP_STAGES];
	size_t		 n;
	int		 good;
};

/* What a probe met, as stages; tunnel: whose networks these are, or NULL. */
void	 v_path_make(const struct v_facts *, const struct pr_result *,
	    const struct pr_event *, size_t n, const char *listing,
	    uint32_t iif, const struct cf_tunnel *tunnel, struct v_path *);
void	 v_path_text(FILE *, const struct v_path *, int colour);
void	 v_path_svg(FILE *, const struct v_path *);

/* path_run.c: send it, draw it: 0, 1 (it does not pass), 2 (not possible). */
int	 v_path_show(const struct v_facts *, const char *src, const char *dst,
	    const char *svg);

/* mask.c: addresses become ip1, ip2, ...; each the same everywhere.  Text to
 * be freed, or NULL: no memory. */
char	*v_mask(const char *);

/* ping_linux.c: try hosts behind each tunnel; target NULL: look for some. */
void	 v_check_reach(const struct v_facts *, const char *target,
	    struct v_list *);

#endif /* PATH_H */
