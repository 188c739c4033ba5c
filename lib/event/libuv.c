/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/libuv.c - served by a loop of libuv's.
 *
 * Handles of libuv end in two steps: uv_close() now, and their memory when the
 * loop has gone round once more.  Whoever destroys a context therefore runs
 * his loop again before uv_loop_close(), as he does for handles of his own.
 */
#include "event/host.h"

#include <uv.h>

#include "base/alloc.h"
#include "base/err.h"

struct uv_host {
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned handles;	/* that the loop still has */
};

static void
gone(uv_handle_t *handle)
{
	struct uv_host *h = handle->data;

	if (!--h->handles)
		lws_free(h);
}

static void
on_ready(uv_poll_t *poll, int status, int events)
{
	struct lws_host *host = poll->data;

	(void)status;
	(void)events;
	host->turn(host);
}

static void
on_time(uv_timer_t *timer)
{
	struct lws_host *host = timer->data;

	host->turn(host);
}

static void
libuv_close(struct lws_host *host)
{
	struct uv_host *h = host->state;

	h->poll.data = h->timer.data = h;
	uv_close((uv_handle_t *)&h->poll, gone);
	uv_close((uv_handle_t *)&h->timer, gone);
}

static int
libuv_open(struct lws_host *host, int fd)
{
	uv_loop_t *loop = host->theirs ? host->theirs : uv_default_loop();
	struct uv_host *h = loop ? lws_zalloc(sizeof(*h)) : NULL;

	if (!h)
		return LWS_ERR_NOMEM;
	if (uv_poll_init(loop, &h->poll, fd)) {
		lws_free(h);
		return LWS_ERR_IO;
	}
	uv_timer_init(loop, &h->timer);
	h->poll.data = h->timer.data = host;
	h->handles = 2;
	host->state = h;
	if (!uv_poll_start(&h->poll, UV_READABLE, on_ready))
		return 0;
	libuv_close(host);
	return LWS_ERR_IO;
}

/* The loop's clock stands while it serves, which may have taken a while. */
static void
libuv_arm(struct lws_host *host, int ms)
{
	struct uv_host *h = host->state;

	uv_timer_stop(&h->timer);
	if (ms < 0)
		return;
	uv_update_time(h->timer.loop);
	uv_timer_start(&h->timer, on_time, (uint64_t)ms, 0);
}

const struct lws_host_ops lws_host_libuv = {
	.name = "libuv",
	.open = libuv_open,
	.arm = libuv_arm,
	.close = libuv_close,
};
