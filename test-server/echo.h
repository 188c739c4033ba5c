/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * echo.h - how the files of test-echo know each other.
 */
#ifndef LWS_TEST_ECHO_H
#define LWS_TEST_ECHO_H

#include <stdbool.h>

#include "libwebsockets.h"

/* ---- echo.c: one end that returns what the other sends ---- */

struct echo_session {
	bool in_message;	/* the next chunk continues what was returned */
};

/* The server's share of the callbacks; sessions are struct echo_session. */
callback_function echo_callback;

/* ---- echo-deflate.c: how it compresses, told by the command line ---- */

/*
 * Add to @deflate what a list as "level=6,mem=8,keep" says; @list is cut to
 * pieces.  False, after a line on stderr that says what is wrong with it.
 */
bool echo_deflate_parse(char *list, struct lws_deflate_options *deflate);

/* ---- echo-threads.c, echo-threads-none.c ---- */

#define ECHO_THREADS_MAX 255

/*
 * Serve the context, which was made for @count threads, by as many, until
 * stopped; the program's status.
 */
int echo_serve_threads(struct libwebsocket_context *context, int count);

/* ---- echo-client.c: the other end ---- */

struct echo_client {
	const char *address;
	const char *uri;
	int port;
	int ssl_connection;
	int period_ms;
	bool versa;		/* echo instead of talking */
};

/* The client's share of the callbacks. */
callback_function echo_client_callback;

/* Connect, talk, connect again, until stopped; the program's status. */
int echo_client_run(struct libwebsocket_context *context,
		    const struct echo_client *settings);

#endif
