/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * echo-threads-none.c - builds without threads have one.
 */
#include "echo.h"

#include "common.h"

int
echo_serve_threads(struct libwebsocket_context *context, int count)
{
	int n = 0;

	(void)count;
	while (n >= 0 && !stopping())
		n = libwebsocket_service(context, 1000);
	if (n >= 0)
		n = stop_gently(context, libwebsocket_service);
	return n < 0;
}
