/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/user.h - the one door to the application's callback.
 */
#ifndef LWS_CORE_USER_H
#define LWS_CORE_USER_H

#include "libwebsockets.h"

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

/* Deliver received bytes: @in[@len] is made NUL meanwhile. */
int lws_user_rx(struct libwebsocket *wsi,
		enum libwebsocket_callback_reasons reason, unsigned char *in,
		size_t len);

#endif
