/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/latency.c - how long service calls and callbacks take.
 *
 * While one of them runs, nobody else in its loop is served.  Every loop keeps
 * its own figures, for a thread of its own; they are put together when the
 * context ends and no thread is left in it.
 */
#include "core/latency-on.h"

#include "libwebsockets.h"
#include "core/context.h"
#include "core/loop.h"

static const char *const names[LWS_LATENCY_KINDS] = {
	[LWS_LATENCY_CALLBACK] = "callback for reason",
	[LWS_LATENCY_EXTENSION] = "extension for reason",
	[LWS_LATENCY_READY] = "serving descriptor",
	[LWS_LATENCY_TURN] = "turn",
};

void
lws_latency_end(struct lws_loop *loop, uint64_t began,
		enum lws_latency_kind kind, int detail)
{
	const uint64_t us = lws_plat_now_us() - began;

	if (us > LWS_LATENCY_LINE)
		lwsl_latency("%s %d took %llu us\n", names[kind], detail,
			     (unsigned long long)us);
	if (loop->latency.worst[kind].any && loop->latency.worst[kind].us >= us)
		return;
	loop->latency.worst[kind].us = us;
	loop->latency.worst[kind].detail = detail;
	loop->latency.worst[kind].any = true;
}

static void
report_kind(const struct libwebsocket_context *context, int kind)
{
	const struct lws_loop *worst = NULL;
	unsigned n;

	for (n = 0; n < context->count_loops; n++) {
		const struct lws_loop *loop = &context->loops[n];

		if (!loop->latency.worst[kind].any)
			continue;
		if (!worst || loop->latency.worst[kind].us >
			      worst->latency.worst[kind].us)
			worst = loop;
	}
	if (worst)
		lwsl_notice("worst latency: %s %d, %llu us\n", names[kind],
			    worst->latency.worst[kind].detail,
			    (unsigned long long)
				    worst->latency.worst[kind].us);
}

void
lws_latency_report(const struct libwebsocket_context *context)
{
	int kind;

	for (kind = 0; kind < LWS_LATENCY_KINDS; kind++)
		report_kind(context, kind);
}
