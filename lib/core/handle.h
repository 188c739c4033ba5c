/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/handle.h - names of connections that any thread may hold.
 *
 * A handle is a descriptor, its loop, and a generation.  For each descriptor
 * of which somebody has taken a handle there is a gate, which knows the present
 * generation and how much waits to be delivered there.  When a connection ends
 * its gate goes on to the next generation, and handles of it are stale; what
 * waits for it counts until it is thrown away.  Each part is a word of 32 bits,
 * or a pointer: not every processor can change more at once.
 *
 * Gates appear with the first handle in their range and never move.  Contexts
 * without handles have none, and pay a test where a connection ends, its output
 * is sent or its socket takes no more.
 */
#ifndef LWS_CORE_HANDLE_H
#define LWS_CORE_HANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libwebsockets.h"
#include "base/span.h"

struct lws_loop;

struct lws_gate {
	uint32_t generation;	/* atomic */
	uint32_t waits;		/* atomic: bytes to be delivered */
	uint32_t queued;	/* atomic: bytes that wait for a slow peer */
	bool (*carries)(struct lws_span);	/* atomic: of its framer */
};

/* The parts of lws_handle.place. */
static inline int
lws_handle_fd(lws_handle handle)
{
	return (int)(handle.place & 0xffffffu);
}

/* NULL for one that was made up */
struct lws_loop *lws_handle_loop(lws_handle handle);

/* NULL when nobody took a handle of that descriptor */
struct lws_gate *lws_handle_gate(const struct libwebsocket_context *context,
				 int fd);

/*
 * Count on @n bytes to be delivered; 0, LWS_ERR_CLOSED when @generation is
 * over, LWS_ERR_LIMIT when more than @limit is waiting already.  Any thread.
 */
int lws_gate_enter(struct lws_gate *gate, uint32_t generation, size_t n,
		   size_t limit);

/* They are delivered, or will not be. */
void lws_gate_leave(struct lws_gate *gate, size_t n);

bool lws_gate_is(const struct lws_gate *gate, uint32_t generation);

/* Has the version of the connection such messages?  76 has text alone. */
bool lws_gate_carries(const struct lws_gate *gate, struct lws_span payload,
		      unsigned kind);

/* Handles of @wsi are stale from now on. */
void lws_handle_retire(const struct libwebsocket *wsi);

/* The output that waits in @wsi has become more or less. */
void lws_handle_note(const struct libwebsocket *wsi);

void lws_handles_free(struct libwebsocket_context *context);

#endif
