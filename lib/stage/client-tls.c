/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client-tls.c - a client's TLS handshake, before its request.
 */
#include "stage/client.h"

#include "core/context.h"
#include "core/user.h"
#include "core/watch.h"
#include "tls/tls.h"

/* A certificate that is refused is worth a warning, and one line is enough. */
int
lws_client_tls_failed(struct libwebsocket *wsi, int rc)
{
	struct lws_client_request *r = wsi->u.client.request;
	char why[LWS_TLS_WHY];
	const bool refused = lws_tls_why(&wsi->stream, why);

	lws_client_failed(wsi, rc, "TLS with %s:%d failed: %s", r->address,
			  r->port, why);
	if (refused)
		lwsl_warn("client: %s\n", r->why);
	r->told = refused;
	return rc;
}

/* The handshake, as far as it goes without waiting. */
static int
client_tls_ready(struct libwebsocket *wsi, short revents)
{
	char text[128];
	int rc;

	(void)revents;
	rc = wsi->stream.ops->handshake(&wsi->stream);
	lws_watch_refresh(wsi);
	if (rc == LWS_ERR_AGAIN)
		return 0;
	if (rc < 0)
		return lws_client_tls_failed(wsi, rc);
	lws_tls_describe(&wsi->stream, text, sizeof(text));
	lwsl_info("TLS with a server: %s\n", text);
	rc = lws_handshake_begin(wsi);
	if (rc >= 0)
		lws_rx_resume(wsi);
	return rc;
}

static int
client_tls_expired(struct libwebsocket *wsi, unsigned reason)
{
	const struct lws_client_request *r = wsi->u.client.request;

	(void)reason;
	return lws_client_failed(wsi, LWS_ERR_TIMEOUT,
				 "no TLS with %s:%d within %d seconds",
				 r->address, r->port, AWAITING_TIMEOUT);
}

static const struct lws_stage_ops client_tls = {
	.ready = client_tls_ready,
	.expired = client_tls_expired,
	.over = lws_client_over,
	.leave = lws_client_leave,
};

int
lws_client_tls_begin(struct libwebsocket *wsi)
{
	struct lws_client_request *r = wsi->u.client.request;
	const struct lws_tls_peer peer = {
		.host = r->address,
		.port = r->port,
		.mode = r->ssl,
	};
	char why[LWS_TLS_WHY];
	int rc = lws_tls_connect(lws_context_of(wsi)->tls, &wsi->stream, &peer,
				 why);

	if (rc < 0)
		return lws_client_failed(wsi, rc, "%s", why);
	wsi->stage = &client_tls;
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_SSL_ACCEPT,
				 AWAITING_TIMEOUT);
	return client_tls_ready(wsi, 0);
}
