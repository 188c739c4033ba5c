/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * echo-client-none.c - test-echo of a build whose library has no client; what
 * the command line may ask for has been looked at before.
 */
#include "echo.h"

int
echo_client_callback(struct libwebsocket_context *context,
		     struct libwebsocket *wsi,
		     enum libwebsocket_callback_reasons reason, void *user,
		     void *in, size_t len)
{
	(void)context;
	(void)wsi;
	(void)reason;
	(void)user;
	(void)in;
	(void)len;
	return 0;
}

int
echo_client_run(struct libwebsocket_context *context,
		const struct echo_client *settings)
{
	(void)context;
	(void)settings;
	return 1;
}
