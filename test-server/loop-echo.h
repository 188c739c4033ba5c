/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * loop-echo.h - what the examples of loops that are not the library's serve.
 */
#ifndef LWS_TEST_LOOP_ECHO_H
#define LWS_TEST_LOOP_ECHO_H

#include "libwebsockets.h"

/*
 * An echo server on the port that argv[1] names, or any that is free; says on
 * stdout which.  @loop, of the kind @backend names, serves it.  NULL on
 * failure, after a line that says why.
 */
struct libwebsocket_context *loop_echo(int argc, char **argv,
				       const char *backend, void *loop);

/* What the timer of an example does, about once a second. */
void loop_echo_tick(void);

#endif
