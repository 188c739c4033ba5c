/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/latency-on.h - how long service calls and callbacks take.
 *
 * configure makes this or core/latency-none.h core/latency.h.
 */
#ifndef LWS_CORE_LATENCY_ON_H
#define LWS_CORE_LATENCY_ON_H

#include "core/latency-kind.h"
#include "plat/plat.h"

/* us: what takes longer is worth a line */
#define LWS_LATENCY_LINE 1000

/* the slowest of each kind */
struct lws_latency {
	struct {
		uint64_t us;
		int detail;
		bool any;
	} worst[LWS_LATENCY_KINDS];
};

/* a member, or none */
#define LWS_LATENCY_OF_LOOP struct lws_latency latency;

static inline uint64_t
lws_latency_begin(void)
{
	return lws_plat_now_us();
}

/* What began then is over; @detail goes with the kind. */
void lws_latency_end(struct lws_loop *loop, uint64_t began,
		     enum lws_latency_kind kind, int detail);

/* Log the worst of all loops, a line for each kind that there was. */
void lws_latency_report(const struct libwebsocket_context *context);

#endif
