/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/libevent.c - served by an event base of libevent's.
 *
 * There is no default one: it has to be given.
 */
#include "event/host.h"

#include <event2/event.h>

#include "base/alloc.h"
#include "base/err.h"

struct base_host {
	struct event *ready;
	struct event *timer;
};

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct lws_host *host = arg;

	(void)fd;
	(void)what;
	host->turn(host);
}

static void
drop(struct base_host *h)
{
	if (h->ready)
		event_free(h->ready);
	if (h->timer)
		event_free(h->timer);
	lws_free(h);
}

static int
libevent_open(struct lws_host *host, int fd)
{
	struct event_base *base = host->theirs;
	struct base_host *h = lws_zalloc(sizeof(*h));

	if (!h)
		return LWS_ERR_NOMEM;
	h->ready = event_new(base, fd, EV_READ | EV_PERSIST, on_event, host);
	h->timer = evtimer_new(base, on_event, host);
	if (!h->ready || !h->timer) {
		drop(h);
		return LWS_ERR_NOMEM;
	}
	if (event_add(h->ready, NULL)) {
		drop(h);
		return LWS_ERR_IO;
	}
	host->state = h;
	return 0;
}

static void
libevent_arm(struct lws_host *host, int ms)
{
	struct base_host *h = host->state;
	const struct timeval in = { ms / 1000, ms % 1000 * 1000 };

	if (ms < 0)
		evtimer_del(h->timer);
	else if (evtimer_add(h->timer, &in))
		/* no memory for it: too early is better than never */
		event_active(h->timer, EV_TIMEOUT, 1);
}

static void
libevent_close(struct lws_host *host)
{
	drop(host->state);
}

const struct lws_host_ops lws_host_libevent = {
	.name = "libevent",
	.needs_loop = true,
	.open = libevent_open,
	.arm = libevent_arm,
	.close = libevent_close,
};
