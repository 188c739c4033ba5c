/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client-proxy.c - through an HTTP proxy: CONNECT and its answer (RFC
 * 9110 section 9.3.6).
 *
 * Plain connections take the tunnel as well as TLS does: proxies forward
 * neither the Upgrade of a request nor what comes after it.
 */
#include "stage/client.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "core/context.h"
#include "core/watch.h"

/* ---- settings ---- */

/* Read one from @source; an unusable one is warned of, once. */
static struct lws_proxy *
read_setting(const char *source, const char *text, unsigned port)
{
	char why[LWS_WHY_LEN];
	struct lws_proxy *p;

	if (port > 65535)
		port = 0;
	p = lws_proxy_parse(text, (int)port, why, sizeof(why));
	if (!p)
		lwsl_warn("%s is not used: %s\n", source, why);
	return p;
}

static char *
copy_env(const char *name, const char *other)
{
	const char *value = getenv(name);

	return lws_strdup(value ? value : getenv(other));
}

void
lws_proxy_settings(struct libwebsocket_context *context,
		   const struct lws_context_creation_info *info)
{
	const char *env = getenv("http_proxy");

	context->no_proxy = copy_env("no_proxy", "NO_PROXY");
	if (info->http_proxy_address) {
		if (*info->http_proxy_address)
			context->proxy = read_setting("http_proxy_address",
						      info->http_proxy_address,
						      info->http_proxy_port);
	} else if (env && *env) {
		context->proxy =
			read_setting("http_proxy of the environment", env, 0);
	}
	if (context->proxy)
		lwsl_notice(" clients go through the proxy %s:%d\n",
			    context->proxy->host, context->proxy->port);
}

void
lws_proxy_settings_free(struct libwebsocket_context *context)
{
	lws_free(context->proxy);
	lws_free(context->no_proxy);
}

const struct lws_proxy *
lws_proxy_for(const struct libwebsocket_context *context, const char *host,
	      int port)
{
	if (!context->proxy || !host ||
	    lws_proxy_spares(context->no_proxy, host, port))
		return NULL;
	return context->proxy;
}

LWS_VISIBLE int
libwebsocket_set_proxy(struct libwebsocket_context *context, const char *proxy)
{
	struct lws_proxy *p;

	if (!proxy)
		return -1;
	p = read_setting("the proxy that was set", proxy, 0);
	if (!p)
		return -1;
	lws_free(context->proxy);
	context->proxy = p;
	return 0;
}

/* ---- the request ---- */

static int
put_auth(const struct lws_client_request *r, struct lws_buf *out)
{
	size_t len = strlen(r->proxy_auth), room = (len + 2) / 3 * 4 + 1;
	char *text = lws_alloc(room);

	if (!text)
		return LWS_ERR_NOMEM;
	lws_b64_encode_string(r->proxy_auth, (int)len, text, (int)room);
	lws_buf_printf(out, "Proxy-Authorization: Basic %s\r\n", text);
	lws_free(text);
	return 0;
}

/* @room bytes are enough, and a request that long never came from here. */
static int
send_request(struct libwebsocket *wsi, uint8_t *mem, size_t room)
{
	const struct lws_client_request *r = wsi->u.client.request;
	const bool bare_v6 = strchr(r->address, ':') && r->address[0] != '[';
	const char *open = bare_v6 ? "[" : "", *close = bare_v6 ? "]" : "";
	struct lws_buf out;
	int rc = 0;

	lws_buf_init(&out, mem, room);
	lws_buf_printf(&out, "CONNECT %s%s%s:%d HTTP/1.0\r\n", open, r->address,
		       close, r->port);
	lws_buf_printf(&out, "Host: %s%s%s:%d\r\n", open, r->address, close,
		       r->port);
	lws_reply_field(&out, "User-agent", "libwebsockets");
	if (r->proxy_auth)
		rc = put_auth(r, &out);
	lws_reply_end(&out);
	if (rc < 0 || !lws_buf_ok(&out))
		return rc < 0 ? rc : LWS_ERR_LIMIT;
	return lws_tx_add(wsi, lws_buf_written(&out));
}

