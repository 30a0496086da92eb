/* SPDX-License-Identifier: ISC */

/*
 * test_net_sock.c: the sockets of s2sd-net, for real on the loopback: which
 * of our addresses a datagram came to, from which one an answer goes, what
 * is too long, and what the network says of a closed port (N115, N116).
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "proc.h"
#include "sock.h"

static struct {
	struct role_io	 io;
	void		*self;
	unsigned int	 got, errors;
	struct m_net_dgram m;
	struct m_net_error e;
} t;

static int
f_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *b,
    size_t n)
{
	(void)arg;
	(void)to;
	if (h->type == M_NET_RECV) {
		t.got++;
		return (msg_get(msg_desc(h->type), rd_of(b, n), &t.m));
	}
	t.errors++;
	return (msg_get(msg_desc(h->type), rd_of(b, n), &t.e));
}

static void
f_random(void *arg, void *buf, size_t n)
{
	(void)arg;
	memset(buf, 1, n);
}

/* A UDP socket on a loopback address, any port; as the parent makes ours. */
static int
udp(const char *addr, struct addr *at)
{
	struct sockaddr_storage	 ss;
	struct addr		 a;
	socklen_t		 len;
	int			 fd, on = 1;

	assert_int_equal(addr_parse(addr, &a), 0);
	len = addr_to_sa(&a, &ss);
	fd = socket(a.af == 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&ss, len) == -1)
		return (-1);
#ifdef IP_PKTINFO
	if (a.af == 4)
		assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on,
		    sizeof(on)), 0);
#endif
	if (a.af == 6)
		assert_int_equal(setsockopt(fd, IPPROTO_IPV6,
		    IPV6_RECVPKTINFO, &on, sizeof(on)), 0);
	len = sizeof(ss);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_int_equal(addr_from_sa((struct sockaddr *)&ss, at), 0);
	return (fd);
}

static void
place(int fd, int at)
{
	assert_int_not_equal(fd, -1);
	assert_int_equal(dup2(fd, at), at);
	(void)close(fd);
	cmsg_setup(at, at == FD_UDP500_6 || at == FD_UDP4500_6);
}

static void
send_to(int fd, const struct addr *to, const void *p, size_t n)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = addr_to_sa(to, &ss);

	assert_int_equal(sendto(fd, p, n, 0, (struct sockaddr *)&ss, len), n);
}

static int
readable(int fd)
{
	struct pollfd	 p = { fd, POLLIN, 0 };

	return (poll(&p, 1, 2000) == 1);
}

static size_t
init(uint8_t *p, size_t n)
{
	memset(p, 0, n);
	p[0] = 1;
	p[16] = 33;
	p[17] = 0x20;
	p[18] = 34;
	p[19] = 8;
	p[26] = (uint8_t)(n >> 8);
	p[27] = (uint8_t)n;
	return (n);
}

static int
up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.io.send = f_send;
	t.io.random = f_random;
	t.self = role_net.new(&t.io);
	net_set_output(t.self, sock_write, NULL);
	return (t.self == NULL ? -1 : 0);
}

static int
down(void **state)
{
	(void)state;
	role_net.free(t.self);
	return (0);
}

static void
test_v4(void **state)
{
	static uint8_t	 b[NET_DGRAM_MAX + 100];
	struct addr	 ours, from, to;
	struct sockaddr_storage ss;
	socklen_t	 len = sizeof(ss);
	int		 fd;

	(void)state;
	place(udp("0.0.0.0", &ours), FD_UDP500_4);
	assert_int_not_equal(fd = udp("127.0.0.9", &from), -1);
	assert_int_equal(addr_parse("127.0.0.5", &to), 0);
	to.port = ours.port;
	send_to(fd, &to, b, init(b, 200));
	assert_true(readable(FD_UDP500_4));
	sock_read(FD_UDP500_4, t.self, 5);
	assert_int_equal(t.got, 1);
	assert_int_equal(addr_cmp(&t.m.remote, &from, 1), 0);
	assert_int_equal(addr_cmp(&t.m.local, &to, 0), 0);
	assert_int_equal(t.m.local.port, 500);
	/* back from the address that was asked, not from just any */
	to.port = 500;
	assert_int_equal(sock_write(NULL, &to, &from, b, 200), 0);
	assert_true(readable(fd));
	assert_int_equal(recvfrom(fd, b, sizeof(b), 0,
	    (struct sockaddr *)&ss, &len), 200);
	assert_int_equal(addr_from_sa((struct sockaddr *)&ss, &from), 0);
	assert_int_equal(addr_cmp(&from, &to, 0), 0);
	/* too long, and then one that is not, in one go */
	to.port = ours.port;
	send_to(fd, &to, b, init(b, sizeof(b)));
	send_to(fd, &to, b, init(b, 300));
	assert_true(readable(FD_UDP500_4));
	sock_read(FD_UDP500_4, t.self, 6);
	assert_int_equal(net_counter(t.self, NC_LONG), 1);
	assert_int_equal(t.got, 2);
	(void)close(fd);
	(void)close(FD_UDP500_4);
}

static void
test_v6(void **state)
{
	uint8_t		 b[200];
	struct addr	 ours, from, to;
	int		 fd = udp("::", &ours);

	(void)state;
	if (fd == -1) {
		skip();
		return;
	}
	place(fd, FD_UDP4500_6);
	if ((fd = udp("::1", &from)) == -1) {
		(void)close(FD_UDP4500_6);
		skip();
		return;
	}
	to = from;
	to.port = ours.port;
	memset(b, 0, 4);
	(void)init(b + 4, 196);
	b[4] = 1;
	send_to(fd, &to, b, 200);
	assert_true(readable(FD_UDP4500_6));
	sock_read(FD_UDP4500_6, t.self, 5);
	assert_int_equal(t.got, 1);
	assert_int_equal(t.m.flags, NETF_4500);
	assert_int_equal(addr_cmp(&t.m.local, &to, 0), 0);
	to.port = 4500;
	assert_int_equal(sock_write(NULL, &to, &from, b, 200), 0);
	assert_true(readable(fd));
	(void)close(fd);
	(void)close(FD_UDP4500_6);
}

/* A closed port: reported, and the next packet to somebody else still goes. */
static void
test_refused(void **state)
{
	uint8_t		 b[100];
	struct addr	 ours, gone, alive, any;
	struct pollfd	 p = { FD_UDP500_4, POLLIN, 0 };
	int		 fd;

	(void)state;
	memset(&any, 0, sizeof(any));
	any.port = 500;
	place(udp("0.0.0.0", &ours), FD_UDP500_4);
	assert_int_not_equal(fd = udp("127.0.0.1", &gone), -1);
	(void)close(fd);
	assert_int_not_equal(fd = udp("127.0.0.1", &alive), -1);
	assert_int_equal(sock_write(NULL, &any, &gone, b, init(b, 100)), 0);
	assert_int_equal(sock_write(NULL, &any, &alive, b, 100), 0);
	assert_true(readable(fd));
	(void)poll(&p, 1, 500);
	sock_read(FD_UDP500_4, t.self, 5);
#ifdef __linux__
	assert_int_equal(t.errors, 1);
	assert_int_equal(t.e.err, ECONNREFUSED);
	assert_int_equal(addr_cmp(&t.e.remote, &gone, 1), 0);
#endif
	/* nothing is left that would wake us again and again */
	assert_int_equal(poll(&p, 1, 0), 0);
	(void)close(fd);
	(void)close(FD_UDP500_4);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, up, down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_v4), T(test_v6), T(test_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
