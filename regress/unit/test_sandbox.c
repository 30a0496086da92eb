/* SPDX-License-Identifier: ISC */

/*
 * test_sandbox.c: the Linux sandbox from inside, one child for each call.
 * What a role must not do ends it by SIGSYS; what it needs goes on.  The
 * calls are made by number, with arguments that would do no harm.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/futex.h>

#include <cmocka.h>

#include "sandbox_linux.h"
#include "wire.h"

struct call {
	const char	*name;
	long		 nr, a[6];
	uint32_t	 who;		/* PB() of the roles it is about */
};

#define LOCKED	(PB(PROC_CONF) | PB(PROC_NET) | PB(PROC_IKE) | \
		    PB(PROC_KEYS) | PB(PROC_SAD) | PB(PROC_ESP) | \
		    PB(PROC_HOST) | PB(PROC_CTL))
#define ROOTS	(PB(PROC_PARENT) | PB(PROC_EXEC))
#define RW	(PROT_READ | PROT_WRITE)
#define RX	(PROT_READ | PROT_EXEC)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static int	word;
static char	path[] = "/dev/null";

/* These end the process. */
static const struct call	deadly[] = {
 { "openat",	SYS_openat, { AT_FDCWD, (long)path, O_RDONLY }, LOCKED },
 { "execve",	SYS_execve, { (long)path, 0, 0 }, LOCKED },
 { "kill",	SYS_kill, { 1, 0 }, LOCKED },
 { "tgkill",	SYS_tgkill, { 1, 1, 0 }, LOCKED },
 { "connect",	SYS_connect, { -1, 0, 0 }, LOCKED },
 { "bind",	SYS_bind, { -1, 0, 0 }, LOCKED },
 { "socketpair", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, 0 }, LOCKED },
 { "clone",	SYS_clone, { SIGCHLD, 0, 0, 0, 0 }, LOCKED },
 { "clone3",	SYS_clone3, { 0, 0 }, LOCKED },
 { "prctl",	SYS_prctl, { PR_SET_DUMPABLE, 1 }, LOCKED },
 { "setuid",	SYS_setuid, { 0 }, LOCKED },
 { "chroot",	SYS_chroot, { (long)path }, LOCKED },
 { "unlinkat",	SYS_unlinkat, { -1, 0, 0 }, LOCKED },
 { "memfd_create", SYS_memfd_create, { (long)path, 0 }, LOCKED },
 { "setsockopt", SYS_setsockopt, { -1, 0, 0, 0, 0 }, LOCKED },
 { "setsockopt mark", SYS_setsockopt, { -1, SOL_SOCKET, SO_MARK, 0, 0 },
	LOCKED },
 { "pidfd_getfd", SYS_pidfd_getfd, { -1, 0, 0 }, LOCKED },
 { "mprotect exec", SYS_mprotect, { 0, 0, RX }, LOCKED },
 { "mmap exec",	SYS_mmap, { 0, 4096, RX, ANON, -1, 0 }, LOCKED },
 { "mmap of a file", SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, 0, 0 },
	LOCKED },
 { "futex requeue", SYS_futex, { (long)&word, FUTEX_CMP_REQUEUE, 0, 0, 0, 0 },
	LOCKED },
 { "sendto",	SYS_sendto, { -1, 0, 0, 0, 0, 0 },
	PB(PROC_IKE) | PB(PROC_KEYS) },
 { "accept4",	SYS_accept4, { -1, 0, 0, 0 }, LOCKED & ~PB(PROC_CTL) },
 { "ioctl",	SYS_ioctl, { -1, 0, 0 },
	PB(PROC_ESP) | PB(PROC_IKE) | PB(PROC_KEYS) },
 { "fcntl dup",	SYS_fcntl, { 0, F_DUPFD, 0 }, LOCKED },
 { "fcntl",	SYS_fcntl, { 0, F_SETFL, O_NONBLOCK },
	LOCKED & ~(PB(PROC_CTL) | PB(PROC_CONF)) },
 { "getsockopt of all kinds", SYS_getsockopt, { 0, SOL_SOCKET, SO_TYPE, 0, 0 },
	PB(PROC_CTL) },
 { "ptrace",	SYS_ptrace, { 0, 0, 0, 0 }, LOCKED | ROOTS },
 { "process_vm_readv", SYS_process_vm_readv, { 0, 0, 0, 0, 0, 0 },
	LOCKED | ROOTS },
 { "mount",	SYS_mount, { 0, 0, 0, 0, 0 }, LOCKED | ROOTS },
 { "bpf",	SYS_bpf, { -1, 0, 0 }, LOCKED | ROOTS },
 { "io_uring_setup", SYS_io_uring_setup, { 0, 0 }, LOCKED | ROOTS },
 { "init_module", SYS_init_module, { 0, 0, 0 }, LOCKED | ROOTS }
};

