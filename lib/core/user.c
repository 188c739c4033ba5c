/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/user.c - the one door to the application's callback.
 */
#include "core/user.h"

#include "base/compiler.h"
#include "core/context.h"
#include "core/watch.h"
#include "core/wsi.h"

LWS_INLINE int
call(struct libwebsocket *wsi, callback_function *callback,
     enum libwebsocket_callback_reasons reason, void *user, struct lws_span in)
{
	const uint32_t before = wsi->flags;
	const uint64_t began = lws_latency_begin();
	int rc;

	wsi->flags |= LWS_WSI_IN_CALLBACK;
	rc = callback(wsi->loop->context, wsi, reason, user, in.p, in.len);
	lws_latency_end(wsi->loop, began, LWS_LATENCY_CALLBACK, (int)reason);
	if (lws_likely(!(before & LWS_WSI_IN_CALLBACK)))
		wsi->flags &= ~(uint32_t)LWS_WSI_IN_CALLBACK;
	return lws_unlikely(wsi->flags & LWS_WSI_END_ASKED) ? -1 : rc;
}

int
lws_user(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason,
	 void *in, size_t len)
{
	return call(wsi, wsi->protocol->callback, reason, wsi->user_space,
		    lws_span(in, len));
}

int
lws_user_as(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason,
	    void *user)
{
	return call(wsi, wsi->protocol->callback, reason, user,
		    lws_span(NULL, 0));
}

int
lws_user_first(struct libwebsocket *wsi,
	       enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
	callback_function *first = lws_context_of(wsi)->protocols[0].callback;

	return call(wsi, first, reason, wsi->user_space, lws_span(in, len));
}

/* It has asked just now for the connection to end. */
static int
extension_asked(struct libwebsocket *wsi,
		enum libwebsocket_extension_callback_reasons reason, int rc)
{
	if (!(wsi->flags & LWS_WSI_DOOMED))
		lws_watch_work(wsi);
	if (reason == LWS_EXT_CALLBACK_CONSTRUCT ||
	    reason == LWS_EXT_CALLBACK_CLIENT_CONSTRUCT)
		return rc;
	return -1;
}

int
lws_user_extension(struct libwebsocket_context *context,
		   struct libwebsocket_extension *ext, struct libwebsocket *wsi,
		   enum libwebsocket_extension_callback_reasons reason,
		   void *user, void *in, size_t len)
{
	uint64_t began;
	uint32_t before;
	int rc;

	if (!wsi)
		return ext->callback(context, ext, wsi, reason, user, in, len);
	before = wsi->flags;
	wsi->flags |= LWS_WSI_IN_CALLBACK;
	began = lws_latency_begin();
	rc = ext->callback(context, ext, wsi, reason, user, in, len);
	lws_latency_end(wsi->loop, began, LWS_LATENCY_EXTENSION, (int)reason);
	if (!(before & LWS_WSI_IN_CALLBACK))
		wsi->flags &= ~(uint32_t)LWS_WSI_IN_CALLBACK;
	if (wsi->flags & ~before & LWS_WSI_END_ASKED)
		return extension_asked(wsi, reason, rc);
	return rc;
}
