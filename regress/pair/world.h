/* SPDX-License-Identifier: ISC */

/*
 * world.h: gateways in one process: the real libraries of s2sd-net, -ike,
 * -keys, -sad, -esp, -host (with its null backends, or pf) and -ctl, and of
 * s2sd-exec if asked for, joined by
 * frames that are delayed, dropped and reordered by a seed, over a network
 * that loses, repeats and delays by the same seed, on a virtual clock.  The
 * configuration travels by the parent's own machine; the rest of the parent
 * is played by the world, which also notes what s2sd-host and s2sd-ctl hear.
 *
 *	world.c		events, frames, the clock
 *	world_net.c	datagrams between gateways, packets inside tunnels
 *	world_parent.c	configuration, start, death and restart of a role
 *	world_pf.c	a firewall by s2sd-exec
 */

#ifndef WORLD_H
#define WORLD_H

#include "ctl.h"
#include "esp.h"
#include "host.h"
#include "ike.h"
#include "keys.h"
#include "net.h"
#include "reload.h"
#include "role.h"
#include "sad.h"

struct world;

struct world_opt {
	uint64_t	 seed;
	unsigned int	 loss, dup;	/* of a datagram, percent */
	unsigned int	 delay, jitter;	/* ms; jitter reorders */
	unsigned int	 ipc_delay;	/* most, us-like: in ms, per channel in order */
	unsigned int	 ipc_drop;	/* percent of frames that may be dropped */
	int		 exec;		/* the firewall is pf, by s2sd-exec */
};

enum { W_TUNNELS = 8, W_CHILDREN = 64 };

/* What s2sd-ctl was told of one tunnel. */
struct seen {
	uint32_t	 id;
	char		 name[NAME_MAX_];
	struct m_c_state st;
	unsigned int	 ups, downs;	/* changes into and out of TS_UP */
	uint32_t	 child[W_CHILDREN];	/* child numbers that are up */
	uint32_t	 spi_in[W_CHILDREN], spi_out[W_CHILDREN];
	size_t		 nchild;
};

struct gw {
	size_t		 n;			/* which one */
	uint64_t	 asleep;		/* until then */
	struct world	*w;
	struct addr	 outer;
	struct addr	 public;		/* af != 0: behind a NAT box */
	void		*self[PROC_MAX];	/* NULL: dead */
	struct conf	 conf[PROC_MAX];
	struct role_io	 io[PROC_MAX];
	struct slot { struct gw *gw; enum proc p; } slot[PROC_MAX];
	uint32_t	 epoch[PROC_MAX];
	uint32_t	 min_epoch[PROC_MAX][PROC_MAX];
	uint64_t	 last[PROC_MAX][PROC_MAX];	/* delivery, keeps order */
	uint64_t	 due[PROC_MAX];
	uint64_t	 frames[PROC_MAX][PROC_MAX];
	/* the parent's part */
	struct reload	*reload;
	struct reload_io rio;
	struct tunnel	 t[W_TUNNELS];		/* the file */
	char		 psk[W_TUNNELS][64];
	size_t		 nt;
	uint32_t	 gen;			/* of the frames being sent */
	uint32_t	 conf_run;		/* generation s2sd-conf works on */
	int		 conf_secrets, going;
	int		 bad_file;	/* to a new s2sd-keys: no secrets */
	int		 lacks;		/* and what was said of that */
	/* what was seen */
	struct seen	 seen[W_TUNNELS * 2];
	size_t		 nseen;
	unsigned int	 host_up, host_down, accused, refused;
	unsigned int	 delivered, duplicates, foreign;	/* inner packets */
	char		 last_log[TEXT_MAX], last_accused[TEXT_MAX];
	uint32_t	 roles;			/* PB() of those that run */
	int		 decouple;		/* `set decouple': no plane of ours */
	/* a pfctl that is played: what our two anchors hold, its runs */
	char		 anchor[2][2048];
	unsigned int	 pfctl;
	int		 pf_broken;
};

/* And s2sd-exec with opt.exec. */
#define W_ROLES	(PB(PROC_NET) | PB(PROC_IKE) | PB(PROC_KEYS) | \
		    PB(PROC_SAD) | PB(PROC_ESP) | PB(PROC_HOST) | PB(PROC_CTL))