/* These are refused, and the process goes on. */
static const struct call	refused[] = {
 { "socket",	SYS_socket, { AF_INET, SOCK_DGRAM, 0 }, LOCKED },
 { "readlinkat", SYS_readlinkat, { AT_FDCWD, (long)path, (long)&word, 1 },
	LOCKED },
 { "ioctl",	SYS_ioctl, { 0, 0x5401 /* TCGETS */, 0 },
	LOCKED & ~(PB(PROC_ESP) | PB(PROC_IKE) | PB(PROC_KEYS)) },
 { "getsockopt", SYS_getsockopt, { 0, SOL_SOCKET, SO_TYPE, 0, 0 },
	LOCKED & ~PB(PROC_CTL) }
};

/* These reach the kernel: their own error, or none. */
static const struct call	needed[] = {
 { "read",	SYS_read, { -1, 0, 0 }, LOCKED | ROOTS },
 { "write",	SYS_write, { -1, 0, 0 }, LOCKED | ROOTS },
 { "recvmsg",	SYS_recvmsg, { -1, 0, 0 }, LOCKED },
 { "sendmsg",	SYS_sendmsg, { -1, 0, 0 }, LOCKED },
 { "epoll_wait", SYS_epoll_wait, { -1, 0, 1, 0 }, LOCKED },
 { "epoll_ctl",	SYS_epoll_ctl, { -1, 1, 0, 0 }, LOCKED },
 { "close",	SYS_close, { -1 }, LOCKED },
 { "getrandom",	SYS_getrandom, { (long)&word, sizeof(word), 0 }, LOCKED },
 { "mmap",	SYS_mmap, { 0, 4096, RW, ANON, -1, 0 }, LOCKED },
 { "mprotect",	SYS_mprotect, { 0, 0, PROT_READ }, LOCKED },
 { "brk",	SYS_brk, { 0 }, LOCKED },
 { "futex wake", SYS_futex, { (long)&word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0 },
	LOCKED },
 { "clock_gettime", SYS_clock_gettime, { CLOCK_MONOTONIC, 0 }, LOCKED },
 { "getpid",	SYS_getpid, { 0 }, LOCKED },
 { "sendto",	SYS_sendto, { -1, 0, 0, 0, 0, 0 }, PB(PROC_NET) |
	PB(PROC_SAD) | PB(PROC_ESP) | PB(PROC_HOST) | PB(PROC_CTL) },
 { "recvfrom",	SYS_recvfrom, { -1, 0, 0, 0, 0, 0 },
	PB(PROC_NET) | PB(PROC_SAD) | PB(PROC_ESP) | PB(PROC_HOST) },
 { "recvmmsg",	SYS_recvmmsg, { -1, 0, 0, 0, 0 },
	PB(PROC_NET) | PB(PROC_ESP) },
 { "sendmmsg",	SYS_sendmmsg, { -1, 0, 0, 0 },
	PB(PROC_NET) | PB(PROC_ESP) },
 { "writev",	SYS_writev, { -1, 0, 0 }, PB(PROC_ESP) | PB(PROC_CTL) },
 { "pwrite64",	SYS_pwrite64, { -1, 0, 0, 0 }, PB(PROC_HOST) },
 { "setsockopt buffer", SYS_setsockopt,
	{ -1, SOL_SOCKET, SO_SNDBUFFORCE, 0, 0 }, PB(PROC_HOST) },
 { "accept4",	SYS_accept4, { -1, 0, 0, 0 }, PB(PROC_CTL) },
 { "getsockopt peer", SYS_getsockopt, { -1, SOL_SOCKET, SO_PEERCRED, 0, 0 },
	PB(PROC_CTL) },
 { "fcntl",	SYS_fcntl, { -1, F_GETFL, 0 }, PB(PROC_CTL) | PB(PROC_CONF) },
 { "lseek",	SYS_lseek, { -1, 0, 0 }, PB(PROC_CONF) | PB(PROC_HOST) },
 { "openat",	SYS_openat, { AT_FDCWD, (long)path, O_RDONLY }, ROOTS },
 { "execve",	SYS_execve, { 0, 0, 0 }, ROOTS },
 { "kill",	SYS_kill, { 0, 0 }, ROOTS }
};

