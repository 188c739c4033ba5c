/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/external.c - somebody else waits.
 *
 * The application polls and tells us who is ready, so there is no set to keep
 * and nothing to wait for.
 */
#include "event/event.h"

static int
external_init(struct lws_events *ev, unsigned max_fds)
{
	(void)max_fds;
	ev->set = NULL;
	ev->fd = -1;
	ev->count = 0;
	return 0;
}

static int
external_set(struct lws_events *ev, int fd, uint32_t *slot, short was,
	     short want)
{
	(void)ev;
	(void)fd;
	(void)slot;
	(void)was;
	(void)want;
	return 0;
}

static int
external_wait(struct lws_events *ev, int timeout_ms, struct lws_ready *out,
	      int max)
{
	(void)ev;
	(void)timeout_ms;
	(void)out;
	(void)max;
	return 0;
}

static void
external_fini(struct lws_events *ev)
{
	(void)ev;
}

const struct lws_event_ops lws_event_external = {
	.name = "external",
	.init = external_init,
	.set = external_set,
	.wait = external_wait,
	.fini = external_fini,
};
