/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/server.c - opening what the creation info asks for.
 */
#include "stage/stages.h"

#include "core/context.h"
#include "core/watch.h"
#include "net/net.h"

struct libwebsocket *
lws_server_own(struct lws_loop *loop, int fd, const struct lws_stage_ops *stage)
{
	struct libwebsocket *wsi =
		lws_wsi_new(loop, fd, stage, &loop->context->protocols[0]);

	if (!wsi) {
		lws_plat_close(fd);
		return NULL;
	}
	wsi->flags |= LWS_WSI_INTERNAL;
	lws_list_del(&wsi->peers);
	lws_list_add(&loop->listeners, &wsi->peers);
	return wsi;
}

static int
add_listener(struct lws_loop *loop, int fd)
{
	struct libwebsocket *wsi = lws_server_own(loop, fd, &lws_stage_listen);
	int rc;

	if (!wsi)
		return LWS_ERR_NOMEM;
	rc = lws_watch_open(wsi);
	if (rc < 0) {
		lwsl_err("cannot listen: %s\n", lws_err_name(rc));
		lws_wsi_discard(wsi);
	}
	return rc;
}

/* a descriptor, and in @spec its port; or an enum lws_err after logging it */
static int
open_socket(struct lws_listen_spec *spec)
{
	char why[256];
	const int fd = lws_listen_open(spec, &spec->port, why, sizeof(why));

	if (fd < 0)
		lwsl_err("cannot listen: %s\n", why);
	return fd;
}

/*
 * A port that is shared takes sockets of any program of this user that shares
 * it, too, and half of the connections would be theirs.  So look first whether
 * it is free for one who does not share; a port that was picked is.
 */
static int
look_first(struct lws_listen_spec spec)
{
	int fd;

	if (!spec.reuse_port || !spec.port)
		return 0;
	spec.reuse_port = false;
	fd = open_socket(&spec);
	if (fd < 0)
		return fd;
	lws_plat_close(fd);
	return 0;
}

/* A socket for each loop: the system deals out who connects. */
static int
open_all(struct libwebsocket_context *context, struct lws_listen_spec *spec)
{
	int rc = look_first(*spec), fd;
	unsigned n;

	for (n = 0; rc >= 0 && n < context->count_loops; n++) {
		fd = open_socket(spec);
		if (fd < 0)
			return fd;
		rc = add_listener(&context->loops[n], fd);
	}
	return rc;
}

/* A socket of somebody else, which all loops share. */
static int
adopt(struct libwebsocket_context *context, int fd, int *port)
{
	char why[256];
	unsigned n;
	int rc = lws_listen_adopt(fd, port, why, sizeof(why));

	if (rc < 0) {
		lwsl_err("cannot listen: %s\n", why);
		return rc;
	}
	rc = add_listener(context->loops, fd);
	for (n = 1; rc >= 0 && n < context->count_loops; n++) {
		rc = lws_plat_duplicate(fd);
		if (rc >= 0)
			rc = add_listener(&context->loops[n], rc);
	}
	return rc;
}

int
lws_server_open(struct libwebsocket_context *context,
		struct lws_context_creation_info *info)
{
	struct lws_listen_spec spec = {
		.iface = info->iface,
		.port = info->port,
		.backlog = LWS_SOMAXCONN,
		.ipv6 = context->ipv6,
		.reuse_port = context->count_loops > 1,
	};
	int rc = info->listen_fd > 0
			 ? adopt(context, info->listen_fd, &spec.port)
			 : open_all(context, &spec);

	if (rc < 0)
		return rc;
	info->port = spec.port;
	lwsl_notice(" Listening on port %d\n", spec.port);
	return 0;
}
