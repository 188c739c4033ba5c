/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client.c - libwebsocket_client_connect(): remember what is asked for,
 * start.
 *
 * Each attempt has exactly one outcome.  NULL means nothing was started and
 * nothing will be called back; a connection means that CLIENT_ESTABLISHED or
 * CLIENT_CONNECTION_ERROR follows, never before the call has returned.
 */
#include "stage/client.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/size.h"
#include "core/context.h"
#include "core/user.h"
#include "core/watch.h"
#include "net/net.h"
#include "tls/tls.h"

static size_t
size_of(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

/* The next string goes to *@at, which moves on. */
static char *
place(char **at, const char *s)
{
	size_t n = size_of(s);
	char *copy = *at;

	if (!s)
		return NULL;
	memcpy(copy, s, n);
	*at += n;
	return copy;
}

/* One allocation: the struct, then the strings. */
static struct lws_client_request *
remember(const struct lws_client_wish *w, const struct lws_proxy *proxy)
{
	const char *const all[] = {
		w->address,
		w->path,
		w->host,
		w->origin,
		w->protocols,
		w->headers,
		proxy ? proxy->host : NULL,
		proxy ? proxy->auth : NULL,
	};
	struct lws_client_request *r;
	size_t need = sizeof(*r), n;
	char *at;

	for (n = 0; n < sizeof(all) / sizeof(all[0]); n++)
		if (!lws_add_ok(need, size_of(all[n]), &need))
			return NULL;
	r = lws_zalloc(need);
	if (!r)
		return NULL;
	at = (char *)(r + 1);
	r->address = place(&at, w->address);
	r->path = place(&at, w->path);
	r->host = place(&at, w->host);
	r->origin = place(&at, w->origin);
	r->protocols = place(&at, w->protocols);
	r->headers = place(&at, w->headers);
	r->proxy_host = place(&at, all[6]);
	r->proxy_auth = place(&at, all[7]);
	r->proxy_port = proxy ? proxy->port : 0;
	r->port = w->port;
	r->ssl = w->ssl;
	r->pings = w->pings;
	return r;
}

/* A line end would let one value write further header lines. */
static bool
clean(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static const struct lws_wire *
check(const struct lws_client_wish *w)
{
	int version = w->version < 0 ? SPEC_LATEST_SUPPORTED : w->version;
	const struct lws_wire *wire = lws_wire_find(version);

	if (!w->address || !*w->address || !w->path || *w->path != '/' ||
	    w->port < 1 || w->port > 65535) {
		lwsl_err("client connect: address, port or path missing\n");
		return NULL;
	}
	if (!clean(w->path) || strchr(w->path, ' ') || !clean(w->host) ||
	    !clean(w->origin) || !clean(w->protocols) || !clean(w->address) ||
	    strchr(w->address, ' ')) {
		lwsl_err("client connect: control character in a value\n");
		return NULL;
	}
	if (w->ssl && !lws_tls_built()) {
		lwsl_err("client connect: this build has no TLS, "
			 "ssl_connection must be 0\n");
		return NULL;
	}
	if (!wire)
		lwsl_err("client connect: version %d is not supported, "
			 "this build speaks %s\n",
			 version, lws_wire_versions());
	return wire;
}

int
lws_client_failed(struct libwebsocket *wsi, int rc, const char *format, ...)
{
	struct lws_client_request *r = wsi->u.client.request;
	va_list args;

	va_start(args, format);
	vsnprintf(r->why, sizeof(r->why), format, args);
	va_end(args);
	return rc;
}

static struct libwebsocket *
create(struct libwebsocket_context *context, const struct lws_client_wish *w,
       const struct lws_wire *wire)
{
	struct lws_loop *loop = lws_context_loop(context);
	struct lws_client_request *r =
		remember(w, lws_proxy_for(context, w->address, w->port));
	struct libwebsocket *wsi = NULL;

	if (r)
		wsi = lws_wsi_new(
			loop, -1, &lws_stage_connecting,
			lws_notice_error_target(context, w->protocols));
	if (!wsi) {
		lwsl_err("client connect: out of memory\n");
		lws_free(r);
		return NULL;
	}
	r->wire = wire;
	wsi->u.client.request = r;
	wsi->flags |= LWS_WSI_CLIENT | LWS_WSI_CREATED;
	wsi->user_space = w->userdata;
	lws_user_first(wsi, LWS_CALLBACK_WSI_CREATE, NULL, 0);
	return wsi;
}

/* Nothing was started after all: end it without a word of failure. */
static void
undo(struct libwebsocket *wsi)
{
	lwsl_err("client connect: %s\n", wsi->u.client.request->why);
	lws_watch_close(wsi);
	lws_user_first(wsi, LWS_CALLBACK_WSI_DESTROY, NULL, 0);
	lws_wsi_discard(wsi);
}

/* An extension that takes it over needs no socket of ours. */
static int
begin(struct libwebsocket *wsi)
{
	struct lws_client_request *r = wsi->u.client.request;

	r->taken = lws_extended_connects(wsi, r->address, r->port);
	if (!r->taken)
		return lws_connecting_begin(wsi);
	libwebsocket_set_timeout(
		wsi, PENDING_TIMEOUT_AWAITING_EXTENSION_CONNECT_RESPONSE,
		AWAITING_TIMEOUT);
	return 0;
}

struct libwebsocket *
lws_client_connect(struct libwebsocket_context *context,
		   const struct lws_client_wish *w)
{
	const struct lws_wire *wire = check(w);
	struct libwebsocket *wsi;
	int rc;

	if (!wire || !context)
		return NULL;
	if (lws_context_loop(context)->destroying) {
		lwsl_info("client connect: the context is being destroyed\n");
		return NULL;
	}
	wsi = create(context, w, wire);
	if (!wsi)
		return NULL;
	rc = begin(wsi);
	if (rc >= 0)
		return wsi;
	if (context->notice->resolve_first) {
		undo(wsi);
		return NULL;
	}
	/* the outcome follows in the next turn */
	wsi->u.client.request->failed = rc;
	lws_wsi_fail(wsi);
	return wsi;
}

LWS_VISIBLE struct libwebsocket *
libwebsocket_client_connect_extended(struct libwebsocket_context *context,
				     const char *address, int port,
				     int ssl_connection, const char *path,
				     const char *host, const char *origin,
				     const char *protocol,
				     int ietf_version_or_minus_one,
				     void *userdata)
{
	const struct lws_client_wish w = {
		.address = address,
		.path = path,
		.host = host ? host : address,
		.origin = origin,
		.protocols = protocol,
		.port = port,
		.ssl = ssl_connection,
		.version = ietf_version_or_minus_one,
		.userdata = userdata,
	};

	return lws_client_connect(context, &w);
}

LWS_VISIBLE struct libwebsocket *
libwebsocket_client_connect(struct libwebsocket_context *context,
			    const char *address, int port, int ssl_connection,
			    const char *path, const char *host,
			    const char *origin, const char *protocol,
			    int ietf_version_or_minus_one)
{
	return libwebsocket_client_connect_extended(
		context, address, port, ssl_connection, path, host, origin,
		protocol, ietf_version_or_minus_one, NULL);
}
