/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * server.h - how the files of the test server know each other.
 *
 * test-server.c reads the command line and runs the loop, loop.c is the loop
 * itself in its two forms, and http.c, increment.c and mirror.c are the three
 * protocols.  headers.c prints what a peer sent.
 */
#ifndef LWS_TEST_SERVER_H
#define LWS_TEST_SERVER_H

#include <stdbool.h>

#include "libwebsockets.h"

enum server_protocol {
	PROTOCOL_HTTP,		/* always first: it gets what has no protocol */
	PROTOCOL_INCREMENT,
	PROTOCOL_MIRROR,
	PROTOCOL_END
};

extern struct libwebsocket_protocols server_protocols[PROTOCOL_END + 1];

/* --closetest: connections end after 50 numbers, the mirror is silent */
extern bool server_close_testing;

/* ---- http.c ---- */

struct http_session {
	void *file;		/* being sent by hand, else NULL */
	unsigned long left;	/* bytes of it still to send */
	bool posting;		/* a request body is on its way */
};

callback_function http_callback;

/* Files come from @dir and nowhere else; false, and a line why, if it is bad */
bool http_serve_from(const char *dir);

/* ---- increment.c ---- */

struct increment_session {
	unsigned int number;
};

callback_function increment_callback;

/* ---- mirror.c ---- */

struct mirror_session {
	struct mirror_session *next;
	struct mirror_session **link;	/* what points at us */
	struct libwebsocket *wsi;
	long long since;	/* last took something, or could not */
	unsigned int tail;	/* next entry to take, where it is behind */
	bool behind;		/* it does not get what all get */
	unsigned char carry[3];	/* start of a character cut by a chunk's end */
	unsigned char carried;	/* bytes of it */
	bool in_message;	/* more chunks of it are to come */
	bool dropped;		/* and go nowhere, like one before them */
};

callback_function mirror_callback;

/* Look for readers no longer worth waiting for; now and then. */
void mirror_tick(void);

/* ---- headers.c ---- */

/* Print every header of the request on stderr. */
void print_headers(struct libwebsocket *wsi);

/* ---- loop.c ---- */

/* Say on stderr who polls. */
void loop_announce(void);

/* Wait at most @timeout_ms and serve what is ready; negative when broken. */
int loop_serve(struct libwebsocket_context *context, int timeout_ms);

/* The loop's share of the callbacks of the first protocol. */
int loop_callback(enum libwebsocket_callback_reasons reason, const void *in);

void loop_free(void);

#endif
