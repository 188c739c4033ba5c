/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/latency-none.h - nothing is timed, and nothing is left of asking for it.
 *
 * configure makes this or core/latency-on.h core/latency.h.
 */
#ifndef LWS_CORE_LATENCY_NONE_H
#define LWS_CORE_LATENCY_NONE_H

#include "core/latency-kind.h"

#define LWS_LATENCY_OF_LOOP

static inline uint64_t
lws_latency_begin(void)
{
	return 0;
}

static inline void
lws_latency_end(struct lws_loop *loop, uint64_t began,
		enum lws_latency_kind kind, int detail)
{
	(void)loop;
	(void)began;
	(void)kind;
	(void)detail;
}

static inline void
lws_latency_report(const struct libwebsocket_context *context)
{
	(void)context;
}

#endif
