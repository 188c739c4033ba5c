/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/handle.c - names of connections that any thread may hold.
 */
#include "core/handle.h"

#include "base/err.h"
#include "core/context.h"
#include "core/wsi.h"

/* lws_handle.place has this many bits for the descriptor */
#define FD_BITS 24

/* ---- the table ---- */

static struct lws_gate *
need_gate(struct libwebsocket_context *context, int fd)
{
	const unsigned n = (unsigned)fd / LWS_FDS_LEAF;
	const unsigned leaves = context->fds.leaves;
	struct lws_gate *leaf;
	void **root;

	if (n >= leaves)
		return NULL;
	root = lws_leaf_need(&context->handles, leaves * sizeof(*root));
	if (!root)
		return NULL;
	leaf = lws_leaf_need(&root[n], LWS_FDS_LEAF * sizeof(*leaf));
	return leaf ? &leaf[(unsigned)fd % LWS_FDS_LEAF] : NULL;
}

struct lws_gate *
lws_handle_gate(const struct libwebsocket_context *context, int fd)
{
	void **root = __atomic_load_n(&context->handles, __ATOMIC_ACQUIRE);
	const unsigned n = (unsigned)fd / LWS_FDS_LEAF;
	struct lws_gate *leaf;

	if (lws_likely(!root) || n >= context->fds.leaves)
		return NULL;
	leaf = __atomic_load_n(&root[n], __ATOMIC_ACQUIRE);
	return leaf ? &leaf[(unsigned)fd % LWS_FDS_LEAF] : NULL;
}

void
lws_handles_free(struct libwebsocket_context *context)
{
	lws_leaves_free(context->handles, context->fds.leaves);
	context->handles = NULL;
}

/* ---- gates ---- */

int
lws_gate_enter(struct lws_gate *gate, uint32_t generation, size_t n,
	       size_t limit)
{
	/* what has left it is in gate->queued */
	uint32_t waits = __atomic_load_n(&gate->waits, __ATOMIC_ACQUIRE);

	do {
		if (!lws_gate_is(gate, generation))
			return LWS_ERR_CLOSED;
		if (waits + (uint64_t)__atomic_load_n(&gate->queued,
						      __ATOMIC_RELAXED) >
			    limit ||
		    n > UINT32_MAX - waits)
			return LWS_ERR_LIMIT;
	} while (!__atomic_compare_exchange_n(
		&gate->waits, &waits, waits + (uint32_t)n, true,
		__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	return 0;
}

void
lws_gate_leave(struct lws_gate *gate, size_t n)
{
	__atomic_fetch_sub(&gate->waits, (uint32_t)n, __ATOMIC_RELEASE);
}

bool
lws_gate_is(const struct lws_gate *gate, uint32_t generation)
{
	return __atomic_load_n(&gate->generation, __ATOMIC_ACQUIRE) ==
	       generation;
}

bool
lws_gate_carries(const struct lws_gate *gate, struct lws_span payload,
		 unsigned kind)
{
	bool (*carries)(struct lws_span) =
		__atomic_load_n(&gate->carries, __ATOMIC_RELAXED);

	return !carries || kind == LWS_WRITE_CLOSE ||
	       (kind == LWS_WRITE_TEXT && carries(payload));
}

/* ---- connections ---- */

static void
set_queued(struct lws_gate *gate, size_t queued)
{
	__atomic_store_n(&gate->queued,
			 queued < UINT32_MAX ? (uint32_t)queued : UINT32_MAX,
			 __ATOMIC_RELAXED);
}

void
lws_handle_note(const struct libwebsocket *wsi)
{
	struct lws_gate *gate =
		lws_handle_gate(lws_context_of(wsi), wsi->stream.fd);

	if (gate)
		set_queued(gate, wsi->tx.queued);
}

void
lws_handle_retire(const struct libwebsocket *wsi)
{
	struct lws_gate *gate =
		lws_handle_gate(lws_context_of(wsi), wsi->stream.fd);

	if (!gate)
		return;
	__atomic_fetch_add(&gate->generation, 1, __ATOMIC_RELEASE);
	set_queued(gate, 0);
}

struct lws_loop *
lws_handle_loop(lws_handle handle)
{
	const unsigned n = handle.place >> FD_BITS;

	return n < handle.context->count_loops ? &handle.context->loops[n]
					       : NULL;
}

LWS_VISIBLE lws_handle
lws_get_handle(struct libwebsocket *wsi)
{
	const lws_handle none = { NULL, 0, 0 };
	struct libwebsocket_context *context = lws_context_of(wsi);
	lws_handle handle = { context, (unsigned)wsi->stream.fd, 0 };
	struct lws_gate *gate;

	/* a client that is on its way may still change its descriptor */
	if (!(wsi->flags & LWS_WSI_OPEN) ||
	    wsi->flags & (LWS_WSI_DOOMED | LWS_WSI_PARTIAL_TX))
		return none;
	gate = need_gate(context, wsi->stream.fd);
	if (!gate)
		return none;
	set_queued(gate, wsi->tx.queued);
	__atomic_store_n(&gate->carries, wsi->u.ws.framer->carries,
			 __ATOMIC_RELAXED);
	handle.place |= (unsigned)(wsi->loop - context->loops) << FD_BITS;
	handle.generation =
		__atomic_load_n(&gate->generation, __ATOMIC_RELAXED);
	return handle;
}