static int
ask(struct libwebsocket *wsi)
{
	const struct lws_client_request *r = wsi->u.client.request;
	const size_t room = 2 * strlen(r->address) + 256 +
			    (r->proxy_auth ? 2 * strlen(r->proxy_auth) : 0);
	uint8_t *mem = lws_alloc(room);
	int rc;

	if (!mem)
		return LWS_ERR_NOMEM;
	wsi->stage = &lws_stage_proxy;
	lws_watch_refresh(wsi);
	rc = send_request(wsi, mem, room);
	lws_free(mem);
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_PROXY_RESPONSE,
				 AWAITING_TIMEOUT);
	return rc;
}

/* The way to the server is free. */
static int
through(struct libwebsocket *wsi)
{
	if (wsi->u.client.request->ssl)
		return lws_client_tls_begin(wsi);
	return lws_handshake_begin(wsi);
}

int
lws_client_through(struct libwebsocket *wsi)
{
	return wsi->u.client.request->proxy_host ? ask(wsi) : through(wsi);
}

/* ---- the answer ---- */

/* "proxy 10.0.0.1:3128 answered 407: ..." */
static int
refused(struct libwebsocket *wsi, unsigned status)
{
	const struct lws_client_request *r = wsi->u.client.request;
	const char *hint = "";

	/* 401 is meant for servers, but tinyproxy says so */
	if (status == 407 || status == 401)
		hint = r->proxy_auth ? ": it wants another user:password"
				     : ": it wants user:password@ before its "
				       "name";
	else if (status == 403)
		hint = ": it does not allow this address or port";
	else if (status >= 500)
		hint = ": it has no connection to the server";
	return lws_client_failed(wsi, LWS_ERR_PROTOCOL,
				 "proxy %s:%d answered %u%s", r->proxy_host,
				 r->proxy_port, status, hint);
}

static int
judge(struct libwebsocket *wsi)
{
	const struct lws_client_request *r = wsi->u.client.request;
	struct lws_http_head head;
	int rc = lws_http_parse_response(wsi->u.block, &head);

	if (rc < 0)
		return lws_client_failed(wsi, rc,
					 "the answer of proxy %s:%d is not "
					 "HTTP",
					 r->proxy_host, r->proxy_port);
	if (head.status < 200 || head.status > 299)
		return refused(wsi, head.status);
	return 0;
}

static int
proxy_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	const struct lws_client_request *r = wsi->u.client.request;
	int rc;

	if (!lws_wsi_need_headers(wsi))
		return LWS_ERR_NOMEM;
	rc = lws_block_collect(wsi->u.block, in);
	if (rc == LWS_ERR_LIMIT)
		return lws_client_failed(wsi, rc,
					 "the answer of proxy %s:%d is too "
					 "long",
					 r->proxy_host, r->proxy_port);
	if (rc <= 0)
		return rc;
	rc = judge(wsi);
	if (rc < 0)
		return rc;
	/* what follows in @in came through the tunnel */
	if (r->ssl && in->len)
		return lws_client_failed(wsi, LWS_ERR_PROTOCOL,
					 "%s:%d, behind proxy %s:%d, spoke "
					 "before TLS began",
					 r->address, r->port, r->proxy_host,
					 r->proxy_port);
	lws_wsi_drop_headers(wsi);
	return through(wsi);
}

static int
proxy_eof(struct libwebsocket *wsi)
{
	const struct lws_client_request *r = wsi->u.client.request;

	return lws_client_failed(wsi, LWS_ERR_CLOSED,
				 "proxy %s:%d closed without an answer",
				 r->proxy_host, r->proxy_port);
}

/* That the user asked for WRITEABLE is remembered. */
static int
proxy_writable(struct libwebsocket *wsi)
{
	wsi->flags |= LWS_WSI_ASKED;
	return 0;
}

static int
proxy_expired(struct libwebsocket *wsi, unsigned reason)
{
	const struct lws_client_request *r = wsi->u.client.request;

	(void)reason;
	return lws_client_failed(wsi, LWS_ERR_TIMEOUT,
				 "no answer from proxy %s:%d within %d seconds",
				 r->proxy_host, r->proxy_port,
				 AWAITING_TIMEOUT);
}

const struct lws_stage_ops lws_stage_proxy = {
	.rx = proxy_rx,
	.eof = proxy_eof,
	.writable = proxy_writable,
	.expired = proxy_expired,
	.over = lws_client_over,
	.leave = lws_client_leave,
};