struct world	*world_new(const struct world_opt *, size_t ngw);
void		 world_free(struct world *);
struct gw	*world_gw(struct world *, size_t);
uint64_t	 world_now(const struct world *);
uint64_t	 world_random(struct world *);
/* A number that is the same for the same seed and the same calls. */
uint64_t	 world_trace(const struct world *);
/* Events handled so far; stop before event n happens (0: do not). */
uint64_t	 world_events(const struct world *);
/* One event; 0 if there is none before `until' (the clock then stands there). */
int		 world_step(struct world *, uint64_t until);
void		 world_run(struct world *, uint64_t ms);
/* Until cond is true: 1, or 0 if ms went by. */
int		 world_until(struct world *, int (*cond)(struct world *, void *),
		    void *arg, uint64_t ms);
/* Drop the n-th datagram from now on (1 first), of any gateway; 0: none. */
void		 world_drop_nth(struct world *, uint64_t n);
void		 world_link(struct world *, int up);	/* everything lost */
void		 world_opt_set(struct world *, const struct world_opt *);
/* That machine sleeps: it does and hears nothing for so long, and then all
 * that was due is due at once. */
void		 world_sleep(struct gw *, uint64_t ms);
/* A copy of every datagram goes here (attacker, checker); NULL: nobody.
 * Returns 1 to let it pass, 0 to lose it. */
typedef int	 world_tap(void *arg, const struct gw *from,
		    const struct addr *src, const struct addr *dst,
		    const uint8_t *p, size_t n);
void		 world_set_tap(struct world *, world_tap *, void *arg);
/* Somebody without a gateway sends. */
void		 world_inject(struct world *, const struct addr *src,
		    const struct addr *dst, const uint8_t *p, size_t n);

/* Set the tunnels of a gateway (a whole configuration) and load it. */
void		 world_conf(struct gw *, const struct tunnel *,
		    const char *const *psk, size_t n);
/* End a role now; it comes back `after' ms later. */
void		 world_kill(struct gw *, enum proc, uint64_t after);
/* Send a frame as if from that process (a broken or hostile one). */
int		 world_frame(struct gw *, enum proc from, enum proc to,
		    uint32_t type, uint32_t req, uint32_t tunnel, const void *body);

/* The id of a tunnel in force, 0: none. */
uint32_t	 world_id(const struct gw *, const char *name);
struct seen	*world_seen(struct gw *, const char *name);
int		 world_is_up(struct gw *, const char *name);
/*
 * One UDP packet of that inside address pair through g's plane; counted
 * where it comes out (delivered, duplicates).  Returns 0, or -1 if the plane
 * did not take it.
 */
int		 world_probe(struct gw *g, const char *src, const char *dst,
		    uint32_t number);

/* A tunnel "name" from a to b, as s2sd-conf would make it. */
void		 world_tunnel(struct tunnel *, const char *name,
		    const struct gw *a, const struct gw *b,
		    const char *local, const char *remote);

/*
 * Which role's code runs just now: WORLD_AT(gateway, process), or -1 for the
 * world itself.  The pointer is good for the life of the world.
 */
#define WORLD_AT(n, p)	((int)(n) * PROC_MAX + (int)(p))
const int	*world_inside(const struct world *);
/* Enter a role, or leave for the world (-1); returns what to come back to. */
int		 world_enter(struct world *, int at);

/* --- between the files of the world --- */
void		 world_later(struct world *, uint64_t at, int kind,
		    struct gw *, enum proc from, enum proc to,
		    const struct ipc_hdr *, const struct addr *src,
		    const struct addr *dst, const uint8_t *p, size_t n);
enum { EV_NONE, EV_FRAME, EV_DGRAM, EV_RESTART, EV_TICK, EV_CONF, EV_RELOAD,
    EV_KILL };
int		 world_role_send(void *, enum proc, const struct ipc_hdr *,
		    const void *, size_t);
void		 world_role_random(void *, void *, size_t);
void		 world_wire(struct gw *, const struct addr *local,
		    const struct addr *remote, const uint8_t *p, size_t n);
void		 world_arrive(struct world *, const struct addr *src,
		    const struct addr *dst, const uint8_t *p, size_t n);
int		 world_net_output(void *, const struct addr *,
		    const struct addr *, const uint8_t *, size_t);
void		 world_held(void *);
void		 world_parent_frame(struct gw *, enum proc from,
		    const struct ipc_hdr *, const uint8_t *, size_t);
void		 world_ctl_frame(struct gw *, const struct ipc_hdr *,
		    const uint8_t *, size_t);
void		 world_restart(struct gw *, enum proc);
void		 world_parent_new(struct gw *);
void		 world_conf_runs(struct gw *);
void		 world_reload(struct gw *);
/* Frames that wait for that process are gone. */
void		 world_empty(struct gw *, enum proc);
const struct role *world_role(enum proc);
unsigned int	 world_percent(struct world *);	/* 0..99 */
void		 world_ticked(struct gw *, enum proc);

#endif /* WORLD_H */
