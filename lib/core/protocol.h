/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/protocol.h - the members of a protocol.
 */
#ifndef LWS_CORE_PROTOCOL_H
#define LWS_CORE_PROTOCOL_H

#include "libwebsockets.h"
#include "base/span.h"

struct libwebsocket;
struct lws_loop;

/*
 * Visit each member of protocol @index once, also when visits end, add or
 * rebind members, or visit all of them themselves.
 */
void lws_protocol_visit(struct lws_loop *loop, unsigned index,
			void (*visit)(struct libwebsocket *wsi, void *arg),
			void *arg);

/*
 * The member behind @after, or the first; NULL when there is none.  For who
 * calls nobody in between.
 */
struct libwebsocket *lws_protocol_next(const struct lws_loop *loop,
				       unsigned index,
				       const struct libwebsocket *after);

/* Every member of protocol @index on this loop wants WRITEABLE. */
void lws_protocol_ask(struct lws_loop *loop, unsigned index);

/* The entry a subprotocol name binds to, or NULL. */
const struct libwebsocket_protocols *
lws_protocol_find(struct libwebsocket_context *context, struct lws_span name);

#endif
