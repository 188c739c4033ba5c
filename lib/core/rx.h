/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/rx.h - input of a connection: one shared buffer, fed to its stage.
 */
#ifndef LWS_CORE_RX_H
#define LWS_CORE_RX_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct libwebsocket;

/* writable bytes that applications expect around what they are given */
#define LWS_RX_LEAD  32
#define LWS_RX_SLACK 32

/*
 * Most that is read at a time where extensions are active: what a turn leaves
 * of it is copied.
 */
#define LWS_RX_EXTENDED (LWS_RX_BUFFER < 65536 ? LWS_RX_BUFFER : 65536)

/* input held back, in order, until somebody takes it */
struct lws_stash {
	size_t off, len;	/* data[off] is next; len bytes are there */
	uint8_t data[];		/* with lead and slack around */
};

/* The socket has bytes (or the end of them). */
int lws_rx_ready(struct libwebsocket *wsi);

/* Feed what was held back, now. */
int lws_rx_unstash(struct libwebsocket *wsi);

/* Let input flow again, soon: held bytes come without new ones. */
void lws_rx_resume(struct libwebsocket *wsi);

/*
 * For a stage that holds input itself, or has had its share of this turn: its
 * rx() is called in the next one, unless the user has stopped the flow, then
 * when he lets it go on; @in may be empty then.
 */
void lws_rx_pause(struct libwebsocket *wsi);

/* is there input held back that could be delivered? */
bool lws_rx_held(const struct libwebsocket *wsi);

/* does the transport hold input that poll() does not see, and may it come? */
bool lws_rx_hidden(const struct libwebsocket *wsi);

#endif
