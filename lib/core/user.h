/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/user.h - the one door to the application's callback.
 */
#ifndef LWS_CORE_USER_H
#define LWS_CORE_USER_H

#include "libwebsockets.h"
#include "core/latency.h"
#include "core/wsi.h"

/*
 * Call the bound protocol.  The result is the callback's, but -1 whenever the
 * connection is to end; the caller then gives LWS_ERR_USER up.
 */
int lws_user(struct libwebsocket *wsi,
	     enum libwebsocket_callback_reasons reason, void *in, size_t len);

/* the same to protocol 0 */
int lws_user_first(struct libwebsocket *wsi,
		   enum libwebsocket_callback_reasons reason, void *in,
		   size_t len);

/* the bound protocol with something else in the place of the user space */
int lws_user_as(struct libwebsocket *wsi,
		enum libwebsocket_callback_reasons reason, void *user);

/*
 * Call ext->callback, @wsi may be NULL.  A connection that is to end does so
 * when nobody up the stack works on it any more; the result is -1 then, but
 * for that of CONSTRUCT and CLIENT_CONSTRUCT, on which DESTROY depends.
 */
extension_callback_function lws_user_extension;

/*
 * Deliver received bytes.  Programs rely on in[len] being NUL and on
 * scribbling in the padding behind it; the next frame may lie there, so it is
 * kept aside meanwhile.  Inline because every message passes here; never
 * nested, since input is fed by the loop alone.
 */
static inline int
lws_user_rx(struct libwebsocket *wsi,
	    enum libwebsocket_callback_reasons reason, unsigned char *in,
	    size_t len)
{
	unsigned char aside[LWS_SEND_BUFFER_POST_PADDING];
	uint64_t began;
	int rc;

	memcpy(aside, in + len, sizeof(aside));
	in[len] = '\0';
	wsi->flags |= LWS_WSI_IN_CALLBACK;
	began = lws_latency_begin();
	rc = wsi->protocol->callback(wsi->loop->context, wsi, reason,
				     wsi->user_space, in, len);
	lws_latency_end(wsi->loop, began, LWS_LATENCY_CALLBACK, (int)reason);
	wsi->flags &= ~(uint32_t)LWS_WSI_IN_CALLBACK;
	memcpy(in + len, aside, sizeof(aside));
	return lws_unlikely(wsi->flags & LWS_WSI_END_ASKED) ? -1 : rc;
}

#endif
