/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/loops.c - the loops of a context, one a thread.
 *
 * Threads share what is fixed and the table of descriptors; everything else
 * belongs to a loop, and a loop to the thread that served it last.
 */
#include "core/loops.h"

#include "base/alloc.h"
#include "base/err.h"
#include "core/context.h"
#include "core/handle.h"

static void
close_some(struct libwebsocket_context *context, unsigned count)
{
	while (count--)
		lws_loop_fini(&context->loops[count]);
	lws_free(context->loops);
	context->loops = NULL;
	lws_handles_free(context);
	lws_fds_fini(&context->fds);
}

static int
make(struct libwebsocket_context *context, const struct lws_event_ops *backend,
     unsigned max_fds)
{
	unsigned n;
	int rc;

	context->loops =
		lws_zalloc(context->count_loops * sizeof(*context->loops));
	rc = context->loops ? lws_fds_init(&context->fds, max_fds)
			    : LWS_ERR_NOMEM;
	for (n = 0; rc >= 0 && n < context->count_loops; n++) {
		rc = lws_loop_init(&context->loops[n], context, backend,
				   max_fds);
		if (rc < 0)
			break;
	}
	if (rc < 0)
		close_some(context, n);
	return rc;
}

int
lws_loops_open(struct libwebsocket_context *context,
	       const struct lws_event_ops *backend, unsigned max_fds)
{
	const int rc = make(context, backend, max_fds);

	if (rc >= 0) {
		lws_loops_give(context, lws_plat_me());
		return 0;
	}
	lwsl_err("no %u %s event loop(s): no memory or descriptors, raise "
		 "ulimit -n or lower count_threads\n",
		 context->count_loops, backend->name);
	return rc;
}

void
lws_loops_close(struct libwebsocket_context *context)
{
	lws_latency_report(context);
	close_some(context, context->count_loops);
}

void
lws_loops_give(struct libwebsocket_context *context, const void *thread)
{
	unsigned n;

	for (n = 0; n < context->count_loops; n++)
		lws_loop_give(&context->loops[n], thread);
}

/*
 * A thread has one of them as a rule, which it is inside a turn of or was; who
 * has none is taken for thread 0.
 */
struct lws_loop *
lws_context_own_loop(struct libwebsocket_context *context)
{
	struct lws_loop *found = NULL;
	unsigned n;

	for (n = 0; n < context->count_loops; n++) {
		struct lws_loop *loop = &context->loops[n];

		if (!lws_loop_is_mine(loop))
			continue;
		if (loop->in_turn)
			return loop;
		found = found ? found : loop;
	}
	return found ? found : context->loops;
}
