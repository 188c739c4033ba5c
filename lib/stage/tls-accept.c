/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/tls-accept.c - a newcomer on a TLS port: the handshake.
 *
 * Nothing of OpenSSL is made before the first byte is here, so those who only
 * connect cost little; and that byte tells plain HTTP from TLS where both are
 * welcome.  Signing is by far the most expensive thing a server does, so a turn
 * has so many steps of handshakes and no more: a storm of newcomers takes its
 * share of the time and leaves the rest to who is connected.
 */
#include "stage/stages.h"

#include "core/context.h"
#include "core/user.h"
#include "core/watch.h"
#include "tls/tls.h"

/* steps of handshakes in a turn */
#define BUDGET 16

/* the first byte of TLS is below, that of a request is not */
#define FIRST_OF_TEXT 0x20

/* HTTP from here on, over whatever the stream is by now. */
static int
begin_http(struct libwebsocket *wsi)
{
	lws_wsi_enter(wsi, &lws_stage_request);
	wsi->u.http.file = -1;
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_ESTABLISH_WITH_SERVER,
				 AWAITING_TIMEOUT);
	lws_watch_refresh(wsi);
	/* the request may have come along with the end of the handshake */
	lws_rx_resume(wsi);
	return 0;
}

static int
failed(struct libwebsocket *wsi, int rc)
{
	char why[LWS_TLS_WHY];

	lws_tls_why(&wsi->stream, why);
	lwsl_info("TLS handshake with a client failed: %s\n", why);
	return rc;
}

static void
log_agreement(const struct libwebsocket *wsi)
{
	char text[128];

	lws_tls_describe(&wsi->stream, text, sizeof(text));
	lwsl_info("TLS with a client: %s\n", text);
}

/*
 * The first byte decides: 1 when the stream is TLS now, 0 when there is none
 * yet or it goes on as plain HTTP.
 */
static int
look(struct libwebsocket *wsi)
{
	struct libwebsocket_context *context = lws_context_of(wsi);
	uint8_t first;
	const ssize_t n = lws_plat_peek(wsi->stream.fd, &first, 1);
	int rc;

	if (n <= 0)
		return n == LWS_ERR_AGAIN ? 0 : n ? (int)n : LWS_ERR_CLOSED;
	if (context->options & LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT &&
	    first >= FIRST_OF_TEXT)
		return begin_http(wsi);
	rc = lws_tls_accept(context->tls, &wsi->stream);
	if (rc < 0)
		lwsl_err("out of memory: a new connection is dropped\n");
	return rc < 0 ? rc : 1;
}

static int
accept_ready(struct libwebsocket *wsi, short revents)
{
	int rc;

	(void)revents;
	if (wsi->loop->handshakes >= BUDGET) {
		lws_watch_work(wsi);
		return 0;
	}
	rc = wsi->stream.tls ? 1 : look(wsi);
	if (rc <= 0)
		return rc;
	wsi->loop->handshakes++;
	rc = wsi->stream.ops->handshake(&wsi->stream);
	lws_watch_refresh(wsi);
	if (rc == LWS_ERR_AGAIN)
		return 0;
	if (rc < 0)
		return failed(wsi, rc);
	log_agreement(wsi);
	return begin_http(wsi);
}

static int
accept_expired(struct libwebsocket *wsi, unsigned reason)
{
	(void)wsi;
	(void)reason;
	lwsl_info("TLS handshake with a client failed: not done within %d "
		  "seconds\n", AWAITING_TIMEOUT);
	return LWS_ERR_TIMEOUT;
}

const struct lws_stage_ops lws_stage_tls_accept = {
	.ready = accept_ready,
	.expired = accept_expired,
};
