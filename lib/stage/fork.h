/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/fork.h - a context in two processes: one serves, the other broadcasts.
 *
 * fork.c has the functions of libwebsockets_fork_service_loop(); fork-none.c
 * those that remain in a build that never forks, whose contexts have no kin.
 */
#ifndef LWS_STAGE_FORK_H
#define LWS_STAGE_FORK_H

#include "stage/stages.h"

/* A message to the child, from any thread: 0 or an enum lws_err. */
int lws_fork_send(const struct lws_kin *kin, const struct lws_span *v,
		  size_t n);

/* the parent: is the child there?  Any thread, async-signal-safe. */
bool lws_fork_alive(const struct lws_kin *kin);

/* the child: is the parent gone? */
bool lws_fork_orphaned(const struct lws_kin *kin);

/* The context is being destroyed: the other process is to end, too. */
void lws_fork_close(struct libwebsocket_context *context);

/* ---- broadcast.c ---- */

/* The parent: have the child drain; any thread, async-signal-safe. */
void lws_broadcast_drain(const struct lws_kin *kin, int status,
			 int timeout_ms);

/* The child: listen to what the parent sends; 0 or an enum lws_err. */
int lws_broadcast_listen(struct libwebsocket_context *context);

#endif
