/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/initloop.c - the two functions of 2014 for who runs a loop of libev's.
 */
#include <ev.h>

#include "core/context.h"
#include "core/host.h"

LWS_VISIBLE int
libwebsocket_initloop(struct libwebsocket_context *context,
		      struct ev_loop *loop)
{
	struct lws_loop *ours = context->loops;

	if (context->count_loops > 1 ||
	    ours->events.ops != lws_event_find(LWS_HOST_BACKEND)) {
		lwsl_err("a loop of libev's cannot serve %u threads with the "
			 "event backend %s\n",
			 context->count_loops, ours->events.ops->name);
		return -1;
	}
	lws_host_close(ours);
	return lws_host_open(ours, &lws_host_libev, loop) < 0 ? -1 : 0;
}

LWS_VISIBLE void
libwebsocket_sigint_cb(struct ev_loop *loop, struct ev_signal *watcher,
		       int revents)
{
	(void)watcher;
	(void)revents;
	ev_break(loop, EVBREAK_ALL);
}
