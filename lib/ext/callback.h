/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/callback.h - extensions that an application brings: a set of ops over
 * its extension_callback_function.
 */
#ifndef LWS_EXT_CALLBACK_H
#define LWS_EXT_CALLBACK_H

#include "ext/chain.h"

/* PAYLOAD_RX, PAYLOAD_TX, PACKET_RX_PREPARSE and PACKET_TX_PRESEND as steps */
extern const struct lws_ext_ops lws_ext_callback_ops;

/* whose callbacks are called, and about what */
struct lws_ext_about {
	struct libwebsocket_context *context;
	struct libwebsocket *wsi;	/* may be NULL */
	extension_callback_function *call; /* ext->callback; NULL: directly */
};

/*
 * A state for lws_ext_callback_ops, with @ext's zeroed space, or NULL when out
 * of memory.  Closing it calls LWS_EXT_CALLBACK_DESTROY, if it was constructed.
 */
void *lws_ext_callback_open(const struct lws_ext_about *about,
			    struct libwebsocket_extension *ext);

/*
 * Call the one behind @state with its space; the callback's result.  Used for
 * CONSTRUCT and CLIENT_CONSTRUCT; 0 is what makes it constructed.
 */
int lws_ext_callback_call(void *state,
			  enum libwebsocket_extension_callback_reasons reason,
			  void *in, size_t len);

/*
 * Call each active one of @chain (which may be NULL) that an application
 * brought, until one answers other than 0; that answer, or 0.  What 1HZ and
 * IS_WRITEABLE are answered is not looked at, and everyone hears of them; 1HZ
 * also gives back memory that an idle connection needs no longer.
 */
int lws_ext_tell(const struct lws_ext_chain *chain,
		 enum libwebsocket_extension_callback_reasons reason, void *in,
		 size_t len);

/*
 * Call every one of the array @all (which may be NULL) that an application
 * brought; with its space where it is active in @chain, which may be NULL,
 * else with NULL.  Goes on whatever they answer; the answer farthest from 0 in
 * the order negative, positive, 0.
 */
int lws_ext_tell_all(const struct lws_ext_about *about,
		     struct libwebsocket_extension *all,
		     const struct lws_ext_chain *chain,
		     enum libwebsocket_extension_callback_reasons reason,
		     void *in, size_t len);

/*
 * What active ones still hold back for the wire, before a connection closes
 * (FLUSH_PENDING_TX): LWS_EXT_PIECE with *@out filled as often as there is
 * something, then LWS_EXT_NOTHING; negative when one fails.  Good until the
 * next call.
 */
int lws_ext_drain(const struct lws_ext_chain *chain, struct lws_span *out);

#endif
