/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/host.c - served by a loop that is not ours.
 *
 * Three ways of that: the application polls each descriptor (core/watch.c tells
 * it which), it waits for our whole set, or an adapter does so for it.  In each
 * somebody has to know when the next timeout is due, and has to be told when
 * something is left to do that no descriptor will show.
 */
#include "core/host.h"

#include "core/context.h"
#include "core/timeout.h"

static const struct lws_host_ops *
find(const struct lws_context_creation_info *info)
{
	const bool libev = info->options & LWS_SERVER_OPTION_LIBEV;

	if (!info->event_backend && libev)
		return lws_host_find("libev");
	return lws_host_find(info->event_backend);
}

/* Can @host do what @info asks for?  Says why not. */
static bool
can_serve(const struct lws_host_ops *host,
	  const struct lws_context_creation_info *info)
{
	if (host->needs_loop && !info->foreign_loop)
		lwsl_err("%s has no default loop: set foreign_loop\n",
			 host->name);
	else if (info->count_threads > 1)
		lwsl_err("a loop of %s is one thread's: set count_threads to 1 "
			 "or no event_backend\n",
			 host->name);
	else
		return true;
	return false;
}

const struct lws_event_ops *
lws_host_choose(const struct lws_context_creation_info *info,
		const struct lws_host_ops **host)
{
	const struct lws_event_ops *backend;

	*host = find(info);
	if (*host)
		return can_serve(*host, info) ? lws_event_find(LWS_HOST_BACKEND)
					      : NULL;
	backend = lws_event_find(info->event_backend);
	if (!backend) {
		lwsl_err("event backend %s is not in this build\n",
			 info->event_backend);
		return NULL;
	}
	if (info->foreign_loop) {
		lwsl_err("whose loop is foreign_loop? set event_backend\n");
		return NULL;
	}
	return backend;
}

/* It would spin if waiting goes on to fail: better no service than that. */
static void
turn(struct lws_host *host)
{
	struct lws_loop *loop = lws_container_of(host, struct lws_loop, host);

	if (lws_loop_turn(loop, 0) >= 0)
		return;
	lwsl_err("%s serves us no longer: our set is broken\n",
		 host->ops->name);
	lws_host_close(loop);
}

int
lws_host_open(struct lws_loop *loop, const struct lws_host_ops *ops,
	      void *theirs)
{
	struct lws_host *host = &loop->host;
	int rc;

	host->theirs = theirs;
	host->turn = turn;
	rc = ops->open(host, loop->events.fd);
	if (rc < 0) {
		lwsl_err("%s cannot watch for us: out of memory, or it takes "
			 "no epoll\n",
			 ops->name);
		return rc;
	}
	host->ops = ops;
	loop->away = true;
	lws_loop_recall(loop);
	return 0;
}

void
lws_host_close(struct lws_loop *loop)
{
	struct lws_host *host = &loop->host;

	if (host->ops)
		host->ops->close(host);
	host->ops = NULL;
}

void
lws_host_leave(struct lws_loop *loop)
{
	struct lws_host *host = &loop->host;

	if (host->ops)
		host->ops->arm(host, lws_timeout_wait(loop, -1));
	else if (!lws_list_empty(&loop->work) || !lws_list_empty(&loop->due))
		lws_plat_wake(&loop->mailbox.wake);
}

LWS_VISIBLE int
lws_service_timeout_ms(struct libwebsocket_context *context, int max_ms)
{
	return lws_timeout_wait(lws_context_loop(context), max_ms);
}

LWS_VISIBLE int
lws_service_descriptor(struct libwebsocket_context *context)
{
	struct lws_loop *loop = lws_context_loop(context);

	if (loop->events.fd < 0)
		return -1;
	loop->away = true;
	lws_loop_recall(loop);
	return loop->events.fd;
}
