/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/fork.c - two processes, neither of which outlives the other.
 *
 * They share a pair of sockets that keeps the bounds of messages, and a pipe
 * through which nothing ever goes: the child has its only writing end, so the
 * parent sees it break whatever the child died of, and is sent SIGTERM for it.
 * The child sees the pair break, and asks the system for SIGHUP besides, since
 * the pair may live on in other children of its parent.  Where the system has
 * no such thing somebody has to ask now and then: see kin->polled.
 */
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/err.h"
#include "base/limits.h"

#ifndef SOCK_CLOEXEC
#define SOCK_CLOEXEC 0
#endif

/* how long the child may take to end, as poll() takes it: ms */
#define PATIENCE \
	(AWAITING_TIMEOUT < INT_MAX / 2000 ? 2000 * AWAITING_TIMEOUT : INT_MAX)

/* what the signal handlers know; of one context, which is all there can be */
static volatile sig_atomic_t told, ending;
static struct lws_wake waker;
static pid_t parent;

/* ---- the child's signals ---- */

/*
 * SIGTERM: somebody wants us to end.  SIGHUP: the parent has died, or only the
 * thread of it that made us.  A callback that never returns is not waited for.
 */
static void
on_signal(int signum)
{
	const int saved = errno;

	told = 1;
	if (signum == SIGTERM)
		ending = 1;
	if (ending || getppid() != parent) {
		signal(SIGALRM, SIG_DFL);
		alarm(AWAITING_TIMEOUT);
	}
	lws_plat_wake(&waker);
	errno = saved;
}

void
lws_plat_kin_follow(const struct lws_kin *kin, const struct lws_wake *wake)
{
	sigset_t ours;

	parent = kin->pid;
	waker = *wake;
	told = 1;
	signal(SIGHUP, on_signal);
	signal(SIGTERM, on_signal);
	sigemptyset(&ours);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &ours, NULL);
}

bool
lws_plat_kin_told(void)
{
	if (!told)
		return false;
	told = 0;
	return ending || getppid() != parent;
}

bool
lws_plat_kin_gone(const struct lws_kin *kin)
{
	return getppid() != kin->pid;
}

/* ---- the parent's signal ---- */

#ifdef F_SETSIG

static void
send_sigterm(int fd)
{
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETSIG, SIGTERM);
}

#else

static volatile sig_atomic_t watched = -1;

static bool is_broken(int fd, int timeout_ms);

static void
on_io(int signum)
{
	const int saved = errno;

	(void)signum;
	if (watched >= 0 && is_broken(watched, 0))
		kill(getpid(), SIGTERM);
	errno = saved;
}

/* Systems that send SIGIO only: a handler makes SIGTERM of it. */
static void
send_sigterm(int fd)
{
	watched = fd;
	signal(SIGIO, on_io);
	fcntl(fd, F_SETOWN, getpid());
}

#endif

/* Has the other end of the pipe gone, within @timeout_ms? */
static bool
is_broken(int fd, int timeout_ms)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&one, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

static int
wait_ready(const struct lws_kin *kin)
{
	char byte;
	ssize_t n;

	do
		n = recv(kin->fd, &byte, 1, 0);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : LWS_ERR_IO;
}

/* The last of a child that ends. */
static void
reap(const struct lws_kin *kin)
{
	while (waitpid(kin->pid, NULL, 0) < 0 && errno == EINTR)
		;
	lws_plat_close(kin->life);
}

int
lws_plat_kin_wait(struct lws_kin *kin)
{
	int rc = wait_ready(kin);

	if (rc < 0) {
		lws_plat_close(kin->fd);
		kill(kin->pid, SIGKILL);
		reap(kin);
		return rc;
	}
	send_sigterm(kin->life);
	fcntl(kin->life, F_SETFL, O_NONBLOCK | O_ASYNC);
	/* it may have died just before */
	if (is_broken(kin->life, 0))
		kill(getpid(), SIGTERM);
	return 0;
}

