/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/loops.h - the loops of a context, one a thread.
 */
#ifndef LWS_CORE_LOOPS_H
#define LWS_CORE_LOOPS_H

struct libwebsocket_context;
struct lws_event_ops;

/* more threads than any machine is good for */
#define LWS_LOOPS_MAX 255u

/*
 * Make context->count_loops of them, and the table of descriptors they share,
 * for descriptors below @max_fds; 0, or an enum lws_err with all undone and a
 * line of log.
 */
int lws_loops_open(struct libwebsocket_context *context,
		   const struct lws_event_ops *backend, unsigned max_fds);
void lws_loops_close(struct libwebsocket_context *context);

/*
 * All are that thread's, while the first turns of others are still to come, or
 * when they have left; or nobody's, NULL, until somebody serves them.
 */
void lws_loops_give(struct libwebsocket_context *context, const void *thread);

#endif
