/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/listen.c - a listening socket: accept, filter, make a connection.
 *
 * Out of descriptors is no reason to spin or to die: the listener sleeps for
 * a second and says so once, while everybody who is connected goes on.
 */
#include "stage/stages.h"

#include "core/context.h"
#include "core/user.h"
#include "core/watch.h"
#include "net/net.h"
#include "tls/tls.h"

/* connections accepted at one go, so that newcomers do not starve others */
#define BURST 64

static void
rest(struct libwebsocket *wsi)
{
	struct lws_listener *l = &wsi->u.listener;

	if (!l->warned)
		lwsl_warn("out of descriptors: new connections wait, raise "
			  "ulimit -n\n");
	l->warned = true;
	wsi->flags |= LWS_WSI_STOPPED;
	lws_watch_refresh(wsi);
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_PING, 1);
}

/* May this peer connect?  The descriptor is given in both historic places. */
static bool
filter(struct libwebsocket *listener, int fd)
{
	struct libwebsocket_context *context = lws_context_of(listener);
	void *arg = (void *)(intptr_t)fd;

	return !context->protocols[0].callback(
		context, listener, LWS_CALLBACK_FILTER_NETWORK_CONNECTION, arg,
		arg, 0);
}

static void
welcome(struct libwebsocket *listener, int fd)
{
	struct libwebsocket_context *context = lws_context_of(listener);
	const bool tls = LWS_BUILT_TLS && lws_tls_serves(context->tls);
	struct libwebsocket *wsi;
	int rc;

	if (!filter(listener, fd)) {
		lws_plat_close(fd);
		return;
	}
	lws_wsi_tune_socket(context, fd);
	wsi = lws_wsi_new(listener->loop, fd,
			  tls ? &lws_stage_tls_accept : &lws_stage_request,
			  &context->protocols[0]);
	if (!wsi) {
		lwsl_err("out of memory: a new connection is dropped\n");
		lws_plat_close(fd);
		return;
	}
	if (!tls)
		wsi->u.http.file = -1;
	wsi->flags |= LWS_WSI_CREATED;
	lws_user_first(wsi, LWS_CALLBACK_WSI_CREATE, NULL, 0);
	lws_user_first(wsi, LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED, NULL,
		       0);
	rc = lws_watch_open(wsi);
	if (rc == LWS_ERR_NOFD && !listener->u.listener.warned) {
		lwsl_warn("new connections are dropped: descriptor %d is above "
			  "the limit at the start\n", fd);
		listener->u.listener.warned = true;
	}
	if (rc < 0) {
		lwsl_info("new connection dropped: %s\n", lws_err_name(rc));
		lws_wsi_doom(wsi, rc);
		return;
	}
	libwebsocket_set_timeout(wsi,
				 tls ? PENDING_TIMEOUT_SSL_ACCEPT
				     : PENDING_TIMEOUT_ESTABLISH_WITH_SERVER,
				 AWAITING_TIMEOUT);
}

/* 1 when there may be more of them. */
static int
listen_ready(struct libwebsocket *wsi, short revents)
{
	int n, fd;

	(void)revents;
	if (wsi->flags & LWS_WSI_STOPPED)
		return 0;
	for (n = 0; n < BURST; n++) {
		fd = lws_plat_accept(wsi->stream.fd);
		if (fd == LWS_ERR_AGAIN) {
			/* nobody waits: a later shortage is another one */
			wsi->u.listener.warned = false;
			return 0;
		}
		if (fd < 0) {
			rest(wsi);
			return 0;
		}
		welcome(wsi, fd);
	}
	return 1;
}

static int
listen_expired(struct libwebsocket *wsi, unsigned reason)
{
	(void)reason;
	wsi->flags &= ~(uint32_t)LWS_WSI_STOPPED;
	lws_watch_refresh(wsi);
	return 0;
}

const struct lws_stage_ops lws_stage_listen = {
	.ready = listen_ready,
	.expired = listen_expired,
};
