/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client-connecting.c - TCP, one address after the other.
 */
#include "stage/client.h"

#include <poll.h>

#include "base/alloc.h"
#include "core/context.h"
#include "core/user.h"
#include "core/watch.h"
#include "net/net.h"

/* A socket on its way to the next address, or why there is none. */
static int
next_socket(struct libwebsocket *wsi)
{
	struct lws_client *c = &wsi->u.client;
	int fd = lws_connect_next(c->addrs, lws_context_of(wsi)->iface,
				  c->request->why, sizeof(c->request->why));

	if (fd >= 0)
		lws_wsi_tune_socket(lws_context_of(wsi), fd);
	return fd;
}

int
lws_connecting_begin(struct libwebsocket *wsi)
{
	struct lws_client *c = &wsi->u.client;
	int fd, rc;

	c->addrs = lws_addrs_resolve(c->request->address, c->request->port,
				     lws_context_of(wsi)->ipv6, c->request->why,
				     sizeof(c->request->why));
	if (!c->addrs)
		return LWS_ERR_NOENT;
	fd = next_socket(wsi);
	if (fd < 0)
		return fd;
	wsi->stream.fd = fd;
	wsi->flags |= LWS_WSI_CONNECTING;
	rc = lws_watch_open(wsi);
	if (rc < 0)
		return lws_client_failed(wsi, rc, "cannot watch the socket: %s",
					 lws_err_name(rc));
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_CONNECT_RESPONSE,
				 AWAITING_TIMEOUT);
	return 0;
}

static int
connecting_ready(struct libwebsocket *wsi, short revents)
{
	struct lws_client *c = &wsi->u.client;
	int fd, rc;

	if (!(revents & (POLLOUT | POLLERR | POLLHUP)))
		return 0;
	rc = lws_connect_finish(c->addrs, wsi->stream.fd, c->request->why,
				sizeof(c->request->why));
	if (rc == LWS_ERR_AGAIN)
		return 0;
	if (rc >= 0) {
		wsi->flags &= ~(uint32_t)LWS_WSI_CONNECTING;
		return lws_handshake_begin(wsi);
	}
	lwsl_info("%s\n", c->request->why);
	fd = next_socket(wsi);
	return fd == LWS_ERR_NOENT ? rc
	       : fd < 0		   ? fd
				   : lws_watch_reopen(wsi, fd);
}

static int
connecting_expired(struct libwebsocket *wsi, unsigned reason)
{
	char target[128];

	(void)reason;
	if (!wsi->u.client.addrs)
		return lws_client_failed(wsi, LWS_ERR_TIMEOUT,
					 "taken over by an extension, which "
					 "did not connect");
	lws_connect_target(wsi->u.client.addrs, target, sizeof(target));
	return lws_client_failed(wsi, LWS_ERR_TIMEOUT,
				 "no connection to %s within %d seconds",
				 target, AWAITING_TIMEOUT);
}

void
lws_client_over(struct libwebsocket *wsi, int rc)
{
	struct lws_client_request *r = wsi->u.client.request;

	if (wsi->loop->destroying)
		lws_client_failed(wsi, rc, "the context is being destroyed");
	else if (!r->why[0])
		lws_client_failed(wsi, rc, "connection to %s:%d failed: %s",
				  r->address, r->port, lws_err_name(rc));
	lwsl_info("client: %s\n", r->why);
	lws_user(wsi, LWS_CALLBACK_CLIENT_CONNECTION_ERROR, r->why,
		 strlen(r->why));
}

void
lws_client_leave(struct libwebsocket *wsi)
{
	lws_addrs_free(wsi->u.client.addrs);
	lws_free(wsi->u.client.request);
	wsi->u.client.addrs = NULL;
	wsi->u.client.request = NULL;
}

const struct lws_stage_ops lws_stage_connecting = {
	.name = "client-connecting",
	.ready = connecting_ready,
	.expired = connecting_expired,
	.over = lws_client_over,
	.leave = lws_client_leave,
};
