/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client.h - what a client asked for, until it is established.
 */
#ifndef LWS_STAGE_CLIENT_H
#define LWS_STAGE_CLIENT_H

#include "stage/stages.h"

/* one allocation, the strings behind the struct */
struct lws_client_request {
	char *address, *path, *host;
	char *origin, *protocols;	/* may be NULL */
	const struct lws_wire *wire;
	int port;
	uint64_t offered;		/* extensions, as bits of the array */
	bool head_done;			/* the answer's body is collected */
	uint8_t key_len, body_len;	/* bytes there */
	char key[LWS_HANDSHAKE_KEY];	/* what the answer has to fit */
	uint8_t body[LWS_HANDSHAKE_BODY];	/* behind the answer's head */
	char why[256];			/* of the failure, for the user */
};

/* Note why it failed; the result is @rc, to be given up. */
int lws_client_failed(struct libwebsocket *wsi, int rc, const char *format,
		      ...) __attribute__((format(printf, 3, 4)));

/* ---- client-connecting.c ---- */

/* Begin; 0, or an enum lws_err with request->why filled. */
int lws_connecting_begin(struct libwebsocket *wsi);

/* ---- client-handshake.c ---- */

/* Connected: send the request. */
int lws_handshake_begin(struct libwebsocket *wsi);

/* CLIENT_CONNECTION_ERROR, with the reason in words */
void lws_client_over(struct libwebsocket *wsi, int rc);
void lws_client_leave(struct libwebsocket *wsi);

#endif