void
lws_plat_kin_close(struct lws_kin *kin)
{
	fcntl(kin->life, F_SETFL, O_NONBLOCK);
#ifndef F_SETSIG
	watched = -1;
#endif
	lws_plat_close(kin->fd);
	if (!is_broken(kin->life, 0)) {
		kill(kin->pid, SIGTERM);
		if (!is_broken(kin->life, PATIENCE))
			kill(kin->pid, SIGKILL);
	}
	reap(kin);
}

bool
lws_plat_kin_alive(const struct lws_kin *kin)
{
	return !is_broken(kin->life, 0);
}

/* ---- datagrams ---- */

/*
 * Wait until the other takes it, so that nothing is lost because it is busy;
 * but not for ever, for then it is stuck.
 */
int
lws_plat_kin_send(const struct lws_kin *kin, const struct lws_span *v,
		  size_t n)
{
	struct pollfd one = { .fd = kin->fd, .events = POLLOUT };
	const uint64_t end =
		lws_plat_now_ms() + UINT64_C(1000) * AWAITING_TIMEOUT;
	const int before = errno;	/* a signal handler may drain */
	ssize_t sent;

	while ((sent = lws_plat_sendv(kin->fd, v, n)) == LWS_ERR_AGAIN) {
		const uint64_t now = lws_plat_now_ms();

		if (now >= end) {
			sent = LWS_ERR_TIMEOUT;
			break;
		}
		poll(&one, 1, end - now < INT_MAX ? (int)(end - now) : INT_MAX);
	}
	errno = before;
	return sent < 0 ? (int)sent : 0;
}

void
lws_plat_kin_ready(const struct lws_kin *kin)
{
	const struct lws_span byte = lws_span("", 1);

	lws_plat_sendv(kin->fd, &byte, 1);
}

/* ---- the fork ---- */

static int
keep_private(const int fds[2])
{
	return fcntl(fds[0], F_SETFD, FD_CLOEXEC) ||
	       fcntl(fds[1], F_SETFD, FD_CLOEXEC);
}

/* A message has to fit into the buffer; what the system allows is less. */
static void
make_room(int fd)
{
	const int want = MAX_BROADCAST_PAYLOAD < INT_MAX / 4
				 ? 2 * MAX_BROADCAST_PAYLOAD
				 : INT_MAX / 2;
	int has = 0;
	socklen_t len = sizeof(has);

	if (!getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &has, &len) && has < want)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof(want));
}

/* macOS has no sequenced packets; its datagrams do not tell of the end. */
static int
open_pair(int fds[2], bool *polled)
{
	const int flags = SOCK_CLOEXEC;

	*polled = false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | flags, 0, fds)) {
		*polled = true;
		if (socketpair(AF_UNIX, SOCK_DGRAM | flags, 0, fds))
			return LWS_ERR_IO;
	}
#ifndef __linux__
	*polled = true;
#endif
	make_room(fds[0]);
	return keep_private(fds) ? LWS_ERR_IO : 0;
}

static void
close_both(const int fds[2])
{
	lws_plat_close(fds[0]);
	lws_plat_close(fds[1]);
}

/* Keep our end of each, which is the first in the parent. */
static void
take_ends(struct lws_kin *kin, const int pair[2], const int life[2])
{
	const bool child = !kin->pid;

	lws_plat_close(pair[!child]);
	lws_plat_close(life[!child]);
	kin->fd = pair[child];
	kin->life = life[child];
	kin->child = child;
}

int
lws_plat_fork(struct lws_kin *kin)
{
	const pid_t self = getpid();
	int pair[2] = { -1, -1 }, life[2] = { -1, -1 };

	kin->pid = -1;
	if (open_pair(pair, &kin->polled) >= 0 && !pipe(life) &&
	    !keep_private(life))
		kin->pid = fork();
	if (kin->pid < 0) {
		close_both(pair);
		close_both(life);
		return LWS_ERR_IO;
	}
	take_ends(kin, pair, life);
	if (!kin->child)
		return 0;
	kin->pid = self;
	fcntl(kin->fd, F_SETFL, O_NONBLOCK);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGHUP);
#endif
	return 0;
}

void
lws_plat_leave(int status)
{
	_exit(status);
}
