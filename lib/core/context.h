/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/context.h - the library instance: what is shared, and fixed once it is
 * created.
 */
#ifndef LWS_CORE_CONTEXT_H
#define LWS_CORE_CONTEXT_H

#include "libwebsockets.h"
#include "base/compiler.h"
#include "core/alarm.h"
#include "core/fds.h"
#include "core/loop.h"
#include "core/notice.h"

struct lws_tls;

struct libwebsocket_context {
	struct libwebsocket_protocols *protocols;
	unsigned count_protocols;
	unsigned count_loops;
	struct lws_loop *loops;		/* one a thread */
	const struct lws_era *notice;	/* how this era is told */
	struct libwebsocket_extension *extensions;	/* or NULL */
	void (*each_second)(struct lws_loop *loop);	/* or NULL */
	void (*drain)(struct lws_loop *loop);
	int drain_status, drain_ms;	/* atomic, of the latest lws_drain() */
	bool draining;			/* atomic: nobody new, no keep-alive */
	const struct lws_token_limits *token_limits;
	unsigned options;
	bool listens;
	void *user;
	char *iface;			/* source of client sockets, or NULL */
	struct lws_proxy *proxy;	/* of clients, or NULL */
	char *no_proxy;			/* whom to reach without, or NULL */
	unsigned ping_interval_ms, pong_timeout_ms;
	int ka_time, ka_probes, ka_interval;
	size_t tx_limit;
	struct lws_kin *kin;		/* after a fork, or NULL */
	struct lws_alarm vigil;		/* a daemon's: see context.c */
	struct lws_tls *tls;		/* NULL: this build has none */
	int random_fd;
	bool ipv6;
	struct lws_fds fds;
	void *handles;			/* of core/handle.c, or NULL; atomic */
	/* last what is long: near the front addresses are short */
	struct lws_deflate_options deflate;
	char hostname[128];
	char tls_why[256];		/* what lws_tls_reload() gave last */
};

/*
 * The loop that a call means which names only the context: the one in whose
 * turn it is made, or that of the calling thread, or the first.
 */
struct lws_loop *lws_context_own_loop(struct libwebsocket_context *context);

static inline struct lws_loop *
lws_context_loop(struct libwebsocket_context *context)
{
	if (lws_likely(context->count_loops == 1))
		return context->loops;
	return lws_context_own_loop(context);
}

#endif
