/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/server-none.c - a build without the server: a context with a port is
 * refused, and no connection is ever in a stage of HTTP.
 */
#include "stage/stages.h"

#include "stage/fork.h"

/* Others ask whether a connection is in these: none ever is. */
const struct lws_stage_ops lws_stage_listen = { 0 };
const struct lws_stage_ops lws_stage_tls_accept = { 0 };
const struct lws_stage_ops lws_stage_request = { 0 };

int
lws_server_open(struct libwebsocket_context *context,
		struct lws_context_creation_info *info)
{
	(void)context;
	lwsl_err("cannot listen on port %d: this build has no server, it was "
		 "configured --without-server; CONTEXT_PORT_NO_LISTEN is for "
		 "clients\n",
		 info->port);
	return LWS_ERR_UNSUPPORTED;
}

bool
lws_http_stage(const struct libwebsocket *wsi)
{
	(void)wsi;
	return false;
}

void
lws_broadcast_drain(const struct lws_kin *kin, int status, int timeout_ms)
{
	(void)kin;
	(void)status;
	(void)timeout_ms;
}
