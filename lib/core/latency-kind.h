/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/latency-kind.h - what of a service call is timed, where anything is.
 */
#ifndef LWS_CORE_LATENCY_KIND_H
#define LWS_CORE_LATENCY_KIND_H

#include <stdint.h>

struct libwebsocket_context;
struct lws_loop;

enum lws_latency_kind {
	LWS_LATENCY_CALLBACK,	/* of a protocol; with it goes the reason */
	LWS_LATENCY_EXTENSION,	/* its callback, and the reason */
	LWS_LATENCY_READY,	/* one descriptor served, and which */
	LWS_LATENCY_TURN,	/* everything from waking on; 0 */
	LWS_LATENCY_KINDS
};

#endif
