/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/stage.h - the stages a connection goes through.
 *
 * A connection is always in exactly one stage: a const struct of functions
 * and one file in stage/.  Functions answer 0 to carry on or an enum lws_err
 * to end the connection; service.c alone turns that into lws_wsi_doom().
 */
#ifndef LWS_CORE_STAGE_H
#define LWS_CORE_STAGE_H

#include <stdbool.h>

#include "base/span.h"

struct libwebsocket;

struct lws_stage_ops {
	/*
	 * Readiness of the socket, or no events when this was put off by
	 * lws_watch_work(); NULL: it means bytes, which go to rx().
	 */
	int (*ready)(struct libwebsocket *wsi, short revents);

	/*
	 * Take from the front of @in what belongs to this stage; it may enter
	 * another, which is then offered the rest.  Taking nothing and staying
	 * means "not now": the rest is held until lws_rx_resume().
	 */
	int (*rx)(struct libwebsocket *wsi, struct lws_span *in);

	/* the peer has finished sending; NULL: that ends the connection */
	int (*eof)(struct libwebsocket *wsi);

	/* output is flushed and the socket takes more */
	int (*writable)(struct libwebsocket *wsi);

	/* the timer ran out for @reason (enum pending_timeout); NULL: end */
	int (*expired)(struct libwebsocket *wsi, unsigned reason);

	/*
	 * The connection ends in this stage because of @rc: queue a farewell,
	 * tell the user.  Called once, after its fd is out of the poll set of
	 * the application.  NULL: nobody needs to know.
	 */
	void (*over)(struct libwebsocket *wsi, int rc);

	/*
	 * Somebody asks to hear when output flows; true when that need not be
	 * passed on.  NULL: it never is.
	 */
	bool (*asked)(struct libwebsocket *wsi);

	/* Free what the stage holds in wsi->u; NULL when it holds nothing. */
	void (*leave)(struct libwebsocket *wsi);
};

#endif
