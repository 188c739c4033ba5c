/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/server.c - opening what the creation info asks for.
 */
#include "stage/stages.h"

#include "core/context.h"
#include "core/watch.h"
#include "net/net.h"

static int
add_listener(struct libwebsocket_context *context, int fd)
{
	struct lws_loop *loop = lws_context_loop(context);
	struct libwebsocket *wsi;
	int rc;

	wsi = lws_wsi_new(loop, fd, &lws_stage_listen, &context->protocols[0]);
	if (!wsi) {
		lws_plat_close(fd);
		return LWS_ERR_NOMEM;
	}
	wsi->flags |= LWS_WSI_INTERNAL;
	lws_list_del(&wsi->peers);
	lws_list_add(&loop->listeners, &wsi->peers);
	rc = lws_watch_open(wsi);
	if (rc < 0)
		lws_wsi_discard(wsi);
	return rc;
}

int
lws_server_open(struct libwebsocket_context *context,
		struct lws_context_creation_info *info)
{
	const struct lws_listen_spec spec = {
		.iface = info->iface,
		.port = info->port,
		.backlog = LWS_SOMAXCONN,
		.ipv6 = context->ipv6,
	};
	char why[256];
	int port = info->port, fd, rc;

	fd = lws_listen_open(&spec, &port, why, sizeof(why));
	if (fd < 0) {
		lwsl_err("cannot listen: %s\n", why);
		return fd;
	}
	rc = add_listener(context, fd);
	if (rc < 0) {
		lwsl_err("cannot listen on port %d: %s\n", port,
			 lws_err_name(rc));
		return rc;
	}
	info->port = port;
	lwsl_notice(" Listening on port %d\n", port);
	return 0;
}
