/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/epoll.c - the Linux backend.
 *
 * The kernel keeps the set, level triggered, and hands the descriptor back
 * with each event.  It also keeps its list of ready ones turning, so that
 * bounded waits are fair without our help.
 */
#include "event/event.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#include "base/compiler.h"
#include "base/err.h"
#include "plat/plat.h"

/* most events of one wait(): 3 KiB of stack */
#define MOST 256

/* the kernel gives poll() and epoll the same bits, so nothing is translated */
LWS_STATIC_ASSERT(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT);
LWS_STATIC_ASSERT(EPOLLERR == POLLERR && EPOLLHUP == POLLHUP);

static int
epoll_init(struct lws_events *ev, unsigned max_fds)
{
	(void)max_fds;
	ev->set = NULL;
	ev->count = 0;
	ev->fd = epoll_create1(EPOLL_CLOEXEC);
	return ev->fd < 0 ? LWS_ERR_IO : 0;
}

static void
epoll_fini(struct lws_events *ev)
{
	lws_plat_close(ev->fd);
	ev->fd = -1;
}

static int
epoll_set(struct lws_events *ev, int fd, uint32_t *slot, short was, short want)
{
	struct epoll_event event = {
		.events = (uint32_t)want,
		.data = { .fd = fd },
	};
	int op = EPOLL_CTL_MOD;

	(void)slot;
	if (was == want)
		return 0;
	if (was == LWS_EV_ABSENT)
		op = EPOLL_CTL_ADD;
	else if (want == LWS_EV_ABSENT)
		op = EPOLL_CTL_DEL;

	if (!epoll_ctl(ev->fd, op, fd, &event) || op == EPOLL_CTL_DEL)
		return 0;
	return errno == ENOMEM || errno == ENOSPC ? LWS_ERR_NOMEM : LWS_ERR_IO;
}

static int
epoll_wait_ready(struct lws_events *ev, int timeout_ms, struct lws_ready *out,
		 int max)
{
	struct epoll_event events[MOST];
	int n, i;

	n = epoll_wait(ev->fd, events, max < MOST ? max : MOST, timeout_ms);
	if (lws_unlikely(n < 0))
		return errno == EINTR ? 0 : LWS_ERR_IO;
	for (i = 0; i < n; i++) {
		out[i].fd = events[i].data.fd;
		out[i].revents = (short)events[i].events;
	}
	return n;
}

const struct lws_event_ops lws_event_epoll = {
	.name = "epoll",
	.init = epoll_init,
	.set = epoll_set,
	.wait = epoll_wait_ready,
	.fini = epoll_fini,
};
