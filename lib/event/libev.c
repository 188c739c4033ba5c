/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/libev.c - served by a loop of libev's.
 */
#include "event/host.h"

#include <ev.h>

#include "base/alloc.h"
#include "base/err.h"

struct ev_host {
	struct ev_loop *loop;
	ev_io ready;
	ev_timer timer;
};

static void
on_ready(struct ev_loop *loop, ev_io *ready, int revents)
{
	struct lws_host *host = ready->data;

	(void)loop;
	(void)revents;
	host->turn(host);
}

static void
on_time(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct lws_host *host = timer->data;

	(void)loop;
	(void)revents;
	host->turn(host);
}

static int
libev_open(struct lws_host *host, int fd)
{
	struct ev_host *h = lws_zalloc(sizeof(*h));

	if (!h)
		return LWS_ERR_NOMEM;
	h->loop = host->theirs ? host->theirs : ev_default_loop(EVFLAG_AUTO);
	if (!h->loop) {
		lws_free(h);
		return LWS_ERR_IO;
	}
	ev_io_init(&h->ready, on_ready, fd, EV_READ);
	ev_timer_init(&h->timer, on_time, 0., 0.);
	h->ready.data = h->timer.data = host;
	host->state = h;
	ev_io_start(h->loop, &h->ready);
	return 0;
}

/* The loop's clock stands while it serves, which may have taken a while. */
static void
libev_arm(struct lws_host *host, int ms)
{
	struct ev_host *h = host->state;

	ev_timer_stop(h->loop, &h->timer);
	if (ms < 0)
		return;
	ev_now_update(h->loop);
	ev_timer_set(&h->timer, ms / 1000., 0.);
	ev_timer_start(h->loop, &h->timer);
}

static void
libev_close(struct lws_host *host)
{
	struct ev_host *h = host->state;

	ev_io_stop(h->loop, &h->ready);
	ev_timer_stop(h->loop, &h->timer);
	lws_free(h);
}

const struct lws_host_ops lws_host_libev = {
	.name = "libev",
	.open = libev_open,
	.arm = libev_arm,
	.close = libev_close,
};