/* No _exit(3): under the sanitizers it makes calls of its own. */
static void
leave(long code)
{
	for (;;)
		(void)syscall(SYS_exit_group, code);
}

/* In a child: 0 and up: the errno that it ended with; -N: signal N. */
static int
outcome(enum proc p, const struct call *c)
{
	pid_t	 pid;
	long	 rv;
	int	 status;

	if ((pid = fork()) == -1)
		fail_msg("fork");
	if (pid == 0) {
		if (sandbox_filter(p) == -1)
			leave(250);
		errno = 0;
		rv = syscall(c->nr, c->a[0], c->a[1], c->a[2], c->a[3],
		    c->a[4], c->a[5]);
		leave(rv == -1 ? errno : 0);
	}
	while (waitpid(pid, &status, 0) == -1)
		;
	return (WIFSIGNALED(status) ? -WTERMSIG(status) :
	    WEXITSTATUS(status));
}

enum want { DIES, REFUSED, GOES_ON };

static void
each(const struct call *c, size_t n, enum want want)
{
	size_t	 i;
	int	 got, p;

	for (i = 0; i < n; i++)
		for (p = 0; p < PROC_MAX; p++) {
			if (!(c[i].who & PB(p)))
				continue;
			got = outcome((enum proc)p, &c[i]);
			if (want == DIES ? got != -SIGSYS :
			    want == REFUSED ? got != EACCES :
			    got < 0 || got == EACCES || got == 250)
				fail_msg("%s: %s: %s %d",
				    proc_name((enum proc)p), c[i].name,
				    got < 0 ? "signal" : "error",
				    got < 0 ? -got : got);
		}
}

static void
test_deadly(void **state)
{
	(void)state;
	each(deadly, nitems(deadly), DIES);
}

static void
test_refused(void **state)
{
	(void)state;
	each(refused, nitems(refused), REFUSED);
}

static void
test_needed(void **state)
{
	(void)state;
	each(needed, nitems(needed), GOES_ON);
}

/* The same calls without a filter do not kill: the tests above can fail. */
static void
test_without(void **state)
{
	pid_t	 pid;
	int	 status;

	(void)state;
	if ((pid = fork()) == 0) {
		(void)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
		(void)syscall(SYS_ptrace, 0x7777, 0, 0, 0);
		_exit(7);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static void *
thread(void *arg)
{
	const int	*go = arg;
	char		 c;

	if (read(go[0], &c, 1) == 1)
		(void)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
	leave(9);
	return (NULL);
}

/* s2sd-esp: threads that exist before the filter are behind it too. */
static void
test_threads(void **state)
{
	pthread_t	 t;
	pid_t		 pid;
	int		 go[2], status;

	(void)state;
	if ((pid = fork()) == 0) {
		if (pipe(go) == -1 || pthread_create(&t, NULL, thread, go) != 0 ||
		    sandbox_filter(PROC_ESP) == -1)
			_exit(250);
		(void)syscall(SYS_write, go[1], "x", 1);
		for (;;)
			(void)syscall(SYS_sched_yield);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void
test_landlock(void **state)
{
	pid_t	 pid;
	int	 status, abi;

	(void)state;
	if ((pid = fork()) == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		    (abi = sandbox_landlock()) == -1)
			_exit(1);
		if (abi == 0)
			_exit(77);
		if (open("/etc/passwd", O_RDONLY) != -1 || errno != EACCES)
			_exit(2);
		if (mkdir("/tmp/s2sd-landlock", 0700) != -1 || errno != EACCES)
			_exit(3);
		/* root may signal anybody, but not from in there */
		if (abi >= 6 && (kill(getppid(), 0) != -1 || errno != EPERM))
			_exit(4);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("this kernel has no Landlock\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadly), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_needed), cmocka_unit_test(test_without),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_landlock)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
