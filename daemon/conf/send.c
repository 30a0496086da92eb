/* SPDX-License-Identifier: ISC */

/*
 * send.c: the records to the parent, the secrets to s2sd-keys.  This is the
 * one process that may wait for a full channel: it lives for a second.
 */

#include <poll.h>
#include <stdlib.h>

#include "cf_send.h"
#include "msg.h"

static int
send_frame(struct ipc_chan *c, uint32_t gen, uint32_t type, const void *body)
{
	const struct msg_desc	*d = msg_desc(type);
	static uint8_t		 buf[IPC_BODY_MAX];
	struct wr		 w = wr_of(buf, sizeof(buf));
	struct ipc_hdr		 h;
	struct pollfd		 p;
	int			 rv;

	memset(&h, 0, sizeof(h));
	h.type = type;
	h.gen = gen;
	if (d == NULL || msg_put(d, &w, body) == -1 || wr_end(&w))
		return (-1);
	rv = ipc_chan_send(c, &h, buf, w.n, -1);
	p.fd = ipc_chan_fd(c);
	p.events = POLLOUT;
	while (rv == 0 && ipc_chan_waiting(c) > 0) {
		(void)poll(&p, 1, 1000);
		if (ipc_chan_flush(c) == -1)
			rv = -1;
	}
	explicit_bzero(buf, w.n);
	return (rv);
}

static int
send_line(struct ipc_chan *parent, uint32_t gen, uint32_t type,
    const char *line)
{
	struct m_text	 t;

	memset(&t, 0, sizeof(t));
	(void)snprintf(t.text, sizeof(t.text), "%s", line);
	return (send_frame(parent, gen, type, &t));
}

int
cf_send_errors(struct ipc_chan *parent, uint32_t gen,
    const struct cf_result *r)
{
	char		 more[80];
	unsigned int	 i;

	for (i = 0; i < CF_ERR_MAX && r->err[i] != NULL; i++)
		if (send_line(parent, gen, M_CF_ERROR, r->err[i]) == -1)
			return (-1);
	if (r->nerr <= CF_ERR_MAX)
		return (0);
	(void)snprintf(more, sizeof(more), "and more: only the first %d "
	    "errors are shown", (int)CF_ERR_MAX);
	return (send_line(parent, gen, M_CF_ERROR, more));
}

int
cf_send_warnings(struct ipc_chan *parent, uint32_t gen,
    const struct cf_result *r)
{
	unsigned int	 i;

	for (i = 0; i < r->nwarn; i++)
		if (send_line(parent, gen, M_CF_WARN, r->warn[i]) == -1)
			return (-1);
	return (0);
}

int
cf_send_secrets(struct ipc_chan *keys, uint32_t gen, const struct cf_result *r,
    int part)
{
	struct m_cf_secret	 s;
	size_t			 i;

	for (i = 0; i < r->n; i++) {
		if (part && (r->t[i]->bad || r->t[i]->npsk == 0))
			continue;
		memset(&s, 0, sizeof(s));
		(void)snprintf(s.name, sizeof(s.name), "%s", r->t[i]->t.name);
		s.psk = rd_of(r->t[i]->psk, r->t[i]->npsk);
		if (send_frame(keys, gen, M_CF_SECRET, &s) == -1)
			return (-1);
	}
	return (send_frame(keys, gen, part ? M_CF_SECRET_PART :
	    M_CF_SECRET_END, NULL));
}

int
cf_send_records(struct ipc_chan *parent, uint32_t gen,
    const struct cf_result *r)
{
	static uint8_t	 buf[TUNNEL_WIRE_MAX];
	struct wr	 w = wr_of(buf, sizeof(buf));
	struct m_cf_end	 end;
	struct m_conf	 m;
	size_t		 i;

	global_put(&w, &r->g);
	m.rest = rd_of(buf, w.n);
	if (wr_end(&w) || send_frame(parent, gen, M_CF_GLOBAL, &m) == -1)
		return (-1);
	for (i = 0; i < r->n; i++) {
		w = wr_of(buf, sizeof(buf));
		tunnel_put(&w, &r->t[i]->t);
		m.rest = rd_of(buf, w.n);
		if (wr_end(&w) ||
		    send_frame(parent, gen, M_CF_TUNNEL, &m) == -1)
			return (-1);
	}
	end.ntunnel = (uint32_t)r->n;
	return (send_frame(parent, gen, M_CF_END, &end));
}
